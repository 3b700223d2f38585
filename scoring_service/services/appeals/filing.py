"""Appeals: filed by one party, countersigned by the other, accepted (contract.md, Appeals)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from scoring_service.core.entries import CORRECTABLE, EntryKind, carried_value
from scoring_service.core.fold import present_values
from scoring_service.core.procedure import AppealState
from scoring_service.db.appeals import ACCEPTED, COMPLETE, FILED, INSISTED, OPEN_STATES, open_appeal
from scoring_service.db.ledger import lock_files, read_entries
from scoring_service.db.merges import standing_entry
from scoring_service.db.tables import appeals as table
from scoring_service.db.tables import cases, entries
from scoring_service.problems import Conflict, Forbidden, Invalid
from scoring_service.services.appeals.conflicts import (
    check_belongs_to_no_side,
    check_no_conflict,
    institutions_concerned,
)
from scoring_service.services.appeals.parties import is_other_party_of, is_party_to
from scoring_service.services.appeals.reading import KIND, answer, check_state, hold_appeal, require_appeal
from scoring_service.services.appeals.windows import (
    SUBJECT,
    Subject,
    check_window,
    countersign_until,
    due,
    entry_behind_state,
    explanation_until,
    rulebook_of,
    window_of,
)
from scoring_service.services.notices.records import INSTITUTION, PRACTITIONER, Addressee
from scoring_service.services.unit_of_work.four_eyes import recorded_by_actor
from scoring_service.services.unit_of_work.sight import require_known
from scoring_service.services.unit_of_work.staff_numbers import same_person
from scoring_service.services.unit_of_work.touch import check_touches_new_appeal, not_party
from scoring_service.written import is_id

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.db.appeals import StoredAppeal
    from scoring_service.services.appeals.reading import AppealInDetail
    from scoring_service.services.unit_of_work.transaction import Work

DECLINED, DECIDED, WITHDRAWN = AppealState.DECLINED, AppealState.DECIDED, AppealState.WITHDRAWN
STATES = (*OPEN_STATES, DECLINED, DECIDED, WITHDRAWN)
AGAINST = POINTS, STATE = "points", "state"
PARTIES = PRACTITIONER, INSTITUTION


def file_appeal(
    work: Work,
    *,
    practitioner: str,
    against: str,
    grounds: str,
    filed_by: str,
    entry: str | None = None,
    received_on: date | None = None,
    institution: str | None = None,
) -> AppealInDetail:
    """File an appeal against an entry, or against the state of a file (`entry` may then be None); return it.

    A clerk records one on paper for either party, of the day it was `received_on`, and names the `institution` that
    files when it is not that of the case. Raises NotFound, Invalid, Forbidden `not_party`, Conflict
    `appeal_window_closed` with `closed_on`, `appeal_exists`.
    """
    person = require_known(work, practitioner).id
    entry = entry and standing_entry(work.conn, entry)
    check_touches_new_appeal(work, person, entry if is_id(entry or "") else None)
    on_paper = _is_on_paper(work, person, filed_by)
    if not on_paper:
        _check_left_out(received_on=received_on)
        _check_own(work, institution)
    lock_files(work.conn, [person])
    subject = _subject(work, person, entry, against)
    received = _received(work, subject, received_on)
    code = _institution(work, person, subject, institution) if filed_by == INSTITUTION else None
    window = window_of(work, subject, against, Addressee(filed_by, code or person))
    check_window(window, received)
    _check_none_open(work, person, entry)
    until = countersign_until(work, rulebook_of(work, subject.rulebook_sha256), work.today)
    appeal_id = str(uuid.uuid4())
    row = {
        "id": appeal_id,
        "practitioner_id": person,
        "entry_id": entry,
        "case_id": subject.case_id if entry else None,
        "against": against,
        "grounds": grounds,
        "filed_by": filed_by,
        "institution_code": code,
        "on_paper": on_paper,
        "received_on": received,
        "window_closes_on": window.closes_on,
        "window_provisional": window.provisional,
        "rulebook_sha256": subject.rulebook_sha256,
        "state": FILED,
        "countersign_until": until.last_day,
        "countersign_provisional": until.provisional,
    }
    work.conn.execute(insert(table).values(**row, **recorded_by_actor(work)))
    return close_deed(work, appeal_id, "filed", filed_by=filed_by, against=against, entry=entry)


def _check_left_out(**of_paper: Any) -> None:
    for name, value in of_paper.items():
        if value is not None:
            detail = "仅经办人登记纸质材料时填写 / only for what came on paper, recorded by a clerk"
            raise Invalid(f"/{name}", detail)


def _check_own(work: Work, named: str | None) -> None:
    """Refuse an institution other than the account's own to be named by whoever is no clerk. Raises Invalid."""
    if named is not None and named != work.actor.institution_code:
        detail = "须为登录账号所属机构 / must be the account's own institution"
        raise Invalid("/institution", detail)


