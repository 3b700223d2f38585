"""What a caller sees of cases: the office its region's, outsiders the approved ones with their own people only."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, or_, select, true

from scoring_service.core.procedure import OPEN_CASES, CaseState
from scoring_service.db.cases import (
    CaseSummary,
    StoredCase,
    StoredFinding,
    any_of,
    case_summary,
    cases_query,
    find_case,
    findings_of_each,
    of_person,
    read_cases,
    read_findings,
    read_hands,
)
from scoring_service.db.tables import cases, findings, practitioners, standing_affiliations
from scoring_service.problems import NotFound, Stale
from scoring_service.services.cases.case import (
    Case,
    OfficeCase,
    OfficeFinding,
    case_of,
    finding_of,
    office_case_of,
    office_finding_of,
)
from scoring_service.services.cases.case_fields import CASE_FIELDS
from scoring_service.services.cases.findings import charge_of
from scoring_service.services.cases.same_decisions import SAME_DECISION, same_decisions
from scoring_service.services.cases.similar_cases import compared_anew
from scoring_service.services.unit_of_work.attachments import attached
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.sight import (
    by_ref,
    formerly_at,
    known_filter,
    practitioner_filter,
)
from scoring_service.services.unit_of_work.touch import check_touches_case, people_in_case
from scoring_service.written import is_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, RowMapping

    from scoring_service.db.cases import CaseHand
    from scoring_service.db.persons import NamedPractitioner
    from scoring_service.services.cases.same_decisions import Charge
    from scoring_service.services.unit_of_work.actor import Actor
    from scoring_service.services.unit_of_work.transaction import Work

APPROVED = CaseState.APPROVED


def visible_cases(work: Work) -> ColumnElement[bool]:
    """Return the condition on `cases` that the actor may know of a case."""
    actor = work.actor
    if actor.is_office:
        return cases.c.region.startswith(actor.region, autoescape=True) if actor.region else true()
    own = [of_person(condition) for condition in _own_people(work)]
    if actor.has("institution") and actor.institution_code:
        own.append(cases.c.institution_code == actor.institution_code)
    return and_(cases.c.state == APPROVED, any_of(own))


def _own_people(work: Work) -> list[ColumnElement[bool]]:
    """Return the conditions on `findings` that one is of the outsider's own people."""
    actor: Actor = work.actor
    conditions: list[ColumnElement[bool]] = []
    if actor.has("practitioner") and actor.practitioner_id:
        conditions.append(findings.c.practitioner_id == actor.practitioner_id)
    if actor.has("institution") and actor.institution_code:
        conditions.append(practitioner_filter(work, findings.c.practitioner_id))
        conditions.append(_of_people_then(work, actor.institution_code))
    return conditions


def _of_people_then(work: Work, code: str) -> ColumnElement[bool]:
    """Return the condition on `findings` that one is on somebody who has left the institution.

    They were there when the case was decided or took effect, or the case is the institution's own.
    """
    spans, case = standing_affiliations.c, cases.alias()
    days = (case.c.decided_on, case.c.effective_on)
    return exists().where(
        formerly_at(work, code),
        spans.practitioner_id == findings.c.practitioner_id,
        case.c.id == findings.c.case_id,
        or_(
            case.c.institution_code == code,
            *(and_(spans.from_on <= day, spans.until_on > day) for day in days),
        ),
    )


def require_case(work: Work, case_id: str) -> StoredCase:
    """Return the case as it is stored. Raises NotFound."""
    return _find(work, case_id, lock=False)


def people_of_visible_case(work: Work, case_id: str) -> set[str]:
    """Return the ids of the people in a case, whose files are to be locked before it. Raises NotFound."""
    query = (
        select(findings.c.practitioner_id)
        .join(cases, cases.c.id == findings.c.case_id)
        .where(cases.c.id == case_id, visible_cases(work))
    )
    people = set(work.conn.execute(query).scalars()) if is_id(case_id) else set()
    if not people:
        raise NotFound("案件 / case")
    return people


def hold_case(work: Work, case_id: str, *, people: Collection[str] | None = None) -> StoredCase:
    """Return the case, its row locked for an act of the actor's. Raises NotFound, Forbidden as `touch` says.

    Of the people in it those are asked for whom the caller does not name.
    """
    case = _find(work, case_id, lock=True)
    check_touches_case(work, case.region, people_in_case(work, case.id) if people is None else people)
    return case


def _find(work: Work, case_id: str, *, lock: bool) -> StoredCase:
    case = find_case(work.conn, case_id, visible_cases(work), lock=lock) if is_id(case_id) else None
    if case is None:
        raise NotFound("案件 / case")
    return case


def check_version(case: StoredCase, expected_version: int | None) -> None:
    """Refuse a change of a case that was changed since `expected_version`. Raises Stale."""
    if expected_version is not None and expected_version != case.version:
        raise Stale(case.version)


