"""What waits for an office today: returned drafts, cases to review, sanctions that begin or end, what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, or_, select

from scoring_service.core.procedure import AppealState
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
from scoring_service.services.notices.issuing import visible_notices
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.kinds import KINDS as PROPOSALS
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.listing import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from scoring_service.services.unit_of_work.transaction import Work

SHOWN = 8
COUNTED_TO = 200
WAITING = (AppealState.COMPLETE, AppealState.ACCEPTED)
NEAR = timedelta(days=7)
ONE_DAY = timedelta(days=1)
LATE_AFTER_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Each list is the beginning of what there is, `SHOWN` rows at most; the counts are whole, `unreceived` up to
    `COUNTED_TO`.
    """

    returned: Sequence[Row[Any]]
    submitted: Sequence[Row[Any]]
    submitted_count: int
    sanctions: Sequence[Row[Any]]
    appeals: Sequence[Row[Any, Any, Any, Any, Any]]
    stalled: Sequence[Row[Any, Any, Any]]
    proposals: dict[str, int]
    unreceived: int
    ratios: Sequence[Row[Any, Any, Any, Any, Any]]
    failed_jobs: Sequence[Row[Any]]


def today_of(work: Work) -> Today:
    """Return what waits in the actor's region."""
    sanctions, waiting, stalled = _sanctions(work), _appeals(work), _stalled(work)
    for row in (*sanctions, *waiting, *stalled):
        work.look(row.practitioner_id, "today")
    submitted = reading.listing(work, state="submitted")
    oldest = submitted.query.order_by(cases.c.created_at, cases.c.id).limit(SHOWN)
    returned = reading.listing(work, state="draft").query.where(cases.c.reason.is_not(None))
    return Today(
        returned=work.conn.execute(returned.order_by(cases.c.changed_at.desc()).limit(SHOWN)).all(),
        submitted=work.conn.execute(oldest).all(),
        submitted_count=count(work, submitted),
        sanctions=sanctions,
        appeals=waiting,
        stalled=stalled,
        proposals=_proposals(work),
        unreceived=_unreceived(work),
        ratios=_ratios(work),
        failed_jobs=work.conn.execute(select(job_runs).where(job_runs.c.state == "failed").limit(SHOWN)).all(),
    )


def _sanctions(work: Work) -> Sequence[Row[Any]]:
    """Return the sanctions whose first or last day lies within a week from now, the nearest first, with the names."""
    first, last = work.today, work.today + NEAR
    spans = standing_sanctions.c
    begins = spans.from_on.between(first, last)
    ends = spans.until_on.between(first + ONE_DAY, last + ONE_DAY)
    query = (
        select(standing_sanctions, practitioners.c.name)
        .join(practitioners, practitioners.c.id == spans.practitioner_id)
        .where(or_(begins, ends))
        .where(sight.practitioner_filter(work))
        .order_by(case((begins, spans.from_on), else_=spans.until_on), practitioners.c.id)
        .limit(SHOWN)
    )
    return work.conn.execute(query).all()


def _appeals(work: Work) -> Sequence[Row[Any, Any, Any, Any, Any]]:
    """Return the appeals that wait for the office, those whose time ends first before the others."""
    query = (
        select(appeals.c.id, appeals.c.practitioner_id, appeals.c.state, appeals.c.due_on, practitioners.c.name)
        .join(practitioners, practitioners.c.id == appeals.c.practitioner_id)
        .where(appeals.c.state.in_(WAITING), sight.practitioner_filter(work))
        .order_by(appeals.c.due_on, appeals.c.id)
        .limit(SHOWN)
    )
    return work.conn.execute(query).all()


def _stalled(work: Work) -> Sequence[Row[Any, Any, Any]]:
    """Return the appeals whose other party has refused or let the time for the countersignature pass."""
    query = (
        select(appeals.c.id, appeals.c.practitioner_id, practitioners.c.name)
        .join(practitioners, practitioners.c.id == appeals.c.practitioner_id)
        .where(appeals.c.state == AppealState.FILED, sight.practitioner_filter(work))
        .where(or_(appeals.c.refused_at.is_not(None), appeals.c.countersign_until < work.today))
        .order_by(appeals.c.countersign_until, appeals.c.id)
        .limit(SHOWN)
    )
    return work.conn.execute(query).all()


def _proposals(work: Work) -> dict[str, int]:
    """Count what waits for a second person's decision, by kind."""
    counts = {
        name: count(work, proposal.listing(work, decided.kind, state=decided.kind.waiting))
        for name, decided in PROPOSALS.items()
    }
    return {kind: number for kind, number in counts.items() if number}


def _unreceived(work: Work) -> int:
    """Count the notices without a receipt for more than `LATE_AFTER_DAYS` days, up to `COUNTED_TO`."""
    late_before = work.now - timedelta(days=LATE_AFTER_DAYS)
    old = select(notices.c.id).where(
        notices.c.received_on.is_(None), notices.c.created_at < late_before, visible_notices(work)
    )
    counted = select(func.count()).select_from(old.limit(COUNTED_TO).subquery())
    return work.conn.execute(counted).scalar_one()


def _ratios(work: Work) -> Sequence[Row[Any, Any, Any, Any, Any]]:
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
    return work.conn.execute(query).all()