def _is_on_paper(work: Work, person: str, filed_by: str) -> bool:
    """Tell whether the clerk files for a party. Raises Invalid for a party that the account is not."""
    if work.actor.has("office.clerk"):
        return True
    if not is_party(work, person, filed_by):
        raise Invalid("/filed_by", "须与登录账号的身份一致 / must be what the account is")
    return False


def is_party(work: Work, person: str, party: str) -> bool:
    """Tell whether the account is the person, or for an institution's part that of one."""
    if party == PRACTITIONER:
        return work.actor.has("practitioner") and work.actor.practitioner_id == person
    return work.actor.has("institution")


def _subject(work: Work, person: str, entry: str | None, against: str) -> Subject:
    """Return the entry appealed against, or the one behind the state appealed against. Raises Invalid."""
    if entry is None:
        if against == POINTS:
            raise Invalid("/entry", "对记分申诉须指明条目 / an appeal against points names its entry")
        return entry_behind_state(work, person)
    subject = find_entry(work, person, entry)
    if subject is None:
        detail = "须为该人员的记分、修复或机构措施条目 / must be a score, credit or measure of this person"
        raise Invalid("/entry", detail)
    if against == POINTS and subject.kind == EntryKind.MEASURE:
        raise Invalid("/against", "机构措施不记分，须对状态申诉 / a measure has no points; appeal against the state")
    return subject


def find_entry(work: Work, person: str, entry: str) -> Subject | None:
    """Return a score, credit or measure of the person that still counts; None when it is no such entry."""
    if not is_id(entry) or entry not in appealable(work, person):
        return None
    return Subject(*work.conn.execute(select(*SUBJECT).where(entries.c.id == entry)).one())


def appealable(work: Work, person: str) -> set[str]:
    """Return the ids of the scores, credits and measures of the person that still count for something."""
    known = read_entries(work.conn, [person])[person]
    values = present_values(known)
    return {each.id for each in known if each.kind in CORRECTABLE and values.get(each.id, carried_value(each)) != 0}


def _received(work: Work, subject: Subject, received_on: date | None) -> date:
    received = work.today if received_on is None else received_on
    if received > work.today:
        raise Invalid("/received_on", "收到日不得晚于今日 / received_on may not lie in the future")
    if received < subject.recorded_at.date():
        raise Invalid("/received_on", "收到日不得早于记分登记日 / received_on may not precede the entry")
    return received


def _institution(work: Work, person: str, subject: Subject, named: str | None) -> str:
    """Return the institution that files: the account's own; on paper the one named, else that of the case."""
    if not work.actor.has("office.clerk"):
        own = work.actor.institution_code
        if own is None or not is_party_to(work, person, subject.id):
            raise not_party()
        return own
    return _named_on_paper(work, subject.case_id, institutions_concerned(work, person, subject.id), named)


