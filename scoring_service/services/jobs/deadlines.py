"""Deadlines, each day: receipts by lapse of time, windows counted again and closed, reminders, calendars.

A deadline ends at 24:00 of its last day, so the job of a day looks at what ended with the day before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, tuple_, update

from scoring_service.core.civil import midnight
from scoring_service.db.tables import notices
from scoring_service.services.appeals import silent_experts
from scoring_service.services.appeals.reminders import remind
from scoring_service.services.appeals.silence import insist_for_silent
from scoring_service.services.cases import issue_days
from scoring_service.services.jobs.recounts import recount_chunk
from scoring_service.services.notices import overdue
from scoring_service.services.notices.receipts import deem_received
from scoring_service.services.notices.records import Notice, notice_of
from scoring_service.services.proposals import consent_clocks, resumption_reminders
from scoring_service.services.proposals.kinds import CONSENTED_KINDS
from scoring_service.services.unit_of_work.step import Step
from scoring_service.services.unit_of_work.transaction import Work

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

CHUNK_NOTICES = 2000
CHUNK_EXPERTS = 100
WARN_FROM_MONTH = 11

# What a part of the job counted, and where it goes on, None when nothing is left.
Done = tuple[dict[str, int], str | None]


def run_parts(work: Work, period: str, cursor: str | None) -> Step:
    """Run the parts of the job for the day `period` in order; one transaction ends with the first full chunk."""
    day = date.fromisoformat(period)
    name, _, after = (cursor or f"{next(iter(PARTS))}:").partition(":")
    names = list(PARTS)
    counts: dict[str, int] = {}
    for position in range(names.index(name), len(names)):
        counted, going_on = PARTS[names[position]](work, day, after or None)
        counts = {key: counts.get(key, 0) + counted.get(key, 0) for key in counts | counted}
        if going_on is not None:
            return Step(cursor=f"{names[position]}:{going_on}", counts=counts)
        after = ""
    return Step(counts=counts)


def _deem(work: Work, day: date, after: str | None) -> Done:
    """Deem notices received whose addressees have not said so in time."""
    lapsing = notices.c.received_on.is_(None) & (
        notices.c.created_at < midnight(day)
    )
    waiting, going_on = _chunk(work, lapsing, notices.c.created_at, after)
    return {"deemed": deem_received(work, waiting, day) if waiting else 0}, going_on


def _recount(work: Work, day: date, after: str | None) -> Done:  # noqa: ARG001
    """Count provisional windows and due days again, and all of them when the calendar has changed."""
    return recount_chunk(work, after)


def _close(work: Work, day: date, after: str | None) -> Done:  # noqa: ARG001
    """Close the appeal windows whose last day is over, and say so; none closes on a provisional day."""
    over = _open_window() & (notices.c.window_closes_on < day) & ~notices.c.provisional
    query = (
        select(notices).where(over).order_by(notices.c.window_closes_on, notices.c.id).limit(CHUNK_NOTICES)
    )
    closing = _held(work, query)
    if not closing:
        return {"closed": 0}, None
    closed_at = work.record()
    chosen = notices.c.id.in_([notice.id for notice in closing])
    work.conn.execute(update(notices).where(chosen).values(window_closed_at=closed_at))
    for notice in closing:
        work.event(
            "appeal_window_closed",
            practitioner_id=notice.practitioner_id,
            institution_code=notice.institution_code,
            notice=notice.id,
            notice_kind=notice.kind,
            closed_on=notice.window_closes_on.isoformat() if notice.window_closes_on else None,
        )
    return {"closed": len(closing)}, "more" if len(closing) == CHUNK_NOTICES else None


def _warn_of_calendar(work: Work, day: date, after: str | None) -> Done:  # noqa: ARG001
    """From 1 November on, warn each day while the working days of the next year are not there."""
    missing = day.month >= WARN_FROM_MONTH and day.year + 1 not in work.service.calendar.years
    if missing:
        work.event("calendar_missing", year=day.year + 1)
    return {"calendar_missing": int(missing)}, None


def _insist_for_silent(work: Work, day: date, after: str | None) -> Done:  # noqa: ARG001
    """Insist on the appeals whose filers have not answered the office's explanation in time."""
    insisted = insist_for_silent(work, day, CHUNK_NOTICES)
    return {"appeals_insisted": insisted}, "more" if insisted == CHUNK_NOTICES else None


