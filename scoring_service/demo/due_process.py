"""What followed some of the scores of the demo year: credits, corrections, appeals, ways back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.months import add_years
from scoring_service.core.standing import Span
from scoring_service.db.tables import corrections, practitioners, remediation_applications
from scoring_service.db.tables import reregistrations as proposals
from scoring_service.demo import appeals, measures, resumptions
from scoring_service.demo.acts import Act, score_of
from scoring_service.services.proposals import corrections as drafted_corrections
from scoring_service.services.proposals import remediation, reregistrations
from scoring_service.services.proposals.consent import consent
from scoring_service.services.proposals.remediation_reading import APPLICATION
from scoring_service.services.registry.affiliations import AskedAffiliation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Table

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.core.working_days import WorkingCalendar
    from scoring_service.demo.plan import Plan, PlannedCase
    from scoring_service.services.unit_of_work.transaction import Work

_POINTS_CREDITS = 24
_CORRECTIONS = 5
_AFTER_A_WEEK, _AFTER_A_MONTH = timedelta(days=7), timedelta(days=30)
_ONE_HOUR, _TWO_HOURS = timedelta(hours=1), timedelta(hours=2)
_LAST_CREDIT = date(2025, 11, 20)
_ACTIVITIES = ("online_course", "offline_training", "policy_publicity", "inspection_participation")
_BASES = (
    ("clerical", "赤医保更〔2025〕{number}号", "录入时分值有误。"),
    ("reconsideration", "赤政复决〔2025〕{number}号", "行政复议决定变更处理。"),
    ("court", "（2025）内0402行初{number}号", "人民法院判决变更处理。"),
)


def acts_of(plan: Plan, calendar: WorkingCalendar, rulebook: Rulebook) -> Iterator[Act]:
    """Yield what followed the plan's scores; the year's totals stay what its scores make them."""
    scored = _scored(plan)
    for appeal in plan.appeals:
        case = next(case for case, _ in scored.pop(appeal.practitioner))
        yield from appeals.acts_of(appeal, case, calendar, plan.doctor)
    yield from _receipts_of_the_doctor(plan, calendar, scored.pop(plan.doctor, []))
    small = [code for code, own in scored.items() if len(own) == 1 and own[0][1] in {2, 3}]
    for number, code in enumerate(small[:_POINTS_CREDITS]):
        case = scored[code][0][0]
        at = case.approved_at + _AFTER_A_WEEK
        if at.date() < _LAST_CREDIT:
            yield from _credit(at, code, case.institution, _ACTIVITIES[number % len(_ACTIVITIES)], "points")
    for number, code in enumerate(small[_POINTS_CREDITS : _POINTS_CREDITS + _CORRECTIONS], start=1):
        yield from _correction(scored[code][0][0], code, scored[code][0][1] - 1, number)
    credited: dict[str, date] = {}
    for code, own in scored.items():
        points = [value for _, value in own]
        if points == [10]:
            credited_at = own[0][0].approved_at + _AFTER_A_MONTH
            credited[code] = credited_at.date()
            yield from _credit(credited_at, code, own[0][0].institution, "offline_training", "term")
        if sum(points) == 12 and len(points) == 2:  # noqa: PLR2004 - terminated by two scores.
            yield from _way_back(own[-1][0], code)
    yield from resumptions.acts_of(plan, calendar, rulebook, credited)
    yield from measures.acts_of(plan)


def _scored(plan: Plan) -> dict[str, list[tuple[PlannedCase, int]]]:
    """Return the scores of each person, by their code, with the case that each is of."""
    scored: dict[str, list[tuple[PlannedCase, int]]] = {}
    for case in plan.cases:
        for finding in case.findings:
            if finding.points is not None:
                scored.setdefault(finding.practitioner, []).append((case, finding.points))
    return scored


def _receipts_of_the_doctor(
    plan: Plan, calendar: WorkingCalendar, own: list[tuple[PlannedCase, int]]
) -> Iterator[Act]:
    """The doctor and the clinic acknowledge the letters after the first, whose receipt belongs to its appeal."""
    for case, _points in own[1:]:
        course = appeals.Course(case, plan.doctor, calendar)
        yield from course.received(person="doctor")
        yield course.talked()


def _credit(at: datetime, code: str, institution: str, activity: str, effect: str) -> Iterator[Act]:
    completed_on = at.date() - timedelta(days=2)
    yield Act(
        at,
        "clerk",
        lambda work: remediation.file_application(
            work,
            practitioner=code,
            activity=activity,
            completed_on=completed_on,
            effect=effect,
            evidence="完成证明已核对。",
        ),
    )
    yield Act(
        at + _ONE_HOUR,
        "clerk",
        lambda work: consent(
            work,
            APPLICATION,
            waiting_about(work, remediation_applications, code, "filed"),
            institution=institution,
            proof="单位同意书原件存档。",
        ),
    )
    yield Act(
        at + _TWO_HOURS,
        "reviewer",
        lambda work: remediation.approve(work, waiting_about(work, remediation_applications, code, "consented")),
    )


def _correction(case: PlannedCase, code: str, value: int, number: int) -> Iterator[Act]:
    at = case.approved_at + _AFTER_A_MONTH
    basis, document_no, reason = _BASES[number % len(_BASES)]
    yield Act(
        at,
        "clerk",
        lambda work: drafted_corrections.draft(
            work,
            score_of(work, case, code),
            value=value,
            basis=basis,
            document_no=document_no.format(number=number),
            reason=reason,
        ),
    )
    yield Act(
        at + _TWO_HOURS,
        "reviewer",
        lambda work: drafted_corrections.approve(work, waiting_about(work, corrections, code, "drafted")),
    )


def _way_back(case: PlannedCase, code: str) -> Iterator[Act]:
    """A new registration three weeks after the ban of a year, which begins the day after approval."""
    ban_ends = add_years(case.approved_at.date() + timedelta(days=1), 1)
    at = datetime.combine(ban_ends + timedelta(days=21), case.approved_at.timetz())
    place = AskedAffiliation(institution=case.institution, span=Span(at.date(), None))
    yield Act(
        at,
        "clerk",
        lambda work: reregistrations.propose(
            work, code, on=at.date(), affiliations=[place], commitment_signed_on=at.date()
        ),
    )
    yield Act(
        at + _TWO_HOURS,
        "reviewer",
        lambda work: reregistrations.approve(work, waiting_about(work, proposals, code, "proposed")),
    )


def waiting_about(work: Work, table: Table, code: str, state: str) -> str:
    """Return the id of what waits for another person about someone."""
    about: ColumnElement[bool] = (practitioners.c.code == code) & (table.c.state == state)
    query = select(table.c.id).join(practitioners, practitioners.c.id == table.c.practitioner_id).where(about)
    proposal_id: str = work.conn.execute(query).scalar_one()
    return proposal_id