def _named_on_paper(work: Work, case_id: str | None, concerned: set[str], named: str | None) -> str:
    if named is None:
        of_case = work.conn.execute(
            select(cases.c.institution_code).where(cases.c.id == case_id)
        ).scalar_one_or_none()
        named = of_case or min(concerned, default=None)
    if named is None or named not in concerned:
        raise Invalid("/institution", "须为该人员所在机构 / must be an institution of this person")
    return named


def _check_none_open(work: Work, person: str, entry: str | None) -> None:
    open_id = open_appeal(work.conn, person, entry)
    if open_id is not None:
        raise Conflict("appeal_exists", "该条目已有未结申诉 / an appeal against it is open", appeal=open_id)


def countersign(
    work: Work,
    appeal_id: str,
    *,
    institution: str | None = None,
    proof: str | None = None,
    expected_version: int | None = None,
) -> AppealInDetail:
    """Countersign as the other party: the appeal is complete, and its time for a decision begins; return it.

    A clerk records the other party's signature on paper with what proves it, and names the `institution` that signed
    when it is not that of the case. Raises NotFound, Invalid, Forbidden `not_countersigner`, `same_person`,
    `conflict_of_interest`, Conflict `appeal_state`, Stale.
    """
    appeal = hold_appeal(work, appeal_id)
    on_paper = _is_paper_of_other_party(work, appeal)
    if not on_paper:
        _check_left_out(proof=proof)
        _check_own(work, institution)
    check_state(appeal, {FILED}, expected_version)
    signed = {
        "countersigned_by": work.actor.username,
        "countersigned_staff_no": work.actor.staff_no,
        "countersigned_at": work.record(),
        "countersigned_on_paper": on_paper,
        "countersigned_institution": _countersigner(work, appeal, institution, on_paper=on_paper),
        "countersign_proof": proof,
    }
    _complete(work, appeal, **signed)
    return close_deed(work, appeal_id, "complete")


def may_countersign(work: Work, appeal_id: str) -> bool:
    """Tell whether the actor is the other party of an appeal that waits for its countersignature. Raises NotFound."""
    appeal = require_appeal(work, appeal_id)
    return appeal.state == FILED and appeal.refused_at is None and _is_other_party(work, appeal)


def refuse_countersignature(
    work: Work, appeal_id: str, *, reason: str, expected_version: int | None = None
) -> AppealInDetail:
    """Refuse to countersign as the other party; the office may then proceed without. Raises as `countersign`.

    A clerk records a refusal that came on paper.
    """
    appeal = hold_appeal(work, appeal_id)
    _is_paper_of_other_party(work, appeal)
    check_state(appeal, {FILED}, expected_version)
    change(work, appeal, refused_at=work.record(), refused_because=reason)
    return close_deed(work, appeal_id, "countersignature_refused", reason=reason)


def _is_paper_of_other_party(work: Work, appeal: StoredAppeal) -> bool:
    """Tell whether a clerk records paper for the other party, or the other party itself acts.

    The clerk who recorded the filing on paper may record the paper of the other side; who belongs to either side
    records neither. Raises Forbidden.
    """
    is_other = _is_other_party(work, appeal)
    if not is_other and not work.actor.has("office.clerk"):
        raise Forbidden("not_countersigner", "须由另一方当事人会签 / the other party countersigns")
    own = same_person(work.actor.staff_no, appeal.recorded_staff_no)
    if own and (is_other or not appeal.on_paper):
        raise Forbidden("same_person", "不得会签本人提出的申诉 / you filed this yourself")
    if not is_other:
        check_belongs_to_no_side(work, appeal)
    return not is_other


def _is_other_party(work: Work, appeal: StoredAppeal) -> bool:
    if appeal.filed_by == INSTITUTION:
        return is_party(work, appeal.practitioner_id, PRACTITIONER)
    return is_other_party_of(work, appeal)


