"""Cases before approval: draft, edit, submit, give back, withdraw, attach (contract.md, Cases)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.procedure import CaseState
from scoring_service.db.cases import (
    CaseHand,
    hold_people,
    read_findings,
    read_hands,
)
from scoring_service.db.files import File
from scoring_service.db.finding import keep_words, words_of_case
from scoring_service.db.tables import case_hands, case_words, cases, findings
from scoring_service.problems import NotFound, WrongState
from scoring_service.services.cases.case_checks import (
    Checked,
    Place,
    basis_of,
    check_case,
    files_of,
)
from scoring_service.services.cases.case_rows import case_columns, finding_columns, judgement_columns
from scoring_service.services.cases.findings import judge, require_reasons
from scoring_service.services.cases.issue_days import issue_columns
from scoring_service.services.cases.reading import answer, check_version, hold_case, require_case
from scoring_service.services.unit_of_work import attachments
from scoring_service.services.unit_of_work.four_eyes import check_other_hands
from scoring_service.services.unit_of_work.touch import check_touches_case
from scoring_service.terms import CASE_STATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from scoring_service.core.spread import Similar
    from scoring_service.db.cases import Handling, KnownFinding, StoredCase
    from scoring_service.db.files import File
    from scoring_service.db.like_cases import Kind
    from scoring_service.services.cases.case import Case
    from scoring_service.services.cases.case_checks import Checked
    from scoring_service.services.cases.findings import Finding, JudgedFinding
    from scoring_service.services.unit_of_work.attachments import AttachedFile, Attachment, StoredAttachment
    from scoring_service.services.unit_of_work.transaction import Work

DRAFT, SUBMITTED, WITHDRAWN = CaseState.DRAFT, CaseState.SUBMITTED, CaseState.WITHDRAWN


def draft(
    work: Work, *, institution: str, handling: Handling, summary: str, findings: Sequence[Finding]
) -> Case:
    """Draft a case; return it as the contract shows it.

    Raises Faulty for an unknown institution, item or person, points outside 1–12, a decision in the future
    or before the first rulebook (`no_rulebook`).
    """
    checked = check_case(
        work, case_id=None, institution=institution, handling=handling, findings=findings
    )
    _hold_people(work, checked)
    case_id = str(uuid.uuid4())
    now = work.record()
    new = {"id": case_id, "state": DRAFT, "summary": summary, "created_at": now, "changed_at": now}
    work.conn.execute(insert(cases), [_columns(work, checked) | new])
    _keep_words(work, case_id, checked)
    _write_findings(work, case_id, checked.findings)
    return _closed(work, case_id, "drafted")


def edit(
    work: Work,
    case_id: str,
    *,
    expected_version: int | None,
    institution: str | None = None,
    handling: Mapping[str, Any] | None = None,
    summary: str | None = None,
    findings: Sequence[Finding] | None = None,
) -> Case:
    """Change a draft: what is None stays; `handling` holds the changed members, `findings` replace all.

    Raises NotFound, Conflict `case_state`, Stale, and Faulty as `draft` does.
    """
    case = _held(work, case_id, DRAFT, expected_version)
    checked = check_case(
        work,
        case_id=case_id,
        institution=institution or case.institution,
        handling=_changed(case.handling, handling or {}),
        findings=read_findings(work.conn, case_id) if findings is None else findings,
    )
    _hold_people(work, checked)
    change(work, case, **_columns(work, checked), summary=case.summary if summary is None else summary)
    _keep_words(work, case.id, checked)
    _write_findings(work, case_id, checked.findings)
    return _closed(work, case_id, "edited")


def _changed(handling: Handling, changes: Mapping[str, Any]) -> Handling:
    """Return a decision with its changed members; one received on its own day stays so when that day changes."""
    if handling.received_on == handling.decided_on:
        changes = {"received_on": None, **changes}
    return replace(handling, **changes)


def submit(work: Work, case_id: str, *, expected_version: int | None = None) -> Case:
    """Submit a draft to the reviewer; the flags are judged again.

    Raises NotFound, Conflict `case_state`, Stale, and Faulty for a flagged finding without a reason.
    """
    case = _held(work, case_id, DRAFT, expected_version)
    findings = read_findings(work.conn, case_id)
    judged = judge_again(work, case, findings, files_of(work, findings))
    require_reasons(judged)
    keep_flags(work, judged)
    change(work, case, state=SUBMITTED, reason=None)
    return _closed(work, case_id, "submitted")


def give_back(
    work: Work, case_id: str, *, reason: str, expected_version: int | None = None
) -> Case:
    """Return a submitted case to its drafter, with the reviewer's reason.

    Raises NotFound, Forbidden `same_person`, Conflict `case_state`, Stale.
    """
    hold_case(work, case_id)
    check_other_drafters(work, read_hands(work.conn, case_id))
    case = _held(work, case_id, SUBMITTED, expected_version)
    change(work, case, state=DRAFT, reason=reason)
    return _closed(work, case_id, "returned", reason=reason)


def withdraw(work: Work, case_id: str, *, reason: str, expected_version: int | None = None) -> Case:
    """Withdraw a case before its approval. Raises NotFound, Conflict `case_state`, Stale."""
    case = _held(work, case_id, (DRAFT, SUBMITTED), expected_version)
    change(work, case, state=WITHDRAWN, reason=reason)
    return _closed(work, case_id, "withdrawn", reason=reason)


def attach(
    work: Work, case_id: str, *, file_name: str, content: bytes, expected_version: int | None = None
) -> StoredAttachment:
    """Attach a file to a case before its approval: a change of the case, and its hand an editor's.

    Returns the attachment with the case's new `version`. Raises NotFound, Conflict `case_state`, Stale, and what
    `attachments.attach` raises.
    """
    case = _held(work, case_id, (DRAFT, SUBMITTED), expected_version)
    version = case.version + 1
    stored = attachments.attach(work, "case", case_id, file_name=file_name, content=content, version=version)
    change(work, case)
    put_hand(work, case_id, "edited")
    record_deed(work, case, "attached", n=stored.n, sha256=stored.sha256)
    return stored


def attachments_of(work: Work, case_id: str) -> tuple[Attachment, ...]:
    """Return what is attached to a case, without the content. Raises NotFound."""
    return attachments.attached(work, "case", _with_evidence(work, case_id).id)


def attachment(work: Work, case_id: str, n: str) -> AttachedFile:
    """Return the `n`th attachment of a case with its content, the look at each person put on record.

    Raises NotFound, also for whoever sees the case without its evidence.
    """
    case = _with_evidence(work, case_id)
    file = attachments.fetch(work, "case", case.id, n)
    for practitioner_id in {finding.practitioner_id for finding in read_findings(work.conn, case.id)}:
        work.look(practitioner_id, "attachment", case.id)
    return file


def _with_evidence(work: Work, case_id: str) -> StoredCase:
    case = require_case(work, case_id)
    if not work.actor.is_office:
        raise NotFound("附件 / attachment")
    return case


def require_state(case: StoredCase, *states: CaseState) -> None:
    """Refuse an act on a case in another state. Raises Conflict `case_state` with the present state."""
    if case.state not in states:
        raise WrongState("case", case.state, CASE_STATES)


def check_other_drafters(work: Work, hands: Iterable[CaseHand]) -> None:
    """Refuse a decision by one of the hands that drafted or edited the case, as `check_other_hands` does."""
    check_other_hands(work, [(hand.account_id, hand.staff_no) for hand in hands if hand.drafts])


def judge_again(
    work: Work,
    case: StoredCase,
    known: Sequence[KnownFinding],
    files: Mapping[str, File],
    *,
    similar: Mapping[Kind, Similar] | None = None,
) -> list[JudgedFinding]:
    """Return the stored findings of a case with their flags as the `files` stand now. Raises Faulty.

    `similar` is what like cases got as it was seen before; None: as it is now.
    """
    rulebook = work.rulebooks.for_division(case.region, case.handling.decided_on)
    place = Place(institution=case.institution, region=case.region)
    basis = basis_of(work, place, case.handling, rulebook, known, case_id=case.id, similar=similar)
    return judge(basis, known, files)


def keep_flags(work: Work, judged: Sequence[JudgedFinding]) -> None:
    """Write how findings were judged."""
    for each in judged:
        work.conn.execute(
            update(findings)
            .where(findings.c.id == each.finding.id)
            .values(judgement_columns(each))
        )


def change(work: Work, case: StoredCase, *, at: datetime | None = None, **columns: Any) -> None:
    """Write a change of a held case: its next version; `at` is the instant of what it is part of, else a new one."""
    work.conn.execute(
        update(cases)
        .where(cases.c.id == case.id)
        .values(version=case.version + 1, changed_at=at or work.record(), **columns)
    )


def put_hand(work: Work, case_id: str, deed: str) -> CaseHand:
    """Keep that the actor had a hand in the case, and return it; the first time of each deed is kept."""
    actor = work.actor
    hand = CaseHand(
        deed=deed,
        account_id=str(actor.account_id),
        staff_no=actor.staff_no,
        username=actor.username,
        at=work.now,
    )
    row = {name: getattr(hand, name) for name in ("deed", "staff_no", "account_id", "at")}
    work.conn.execute(_PUT_HAND, [{"case_id": case_id} | row])
    return hand


_PUT_HAND = upsert(case_hands).on_conflict_do_nothing()


def record_deed(work: Work, case: StoredCase, deed: str, **detail: Any) -> None:
    """Put a deed on a case into the audit."""
    work.audit(
        f"case.{deed}",
        object_kind="case",
        object_id=case.id,
        case_id=case.id,
        institution_code=case.institution,
        detail=detail or None,
    )


def _closed(work: Work, case_id: str, deed: str, **detail: Any) -> Case:
    put_hand(work, case_id, deed)
    case = require_case(work, case_id)
    record_deed(work, case, deed, **detail)
    return answer(work, case)


def _held(
    work: Work, case_id: str, states: CaseState | tuple[CaseState, ...], expected_version: int | None
) -> StoredCase:
    case = hold_case(work, case_id)
    require_state(case, *([states] if isinstance(states, CaseState) else states))
    check_version(case, expected_version)
    return case


def _hold_people(work: Work, checked: Checked) -> None:
    people = {judged.finding.practitioner_id for judged in checked.findings}
    check_touches_case(work, checked.place.region, people)
    hold_people(work.conn, people)


def _keep_words(work: Work, case_id: str, checked: Checked) -> None:
    keep_words(work.conn, case_words, [{"case_id": case_id, "words": words_of_case(checked.handling.document_no)}])


def _columns(work: Work, checked: Checked) -> dict[str, Any]:
    """Return the columns that hold a case's place, decision, rulebook and the last day for its letters."""
    held = case_columns(checked.place, checked.handling, checked.rulebook)
    return held | issue_columns(work, checked.rulebook, checked.handling)


def _write_findings(work: Work, case_id: str, judged: Sequence[JudgedFinding]) -> None:
    work.conn.execute(delete(findings).where(findings.c.case_id == case_id))
    rows = [finding_columns(case_id, position, each) for position, each in enumerate(judged)]
    work.conn.execute(insert(findings), rows)
