"""What waits on each desk when somebody signs in for the first time: dated by the last working days before that day.

A history that ends before 2026-03-01 has nothing of this: it is the beginning of the demo year and no more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scoring_service.core.months import add_months
from scoring_service.db.tables import remediation_applications
from scoring_service.demo import measures, names, resumptions
from scoring_service.demo.acts import Act, at, case_id, score_of
from scoring_service.demo.appeals import Course
from scoring_service.demo.due_process import waiting_about
from scoring_service.demo.plan import PlannedCase, PlannedFinding
from scoring_service.demo.recorded_cases import draft_case, handed_in, recorded
from scoring_service.demo.resumptions import Term
from scoring_service.services.appeals import filing
from scoring_service.services.cases.drafting import give_back
from scoring_service.services.proposals import corrections as drafted_corrections
from scoring_service.services.proposals import remediation
from scoring_service.services.proposals.consent import consent, refuse_consent
from scoring_service.services.proposals.remediation_reading import APPLICATION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scoring_service.core.working_days import WorkingCalendar
    from scoring_service.demo.plan import Plan
    from scoring_service.services.unit_of_work.transaction import Work

FIRST_DAY = date(2026, 3, 1)
_FIRST_NUMBER = 900
# What 9 points bring, in months.
_MONTHS = 2


@dataclass(frozen=True, slots=True)
class _Desk:
    """The plan and the days before the first sign-in."""

    plan: Plan
    calendar: WorkingCalendar
    today: date

    def before(self, working_days: int) -> date:
        """Return the day so many working days before today."""
        day = self.today
        while working_days:
            day -= timedelta(days=1)
            working_days -= self.calendar.is_working_day(day)
        return day

    def colleagues(self) -> list[str]:
        """Return the people of the clinic without a score in the plan."""
        scored = {finding.practitioner for case in self.plan.cases for finding in case.findings}
        return [
            each.code
            for each in self.plan.practitioners
            if each.institution == self.plan.clinic and each.code not in {*scored, self.plan.doctor}
        ]

    def case(self, number: int, person: str, points: int, item: str, approved: int) -> PlannedCase:
        """Return a case against one person of the clinic, approved so many working days ago."""
        decided_on = self.before(approved + 2)
        region = next(each.region for each in self.plan.institutions if each.code == self.plan.clinic)
        place = names.DIVISIONS[region]
        return PlannedCase(
            institution=self.plan.clinic,
            kind="penalty",
            decided_on=decided_on,
            drafted_at=at(self.before(approved + 1), 10, number),
            approved_at=at(self.before(approved), 15, number),
            document_no=f"{place}医保罚决〔{decided_on.year}〕{_FIRST_NUMBER + number}号",
            findings=(PlannedFinding(practitioner=person, item=item, degree="important", points=points),),
        )


def acts_of(plan: Plan, calendar: WorkingCalendar, today: date) -> Iterator[Act]:
    """Yield what was begun and is not finished on `today`; nothing for a plan without the clinic's story."""
    desk = _Desk(plan, calendar, today)
    colleagues = desk.colleagues()
    if today < FIRST_DAY or not plan.appeals:
        return
    yield from _appeals(desk, colleagues)
    yield from _cases(desk, colleagues[4:])
    fresh = desk.case(5, plan.doctor, 4, "repeat_or_excess_charging", 2)
    yield from recorded(fresh)
    yield Act(at(desk.before(1), 14, 5), "doctor", _applying(plan.doctor, desk.before(2)))
    yield Act(
        at(desk.before(1), 16, 5),
        "clinic",
        lambda work: consent(work, APPLICATION, waiting_about(work, remediation_applications, plan.doctor, "filed")),
    )
    yield from _unanswered(desk, colleagues[1], colleagues[2])
    yield _correction(desk)
    yield from measures.standing(plan, desk.before(20), today)
    yield from _suspended(desk, colleagues[8:])


def _unanswered(desk: _Desk, silent: str, refused: str) -> Iterator[Act]:
    """Two applications of colleagues: to one the clinic has not answered in time, to the other it does not agree."""
    for code, filed_before in ((silent, 8), (refused, 6)):
        yield Act(at(desk.before(filed_before), 10, 30), "clerk", _applying(code, desk.before(filed_before + 1)))
    yield Act(
        at(desk.before(4), 15, 30),
        "clinic",
        lambda work: refuse_consent(
            work,
            APPLICATION,
            waiting_about(work, remediation_applications, refused, "filed"),
            reason="培训由本人自行参加，本院无法核实出勤情况。",
        ),
    )