def _countersigner(work: Work, appeal: StoredAppeal, named: str | None, *, on_paper: bool) -> str | None:
    """Return the institution that countersigns; None when it is the person who does."""
    if appeal.filed_by == INSTITUTION:
        if named is not None:
            raise Invalid("/institution", "须由本人会签 / it is the person who countersigns")
        return None
    if not on_paper:
        return work.actor.institution_code
    concerned = institutions_concerned(work, appeal.practitioner_id, appeal.entry_id)
    return _named_on_paper(work, appeal.case_id, concerned, named)


def proceed(
    work: Work, appeal_id: str, *, reason: str, expected_version: int | None = None
) -> AppealInDetail:
    """Go on without the countersignature, once it was refused or its time is over; return the appeal.

    Raises NotFound, Forbidden `conflict_of_interest`, Conflict `appeal_state`, `countersign_pending`, Stale.
    """
    appeal = hold_appeal(work, appeal_id)
    check_no_conflict(work, appeal)
    check_state(appeal, {FILED}, expected_version)
    _check_time_is_over(work, appeal)
    _complete(work, appeal, proceeded_because=reason)
    return close_deed(work, appeal_id, "complete", reason=reason)


def _check_time_is_over(work: Work, appeal: StoredAppeal) -> None:
    rulebook = rulebook_of(work, appeal.rulebook_sha256)
    deadline = countersign_until(work, rulebook, appeal.recorded_at.date())
    last_day = max(deadline.last_day, appeal.countersign_until)
    if appeal.refused_at is None and (deadline.provisional or work.today <= last_day):
        raise Conflict(
            "countersign_pending",
            f"另一方最晚可于 {last_day} 会签（含当日） / the other party may countersign until {last_day} inclusive",
            countersign_until=last_day.isoformat(),
        )


def _complete(work: Work, appeal: StoredAppeal, **columns: Any) -> None:
    completed_at = work.record()
    rulebook = rulebook_of(work, appeal.rulebook_sha256)
    explanation = explanation_until(work, rulebook, completed_at.date())
    deadline = due(work, rulebook, completed_at.date())
    change(
        work,
        appeal,
        state=COMPLETE,
        completed_at=completed_at,
        explanation_due_on=explanation.last_day,
        explanation_provisional=explanation.provisional,
        due_on=deadline.last_day,
        due_provisional=deadline.provisional,
        **columns,
    )


def accept(work: Work, appeal_id: str, *, expected_version: int | None = None) -> AppealInDetail:
    """Accept an appeal that its filer insists on (P42) for a decision on its merits; return it.

    Raises NotFound, Forbidden `conflict_of_interest`, Conflict `appeal_state`, Stale.
    """
    appeal = hold_appeal(work, appeal_id)
    check_no_conflict(work, appeal)
    check_state(appeal, {INSISTED}, expected_version)
    change(work, appeal, state=ACCEPTED, accepted_by=work.actor.username, accepted_at=work.record())
    return close_deed(work, appeal_id, "accepted")


def change(work: Work, appeal: StoredAppeal, **columns: Any) -> None:
    """Write columns of an appeal, whose version moves on."""
    work.conn.execute(
        update(table).where(table.c.id == appeal.id).values(version=appeal.version + 1, **columns)
    )


def record(work: Work, appeal: StoredAppeal, deed: str, **detail: Any) -> None:
    """Put a deed on the audit record."""
    work.audit(
        f"appeal.{deed}",
        object_kind=KIND,
        object_id=appeal.id,
        practitioner_id=appeal.practitioner_id,
        case_id=appeal.case_id,
        institution_code=appeal.institution_code,
        detail=detail or None,
    )


def close_deed(work: Work, appeal_id: str, deed: str, **detail: Any) -> AppealInDetail:
    """Put a deed on record, announce it to the parties and the office, and return the appeal."""
    appeal = require_appeal(work, appeal_id)
    record(work, appeal, deed, **detail)
    work.event(
        f"appeal_{deed}",
        practitioner_id=appeal.practitioner_id,
        appeal=appeal.id,
        entry=appeal.entry_id,
        due_on=appeal.due_on and appeal.due_on.isoformat(),
    )
    return answer(work, appeal)
