"""Decisions on appeals: declined, or upheld, reduced or revoked (contract.md, Appeals).

Both sides get a letter with the reasons, wherever the person is registered by now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.core.entries import Basis, EntryKind
from scoring_service.core.procedure import CORRECTING_OUTCOMES, NoticeKind, Outcome
from scoring_service.db.appeals import ACCEPTED, INSISTED, read_experts
from scoring_service.db.sanction_json import stated_sanction
from scoring_service.letters.settling import appeal_decision_facts
from scoring_service.problems import Conflict, Invalid
from scoring_service.services.appeals.conflicts import check_no_conflict
from scoring_service.services.appeals.filing import DECIDED, DECLINED, change, close_deed, find_entry
from scoring_service.services.appeals.parties import institution_of_case, institutions_signed
from scoring_service.services.appeals.reading import (
    check_state,
    hold_appeal,
    is_pending,
    require_appeal,
)
from scoring_service.services.appeals.values import check_reducible, check_value, present_value
from scoring_service.services.appeals.windows import latest_sanctioning_entry
from scoring_service.services.notices.documents import Loaded
from scoring_service.services.notices.issuing import Letter, issue_each
from scoring_service.services.proposals.correcting import affected_by, announce, post_correction
from scoring_service.services.proposals.untold_sanctions import letters_untold
from scoring_service.services.unit_of_work.four_eyes import decided_by_actor
from scoring_service.services.years.changing import changing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from scoring_service.db.appeals import AssignedExpert, StoredAppeal
    from scoring_service.services.appeals.reading import AppealInDetail
    from scoring_service.services.proposals.correcting import Posted
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile


def decline(
    work: Work, appeal_id: str, *, reason: str, expected_version: int | None = None
) -> AppealInDetail:
    """Decline an appeal that its filer insists on, without hearing it; both sides are told the reason. Return it.

    Raises NotFound, Forbidden `conflict_of_interest`, Conflict `appeal_state`, Stale.
    """
    person = require_appeal(work, appeal_id).practitioner_id
    with changing(work, [person]) as files:
        appeal = hold_appeal(work, appeal_id)
        check_no_conflict(work, appeal)
        check_state(appeal, {INSISTED}, expected_version)
        change(work, appeal, state=DECLINED, reasons=reason, **decided_by_actor(work))
    places = institution_of_case(work, appeal)
    letter = _letter(
        appeal, files[person], places, outcome=DECLINED, reasons=reason, target=appeal.entry_id
    )
    issue_each(work, [letter], loaded=Loaded(files={person: files[person].after}))
    return close_deed(work, appeal_id, "declined", reason=reason)


def decide(
    work: Work,
    appeal_id: str,
    *,
    outcome: str,
    reasons: str,
    points: int | None = None,
    entry: str | None = None,
    expected_version: int | None = None,
) -> AppealInDetail:
    """Decide an appeal; a changed outcome posts a correction. Return the appeal with what is `affected`.

    `entry` is for a changed outcome of an appeal against the state of a file: the entry to correct, by
    default the one behind the latest sanction. Raises NotFound, Forbidden `conflict_of_interest`, Invalid, Stale,
    Conflict `appeal_state`, `opinions_pending`.
    """
    person = require_appeal(work, appeal_id).practitioner_id
    posted = None
    with changing(work, [person]) as files:
        appeal = hold_appeal(work, appeal_id)
        experts = read_experts(work.conn, appeal.id)
        check_no_conflict(work, appeal, experts)
        check_state(appeal, {ACCEPTED}, expected_version)
        target = _target(work, appeal, outcome, entry)
        file = files[person]
        present = None if target is None else present_value(file.before.entries, target)
        reduces = outcome == Outcome.REDUCED
        check_reducible(file.before.entries, target, reduces=reduces, pointer="/outcome")
        check_value(reduces=reduces, points=points, present=present)
        _check_opinions_are_in(experts)
        if target is not None and outcome in CORRECTING_OUTCOMES:
            posted = _correct(file, target, present, points or 0, reasons)
    affected = posted and affected_by(work, posted.entry_id, posted.file)
    letters = [announce(work, posted, affected), *letters_untold(work, file)] if posted and affected else []
    correction = posted and posted.entry_id
    change(
        work,
        appeal,
        state=DECIDED,
        outcome=outcome,
        points=points,
        reasons=reasons,
        correction_id=correction,
        affected=affected and affected.kept(),
        **decided_by_actor(work, at=work.now if posted else None),
    )
    places = letters[0].case_institutions if letters else institution_of_case(work, appeal)
    letters.append(_letter(appeal, file, places, outcome=outcome, reasons=reasons, target=target))
    issue_each(work, letters, loaded=Loaded(files={person: file.after}))
    return close_deed(work, appeal_id, "decided", outcome=outcome, points=points, correction=correction)


def _target(work: Work, appeal: StoredAppeal, outcome: str, entry: str | None) -> str | None:
    """Return the entry that the decision is about; None for a state that it leaves as it is."""
    if appeal.entry_id is not None:
        if entry not in {None, appeal.entry_id}:
            raise Invalid("/entry", "须为申诉所涉条目 / must be the entry appealed against")
        return appeal.entry_id
    if outcome not in CORRECTING_OUTCOMES:
        if entry is not None:
            raise Invalid("/entry", "维持时不填写 / only with a changed outcome")
        return None
    if entry is None:
        behind = latest_sanctioning_entry(work, appeal.practitioner_id)
        entry = behind and behind.id
    if entry is None or find_entry(work, appeal.practitioner_id, entry) is None:
        detail = "须指明该人员应更正的条目 / name the score, credit or measure of this person to correct"
        raise Invalid("/entry", detail)
    return entry


def _check_opinions_are_in(experts: Sequence[AssignedExpert]) -> None:
    pending = sum(map(is_pending, experts))
    if pending:
        raise Conflict(
            "opinions_pending",
            f"尚有 {pending} 名专家未出具意见 / opinions still missing: {pending}",
            pending=pending,
        )


def _correct(file: ChangingFile, entry_id: str, before: int | None, value: int, reasons: str) -> Posted:
    if before == 0:
        raise Invalid("/outcome", "该条目已被撤销 / the entry counts for nothing already")
    return post_correction(
        file,
        target_entry_id=entry_id,
        value=value,
        basis=Basis.APPEAL.value,
        document_no=None,
        reason=reasons,
    )


def _letter(
    appeal: StoredAppeal,
    file: ChangingFile,
    places: Collection[str],
    *,
    outcome: str,
    reasons: str,
    target: str | None,
) -> Letter:
    """Write to the person, their institutions, the case's `places` and those of the appeal.

    Points are told of a score, not of a credit.
    """
    before, after = file.before.entries, file.after.entries
    is_score = any(entry.id == target and entry.kind is EntryKind.SCORE for entry in before)
    facts = appeal_decision_facts(
        outcome=outcome,
        against=appeal.against,
        filed_by=appeal.filed_by,
        filed_on=appeal.received_on,
        points_before=present_value(before, target) if target and is_score else None,
        points_after=present_value(after, target) if target and is_score else None,
        reasons=reasons,
        spans_after=[stated_sanction(span) for span in file.after.folded().sanctions],
    )
    return Letter(
        kind=NoticeKind.APPEAL_DECISION,
        practitioner_id=file.practitioner_id,
        entry_id=target,
        case_id=appeal.case_id,
        facts=facts,
        case_institutions=places,
        also_to=institutions_signed(appeal),
    )
