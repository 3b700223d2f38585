"""Measures against institutions of the demo city, and what they made of their responsible persons (P34).

One department was suspended in the summer of 2025 and let go early; its letters went out late. A health centre's
agreement stands suspended at the first sign-in, and the end of a third measure waits for the reviewer.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.entries import EntryKind
from scoring_service.core.procedure import Duty, MeasureKind, ProposalState
from scoring_service.db.cases import HandlingMeasure
from scoring_service.db.tables import cases, entries, practitioners
from scoring_service.db.tables import liftings as table
from scoring_service.demo import duties, names
from scoring_service.demo.acts import Act, at
from scoring_service.demo.plan import PlannedCase, PlannedFinding
from scoring_service.demo.recorded_cases import recorded
from scoring_service.services.proposals import liftings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scoring_service.demo.plan import Plan
    from scoring_service.services.unit_of_work.transaction import Work

_DECIDED_ON, _APPROVED_ON, _LIFTED_ON = date(2025, 6, 20), date(2025, 7, 2), date(2025, 8, 15)
_SET_ON, _SET_AGAIN_ON = date(2025, 7, 4), date(2025, 8, 18)
_FROM, _UNTIL = date(2025, 7, 3), date(2025, 10, 3)
_ITEM, _FIRST_NUMBER = "missing_records", 950
_REASON = "科室整改经复查合格，解除暂停。"


def acts_of(plan: Plan) -> Iterator[Act]:
    """Yield the measure of 2025 at the clinic: three of its people were responsible, and it was lifted early."""
    people = unscored(plan, plan.clinic)[-3:]
    measure = HandlingMeasure(
        kind=MeasureKind.DEPARTMENT_SUSPENDED, start=_FROM, until=_UNTIL, department="骨科"
    )
    case = measured(plan, plan.clinic, people, measure, decided_on=_DECIDED_ON, approved_on=_APPROVED_ON, number=1)
    yield from recorded(case)
    yield Act(at(_SET_ON, 16, 40), "clinic", duties.doing(case, [Duty.MAINTENANCE]))
    for position, code in enumerate(people):
        yield drafted(at(_LIFTED_ON, 9, 20 + position), case, code)
        yield Act(at(_LIFTED_ON, 15, 20 + position), "reviewer", _approving(code))
        yield Act(at(_SET_AGAIN_ON, 10, 20 + position), "clinic", duties.state_set(code, plan.clinic))


def standing(plan: Plan, decided_on: date, today: date) -> Iterator[Act]:
    """Yield two measures that hold on `today`: a health centre's, with no end, and one whose lifting waits."""
    centres = [each.code for each in plan.institutions if each.level == "health_centre"][:1]
    agreement = HandlingMeasure(
        kind=MeasureKind.AGREEMENT_SUSPENDED, start=decided_on, until=None, department=None
    )
    department = HandlingMeasure(
        kind=MeasureKind.DEPARTMENT_SUSPENDED, start=decided_on, until=None, department="康复科"
    )
    approved_on = decided_on + timedelta(days=1)
    places = [*((code, agreement) for code in centres), (plan.clinic, department)]
    for number, (place, measure) in enumerate(places, start=2):
        people = unscored(plan, place)[-5:-3] if place == plan.clinic else unscored(plan, place)[-2:]
        case = measured(plan, place, people, measure, decided_on=decided_on, approved_on=approved_on, number=number)
        yield from recorded(case)
        if place == plan.clinic:
            yield drafted(at(today - timedelta(days=1), 10, 40), case, people[0])


def unscored(plan: Plan, institution: str) -> list[str]:
    """Return the people of an institution without a score in the plan, the doctor left out."""
    scored = {finding.practitioner for case in plan.cases for finding in case.findings}
    return [
        each.code
        for each in plan.practitioners
        if each.institution == institution and each.code not in {*scored, plan.doctor}
    ]


def measured(
    plan: Plan,
    institution: str,
    people: Sequence[str],
    measure: HandlingMeasure,
    *,
    decided_on: date,
    approved_on: date,
    number: int,
) -> PlannedCase:
    """Return a case that takes a measure: these people are responsible, and not scored."""
    region = next(each.region for each in plan.institutions if each.code == institution)
    return PlannedCase(
        institution=institution,
        kind="agreement",
        decided_on=decided_on,
        drafted_at=at(approved_on, 9, number),
        approved_at=at(approved_on, 15, number),
        document_no=f"{names.DIVISIONS[region]}医保协处〔{decided_on.year}〕{_FIRST_NUMBER + number}号",
        findings=tuple(
            PlannedFinding(practitioner=code, item=_ITEM, degree="general", points=None) for code in people
        ),
        measure=measure,
    )


def drafted(instant: datetime, case: PlannedCase, code: str) -> Act:
    """Return the draft of a lifting of somebody's measure of a case."""
    return Act(
        instant, "clerk", lambda work: liftings.draft(work, _measure_of(work, case, code), reason=_REASON)
    )


def _approving(code: str) -> Callable[[Work], object]:
    def approve(work: Work) -> None:
        query = select(table.c.id).join(practitioners, practitioners.c.id == table.c.practitioner_id)
        waits = (practitioners.c.code == code) & (table.c.state == ProposalState.DRAFTED)
        liftings.approve(work, work.conn.execute(query.where(waits)).scalar_one())

    return approve


def _measure_of(work: Work, case: PlannedCase, code: str) -> str:
    query = (
        select(entries.c.id)
        .join(practitioners, practitioners.c.id == entries.c.practitioner_id)
        .join(cases, cases.c.id == entries.c.case_id)
        .where(practitioners.c.code == code, cases.c.document_no == case.document_no)
        .where(entries.c.kind == EntryKind.MEASURE)
    )
    entry_id: str = work.conn.execute(query).scalar_one()
    return entry_id