def _remind_of_appeals(work: Work, day: date, after: str | None) -> Done:  # noqa: ARG001
    """Tell of appeals to be decided within three working days, and of those that are overdue."""
    counts, is_more = remind(work, day, CHUNK_NOTICES)
    return counts, "more" if is_more else None


def _tell_overdue(work: Work, day: date, after: str | None) -> Done:  # noqa: ARG001
    """Tell of letters that should have been issued, and of deliveries, states and talks whose last day is over."""
    late = issue_days.announce_overdue(work, day, CHUNK_NOTICES)
    after_notices = overdue.announce_overdue(work, day, CHUNK_NOTICES)
    counts = {"cases_overdue": late, "duties_overdue": after_notices}
    return counts, "more" if CHUNK_NOTICES in {late, after_notices} else None


def _attend_experts(work: Work, day: date, after: str | None) -> Done:  # noqa: ARG001
    """Tell of opinions that are soon due, and release the experts who have not given theirs in time."""
    counts, is_more = silent_experts.attend(work, day, CHUNK_EXPERTS)
    return counts, "more" if is_more else None


def _remind_of_resumptions(work: Work, day: date, after: str | None) -> Done:
    """Write to those who may apply for a resumption by now, and to those who would do so too late after this day."""
    return resumption_reminders.remind(work, day, CHUNK_NOTICES, after)


def _remind_of_consents(work: Work, day: date, after: str | None) -> Done:  # noqa: ARG001
    """Tell of applications whose institution has still to answer: on the last days for it, and when they are over."""
    counts: dict[str, int] = {}
    is_more = False
    for kind in CONSENTED_KINDS:
        counted, more = consent_clocks.remind(work, kind, day, CHUNK_NOTICES)
        counts |= counted
        is_more = is_more or more
    return counts, "more" if is_more else None


def _open_window() -> ColumnElement[bool]:
    return notices.c.window_closes_on.is_not(None) & notices.c.window_closed_at.is_(None)


def _chunk(
    work: Work, condition: ColumnElement[bool], order: ColumnElement[Any], after: str | None
) -> tuple[list[Notice], str | None]:
    """Return the next notices by `order` and id, locked, and the place of the last when there may be more.

    One that somebody acknowledges at this moment is left out and found again by the next day's job if need be.
    """
    query = select(notices).where(condition).order_by(order, notices.c.id).limit(CHUNK_NOTICES)
    if after is not None:
        last = select(order, notices.c.id).where(notices.c.id == after).subquery()
        query = query.where(tuple_(order, notices.c.id) > select(*last.c).scalar_subquery())
    chunk = _held(work, query)
    return chunk, chunk[-1].id if len(chunk) == CHUNK_NOTICES else None


def _held(work: Work, query: Select[Any]) -> list[Notice]:
    """Return the notices of a query, locked; those that somebody else holds are left out."""
    rows = work.conn.execute(query.with_for_update(skip_locked=True, key_share=True)).mappings()
    return [notice_of(row) for row in rows]


# In the order in which they run: each works on up to CHUNK_NOTICES things.
PARTS: dict[str, Callable[[Work, date, str | None], Done]] = {
    "deemed": _deem,
    "recounted": _recount,
    "closed": _close,
    "overdue": _tell_overdue,
    "insisted": _insist_for_silent,
    "experts": _attend_experts,
    "appeals": _remind_of_appeals,
    "resumptions": _remind_of_resumptions,
    "consents": _remind_of_consents,
    "calendar": _warn_of_calendar,
}