def _applying(code: str, completed_on: date) -> Callable[[Work], object]:
    return lambda work: remediation.file_application(
        work,
        practitioner=code,
        activity="online_course",
        completed_on=completed_on,
        effect="points",
        evidence="线上培训结业证书。",
    )


def _suspended(desk: _Desk, people: list[str]) -> Iterator[Act]:
    """Three whose term ends in a fortnight: one has not asked, one waits for the clinic, one for the office."""
    silent, waiting, consented = people[:3]
    until = desk.today + timedelta(days=14)
    approved_on = desk.calendar.working_day_before(add_months(until, -_MONTHS), 1)
    case = desk.case(12, silent, 9, "settling_in_anothers_name", 2)
    finding = case.findings[0]
    yield from recorded(
        replace(
            case,
            decided_on=approved_on - timedelta(days=2),
            drafted_at=at(approved_on - timedelta(days=1), 10, 12),
            approved_at=at(approved_on, 15, 12),
            findings=tuple(replace(finding, practitioner=code) for code in (silent, waiting, consented)),
        )
    )
    terms = [Term(until, code, desk.plan.clinic) for code in (waiting, consented)]
    of_the_person, *_consent_of_clinic = resumptions.filed(terms[0], desk.before(2))
    of_the_clinic, *_consent_is_given = resumptions.filed(terms[1], desk.before(1), by="clinic")
    yield from (of_the_person, of_the_clinic)


def _appeals(desk: _Desk, people: list[str]) -> Iterator[Act]:
    """One appeal waits for an expert, one for its decision, one for the explanation, one for the clinic's seal."""
    cases = [
        desk.case(1, people[0], 4, "overtreatment", 27),
        desk.case(2, people[1], 5, "splitting_stays", 25),
        desk.case(3, people[2], 3, "certificate_lent_out", 15),
        desk.case(4, people[3], 6, "swapping_items", 9),
    ]
    courses = [Course(case, code, desk.calendar) for case, code in zip(cases, people, strict=False)]
    for case, course in zip(cases, courses, strict=True):
        yield from recorded(case)
        yield from course.received()
        yield course.filed()
    for course in courses[:3]:
        yield course.on(8, "clinic", filing.countersign)
    *heard, _opinion_of_expert = courses[0].heard("reduced", 2)
    yield from heard
    yield from courses[1].heard("upheld", None)


def _cases(desk: _Desk, people: list[str]) -> Iterator[Act]:
    """A draft, a case given back to the clerk, two to review."""
    draft, returned, first, second = (
        desk.case(6 + position, code, 2, "agreement_handling_with_penalty", position % 2)
        for position, code in enumerate(people[:4])
    )
    yield Act(at(desk.before(1), 11, 6), "clerk", lambda work: draft_case(work, draft))
    yield Act(at(desk.before(2), 11, 7), "clerk", lambda work: handed_in(work, returned))
    reason = "请补充现场检查笔录的文号后再提交。"
    yield Act(
        at(desk.before(1), 9, 7),
        "reviewer",
        lambda work: give_back(work, case_id(work, returned), reason=reason),
    )
    yield Act(at(desk.before(2), 11, 8), "clerk", lambda work: handed_in(work, first))
    yield Act(at(desk.before(1), 11, 9), "clerk", lambda work: handed_in(work, second))


def _correction(desk: _Desk) -> Act:
    """A correction by an administrative reconsideration, drafted and waiting for the reviewer."""
    declined = next(appeal for appeal in desk.plan.appeals if appeal.course == "declined")
    case = next(
        case
        for case in desk.plan.cases
        if any(finding.practitioner == declined.practitioner for finding in case.findings)
    )
    return Act(
        at(desk.before(1), 15, 10),
        "clerk",
        lambda work: drafted_corrections.draft(
            work,
            score_of(work, case, declined.practitioner),
            value=1,
            basis="reconsideration",
            document_no=f"赤政复决〔{desk.today.year}〕31号",
            reason="行政复议决定减轻处理。",
        ),
    )