def read_case(work: Work, case_id: str) -> Case:
    """Return what the actor sees of a case, as `answer` does. Raises NotFound."""
    return answer(work, require_case(work, case_id))


def answer(work: Work, case: StoredCase) -> Case:
    """Return what the actor sees of a case, an `OfficeCase` to the office; the look at each person is on record."""
    if work.actor.is_office:
        stored = read_findings(work.conn, case.id)
        findings_shown = with_same_decisions(work, case, stored)
        return office_answer(work, case, findings_shown, read_hands(work.conn, case.id))
    stored = read_findings(work.conn, case.id, any_of(_own_people(work)))
    _look_at(work, case, (finding.practitioner for finding in stored))
    return case_of(replace(case, assigned_to=None), map(finding_of, stored))


def office_answer(
    work: Work, case: StoredCase, shown: Iterable[OfficeFinding], hands: Sequence[CaseHand]
) -> OfficeCase:
    """Return a case with these findings and hands as the office sees it; the look at each person is on record."""
    whole = office_case_of(case, shown, hands=tuple(hands), attachments=attached(work, "case", case.id))
    _look_at(work, case, (finding.practitioner for finding in whole.findings))
    return whole


def _look_at(work: Work, case: StoredCase, people: Iterable[NamedPractitioner]) -> None:
    for practitioner_id in dict.fromkeys(person.id for person in people):
        work.look(practitioner_id, "case", case.id)


def with_same_decisions(
    work: Work, case: StoredCase, stored: Sequence[StoredFinding]
) -> Iterator[OfficeFinding]:
    """Return the findings, each with the other case of the same decision; while the case is open, as it is now.

    Of a draft, what like cases got is as of now too.
    """
    stored = compared_anew(work, case, stored) if case.state is CaseState.DRAFT else stored
    charges = [charge_of(finding) for finding in stored]
    elsewhere = partial(
        same_decisions,
        work.conn,
        charges,
        institution=case.institution,
        document_no=case.handling.document_no,
        but=case.id,
    )
    known = elsewhere(visible=visible_cases(work))
    now = elsewhere() if case.state in OPEN_CASES else None
    for finding, charge in zip(stored, charges, strict=True):
        flags = list(finding.flags)
        if now is not None:
            flags = [flag for flag in flags if flag != SAME_DECISION] + [SAME_DECISION] * (charge in now)
        yield office_finding_of(finding, flags=flags, same_decision_case=known.get(charge))


def charged_elsewhere(
    work: Work, charges: Collection[Charge], *, institution: str, document_no: str, but: str | None
) -> dict[Charge, str]:
    """Return the oldest other case of this decision that makes a charge too, of those that the actor may know of."""
    if not charges or not document_no.strip():
        return {}
    return same_decisions(
        work.conn, charges, institution=institution, document_no=document_no, but=but, visible=visible_cases(work)
    )


def listing(
    work: Work,
    *,
    state: str | None = None,
    practitioner: str | None = None,
    notice_due_before: date | None = None,
) -> Listing[CaseSummary]:
    """Return the list of the cases that the actor may know of: in a state, on a person (ref).

    With `notice_due_before` those whose letters are still to be issued, before that day, the soonest first.
    """
    conditions = [visible_cases(work)]
    if state is not None:
        conditions.append(cases.c.state == state)
    if practitioner is not None:
        people = select(practitioners.c.id).where(by_ref(practitioner), known_filter(work))
        conditions.append(of_person(findings.c.practitioner_id.in_(people)))
    if notice_due_before is not None:
        conditions += [cases.c.state.in_(OPEN_CASES), cases.c.notice_due_on < notice_due_before]
    shown = case_summary if work.actor.is_office else _outside
    keys = (cases.c.created_at if notice_due_before is None else cases.c.notice_due_on, cases.c.id)
    return Listing(
        query=cases_query(*conditions),
        keys=keys,
        show=shown,
        descending=notice_due_before is None,
        fields=CASE_FIELDS,
    )


def _outside(row: RowMapping) -> CaseSummary:
    """Return a case as a list outside the office shows it: who works on it is not told."""
    return replace(case_summary(row), assigned_to=None)


def overdue(work: Work) -> Listing[CaseSummary]:
    """Return the list of the open cases whose letters should have been issued by now; none is on a provisional day."""
    late = listing(work, notice_due_before=work.today)
    return replace(late, query=late.query.where(~cases.c.notice_due_provisional))


def cases_of_person(work: Work, practitioner_id: str) -> list[Case]:
    """Return the visible cases of one person, the newest first, each with the findings on that person only."""
    on_person = findings.c.practitioner_id == practitioner_id
    visible = read_cases(work.conn, visible_cases(work), of_person(on_person))
    of_case = findings_of_each(work.conn, [case.id for case in visible], on_person)
    seen_as = office_finding_of if work.actor.is_office else finding_of
    seen = visible if work.actor.is_office else [replace(case, assigned_to=None) for case in visible]
    return [case_of(case, map(seen_as, of_case[case.id])) for case in seen]
