"""What followed some of the scores of the demo year: credits earned, slips of the pen corrected, a way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.months import add_years
from scoring_service.core.standing import Span
from scoring_service.db.tables import entries, practitioners
from scoring_service.services import correction_drafts, remediation, reregistrations
from scoring_service.services.affiliations import AskedAffiliation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scoring_service.demo.plan import Plan, PlannedCase
    from scoring_service.services.actor import Actor
    from scoring_service.services.work import Service

_POINTS_CREDITS = 24
_CORRECTIONS = 5
_AFTER_A_WEEK, _AFTER_A_MONTH = timedelta(days=7), timedelta(days=30)
_LAST_CREDIT = date(2025, 11, 20)
_ACTIVITIES = ("online_course", "offline_training", "policy_publicity", "inspection_participation")


@dataclass(frozen=True, slots=True)
class Act:
    """Something that two people of the office did at an instant."""

    at: datetime
    perform: Callable[[Service, Actor, Actor], None]


def acts_of(plan: Plan) -> Iterator[Act]:
    """Yield what followed the plan's scores; the year's totals stay what its scores make them."""
    scored: dict[str, list[tuple[PlannedCase, int]]] = {}
    for case in plan.cases:
        for finding in case.findings:
            scored.setdefault(finding.practitioner, []).append((case, finding.points))
    small = [code for code, own in scored.items() if len(own) == 1 and own[0][1] in {2, 3}]
    for number, code in enumerate(small[:_POINTS_CREDITS]):
        at = scored[code][0][0].approved_at + _AFTER_A_WEEK
        if at.date() < _LAST_CREDIT:
            yield _credit(at, code, _ACTIVITIES[number % len(_ACTIVITIES)], "points")
    for code in small[_POINTS_CREDITS : _POINTS_CREDITS + _CORRECTIONS]:
        yield _correction(scored[code][0][0].approved_at + _AFTER_A_MONTH, code, scored[code][0][1] - 1)
    for code, own in scored.items():
        points = [value for _, value in own]
        if points == [10]:
            yield _credit(own[0][0].approved_at + _AFTER_A_MONTH, code, "offline_training", "term")
        if sum(points) == 12 and len(points) == 2:  # noqa: PLR2004 - terminated by two scores.
            yield _way_back(own[-1][0], code)


def _credit(at: datetime, code: str, activity: str, effect: str) -> Act:
    def perform(service: Service, clerk: Actor, reviewer: Actor) -> None:
        with service.work(clerk) as work:
            filed = remediation.file_application(
                work,
                practitioner=code,
                activity=activity,
                completed_on=at.date() - timedelta(days=2),
                effect=effect,
                evidence="完成证明已核对。",
            )
        with service.work(reviewer) as work:
            remediation.approve(work, filed["id"])

    return Act(at, perform)


def _correction(at: datetime, code: str, value: int) -> Act:
    def perform(service: Service, clerk: Actor, reviewer: Actor) -> None:
        with service.work(clerk) as work:
            entry_id = work.conn.execute(
                select(entries.c.id)
                .join(practitioners, practitioners.c.id == entries.c.practitioner_id)
                .where(practitioners.c.code == code, entries.c.kind == "score")
            ).scalar_one()
            drafted = correction_drafts.draft(
                work, entry_id, value=value, basis="clerical", document_no="更正", reason="录入时分值有误。"
            )
        with service.work(reviewer) as work:
            correction_drafts.approve(work, drafted["id"])

    return Act(at, perform)


def _way_back(case: PlannedCase, code: str) -> Act:
    """A new registration three weeks after the ban of a year, which begins the day after approval."""
    ban_ends = add_years(case.approved_at.date() + timedelta(days=1), 1)
    at = datetime.combine(ban_ends + timedelta(days=21), case.approved_at.timetz())

    def perform(service: Service, clerk: Actor, reviewer: Actor) -> None:
        place = AskedAffiliation(institution=case.institution, span=Span(at.date(), None))
        with service.work(clerk) as work:
            proposed = reregistrations.propose(
                work, code, on=at.date(), affiliations=[place], commitment_signed_on=at.date()
            )
        with service.work(reviewer) as work:
            reregistrations.approve(work, proposed["id"])

    return Act(at, perform)
