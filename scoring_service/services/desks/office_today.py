"""What waits for an office today: drafts given back, cases to review, sanctions near a first or last day, faults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func, or_, select

from scoring_service.core.procedure import AppealState, DraftState, Duty, RequestState
from scoring_service.db.tables import (
    appeals,
    cases,
    institutions,
    job_runs,
    notices,
    practitioners,
    ratio_alerts,
    standing_sanctions,
)
from scoring_service.services.cases import reading
from scoring_service.services.desks import consent_desk
from scoring_service.services.desks.consent_desk import WaitingForConsent
from scoring_service.services.desks.duty_desk import OpenCount, count_duties
from scoring_service.services.desks.resumption_desk import WaitingResumptions, count_waiting
from scoring_service.services.notices.issuing import visible_notices
from scoring_service.services.proposals import proposal, registration_requests
from scoring_service.services.proposals.kinds import KINDS as PROPOSALS
from scoring_service.services.proposals.registration_requests import REQUEST
from scoring_service.services.proposals.remediation_reading import APPLICATION
from scoring_service.services.registry.practitioners import count_without_commitment
from scoring_service.services.rulebooks import drafts as rulebook_drafts
from scoring_service.services.rulebooks.drafts import DRAFT
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.listing import count, count_each, read_oldest

if TYPE_CHECKING:
    from scoring_service.services.cases.case import CaseSummary
    from scoring_service.services.unit_of_work.listing import Listing
    from scoring_service.services.unit_of_work.transaction import Work

SHOWN = 8
COUNTED_TO = 200
WAITING = (AppealState.COMPLETE, AppealState.INSISTED, AppealState.ACCEPTED)
NEAR = timedelta(days=7)
ONE_DAY = timedelta(days=1)
LATE_AFTER_DAYS = 3


class NearSanction(NamedTuple):
    """A sanction `[start, until)` that begins, or whose term or ban ends, within a week."""

    practitioner_id: str
    name: str
    kind: str
    start: date
    until: date


class WaitingAppeal(NamedTuple):
    """An appeal that waits for the office, to be explained or decided by the end of `due_on`.

    While experts have it, since `paused_since`, its time stands still.
    """

    id: str
    practitioner_id: str
    name: str
    state: str
    due_on: date
    paused_since: date | None


class StalledAppeal(NamedTuple):
    """An appeal that the office may proceed with, though the other party has not signed."""

    id: str
    practitioner_id: str
    name: str


class ReachedRatio(NamedTuple):
    """An institution over its ratio: how many of its people were sanctioned, of how many registered there."""

    institution_code: str
    name: str
    level: str
    sanctioned: int
    registered: int


class FailedJob(NamedTuple):
    """A run of a job that failed, with the type of what failed it."""

    job: str
    period: str
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Each list is the beginning of what there is, `SHOWN` rows at most; the counts are whole, `unreceived` up to
    `COUNTED_TO`.
    """

    returned: list[CaseSummary]
    submitted: list[CaseSummary]
    submitted_count: int
    late_cases: int
    duties: dict[Duty, OpenCount]
    sanctions: list[NearSanction]
    appeals: list[WaitingAppeal]
    stalled: list[StalledAppeal]
    proposals: dict[str, int]
    requests: int
    drafts: int
    remediation: WaitingForConsent
    resumptions: WaitingResumptions
    without_commitment: int
    unreceived: int
    ratios: list[ReachedRatio]
    failed_jobs: list[FailedJob]


def today_of(work: Work) -> Today:
    """Return what waits in the actor's region."""
    decisions, requests, drafts = _proposals(work)
    sanctions, waiting, stalled = _sanctions(work), _appeals(work), _stalled(work)
    shown: list[NearSanction | WaitingAppeal | StalledAppeal] = [*sanctions, *waiting, *stalled]
    for each in shown:
        work.look(each.practitioner_id, "today")
    submitted = reading.listing(work, state="submitted")
    return Today(
        returned=_returned(work),
        submitted=read_oldest(work, submitted, limit=SHOWN),
        submitted_count=count(work, submitted),
        duties=count_duties(work),
        late_cases=count(work, reading.overdue(work)),
        sanctions=sanctions,
        appeals=waiting,
        stalled=stalled,
        proposals=decisions,
        requests=requests,
        drafts=drafts,
        remediation=consent_desk.count_waiting(work, APPLICATION),
        resumptions=count_waiting(work),
        without_commitment=count_without_commitment(work),
        unreceived=_unreceived(work),
        ratios=_ratios(work),
        failed_jobs=_failed_jobs(work),
    )


def _returned(work: Work) -> list[CaseSummary]:
    """Return the drafts that a reviewer has given back, the last changed first."""
    drafts = reading.listing(work, state="draft")
    query = drafts.query.where(cases.c.reason.is_not(None)).order_by(cases.c.changed_at.desc()).limit(SHOWN)
    return [drafts.show(row) for row in work.conn.execute(query).mappings()]


def _failed_jobs(work: Work) -> list[FailedJob]:
    columns = (job_runs.c.job, job_runs.c.period, job_runs.c.error)
    query = select(*columns).where(job_runs.c.state == "failed").limit(SHOWN)
    return [FailedJob(*row) for row in work.conn.execute(query)]


def _sanctions(work: Work) -> list[NearSanction]:
    """Return the sanctions whose first day, or last of the term, lies within a week, the nearest first, with names."""
    first, last = work.today, work.today + NEAR
    spans = standing_sanctions.c
    begins = spans.from_on.between(first, last)
    ends = spans.until_on.between(first + ONE_DAY, last + ONE_DAY)
    query = (
        select(spans.practitioner_id, practitioners.c.name, spans.kind, spans.from_on, spans.until_on)
        .join(practitioners, practitioners.c.id == spans.practitioner_id)
        .where(or_(begins, ends))
        .where(sight.practitioner_filter(work))
        .order_by(case((begins, spans.from_on), else_=spans.until_on), practitioners.c.id)
        .limit(SHOWN)
    )
    return [NearSanction(*row) for row in work.conn.execute(query)]


def _appeals(work: Work) -> list[WaitingAppeal]:
    """Return the appeals that wait for the office, those whose time ends first before the others.

    Those that experts have come last.
    """
    explanation_due = func.coalesce(appeals.c.explanation_due_on, appeals.c.due_on)
    due_on = case((appeals.c.state == AppealState.COMPLETE, explanation_due), else_=appeals.c.due_on)
    person = (appeals.c.practitioner_id, practitioners.c.name)
    query = (
        select(appeals.c.id, *person, appeals.c.state, due_on, appeals.c.paused_since)
        .join(practitioners, practitioners.c.id == appeals.c.practitioner_id)
        .where(appeals.c.state.in_(WAITING), sight.practitioner_filter(work))
        .order_by(appeals.c.paused_since.is_not(None), due_on, appeals.c.id)
        .limit(SHOWN)
    )
    return [WaitingAppeal(*row) for row in work.conn.execute(query)]


def _stalled(work: Work) -> list[StalledAppeal]:
    """Return the appeals whose other party has refused or let the time for the countersignature pass."""
    query = (
        select(appeals.c.id, appeals.c.practitioner_id, practitioners.c.name)
        .join(practitioners, practitioners.c.id == appeals.c.practitioner_id)
        .where(appeals.c.state == AppealState.FILED, sight.practitioner_filter(work))
        .where(or_(appeals.c.refused_at.is_not(None), appeals.c.countersign_until < work.today))
        .order_by(appeals.c.countersign_until, appeals.c.id)
        .limit(SHOWN)
    )
    return [StalledAppeal(*row) for row in work.conn.execute(query)]


def _proposals(work: Work) -> tuple[dict[str, int], int, int]:
    """Count what waits for a second person's decision, by kind; the requests to the registry; drafts of rulebooks."""
    waiting: dict[str, Listing[Any]] = {
        name: proposal.listing(work, decided.kind, state=decided.kind.waiting)
        for name, decided in PROPOSALS.items()
    }
    waiting[REQUEST.name] = registration_requests.listing(work, state=RequestState.REQUESTED)
    waiting[DRAFT.name] = rulebook_drafts.listing(work, state=DraftState.PROPOSED)
    counts = count_each(work, waiting)
    requests, drafts = counts.pop(REQUEST.name), counts.pop(DRAFT.name)
    return {kind: number for kind, number in counts.items() if number}, requests, drafts


def _unreceived(work: Work) -> int:
    """Count the notices without a receipt for more than `LATE_AFTER_DAYS` days, up to `COUNTED_TO`."""
    late_before = work.now - timedelta(days=LATE_AFTER_DAYS)
    old = select(notices.c.id).where(
        notices.c.received_on.is_(None), notices.c.created_at < late_before, visible_notices(work)
    )
    counted = select(func.count()).select_from(old.limit(COUNTED_TO).subquery())
    return work.conn.execute(counted).scalar_one()


def _ratios(work: Work) -> list[ReachedRatio]:
    """Return the institutions over their ratio this year, the severe first; of both levels the higher."""
    alerts = ratio_alerts.c
    query = (
        select(
            alerts.institution_code,
            institutions.c.name,
            func.max(alerts.level).label("level"),
            func.max(alerts.sanctioned).label("sanctioned"),
            func.max(alerts.registered).label("registered"),
        )
        .join(institutions, institutions.c.code == alerts.institution_code)
        .where(alerts.year == work.today.year, sight.institution_filter(work))
        .group_by(alerts.institution_code, institutions.c.name)
        .order_by(func.max(alerts.level).desc(), institutions.c.name)
        .limit(SHOWN)
    )
    return [ReachedRatio(*row) for row in work.conn.execute(query)]
