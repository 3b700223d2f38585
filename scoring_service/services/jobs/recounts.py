"""Windows and due days counted again when the working days have changed since they were counted (scheme.md 2.7).

A calendar that comes late, or is amended after it was published, is told by comparing it with the one that everything
stands by. What reaches the earliest day on which the two differ is counted again, and nothing gets shorter: an appeal
window that the old calendar closed too early is open again.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import InterfaceError, OperationalError

from scoring_service.core.working_days import WorkingCalendar
from scoring_service.db.tables import counted_calendar, notices
from scoring_service.services.appeals import recounts as appeal_recounts
from scoring_service.services.cases import issue_days
from scoring_service.services.notices import duties
from scoring_service.services.notices.duties import count_from
from scoring_service.services.notices.moved_windows import counted_again
from scoring_service.services.notices.notice_rulebooks import rulebooks_of
from scoring_service.services.notices.receipts import (
    Window,
    deemed_on,
    never_shorter,
    window_after,
)
from scoring_service.services.notices.records import Notice, notice_of
from scoring_service.services.proposals import consent_clocks
from scoring_service.services.proposals.kinds import CONSENTED_KINDS
from scoring_service.services.proposals.resumption_reading import recount_evaluations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.unit_of_work.transaction import Service, Work

CHUNK_NOTICES = 2000

log = structlog.get_logger("scoring_service.jobs")


def recount_amended(service: Service, stopping: Callable[[], bool]) -> None:
    """Count everything again if the calendar is another than the one counted by, in as many transactions as it takes.

    A failure is logged by its type and left for the next call. Raises when the database is gone.
    """
    try:
        after: str | None = None
        while not stopping():
            with service.work() as work:
                if amended_from(work) is None:
                    return
                counts, after = recount_chunk(work, after)
            log.info("calendar counted again", counts=counts)
            if after is None:
                return
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 -- the jobs go on, and each day's count the provisional ones
        log.error("calendar not counted again", error=type(error).__name__)  # noqa: TRY400 -- the text may hold personal data


def amended_from(work: Work) -> date | None:
    """Return the earliest day that the present calendar counts unlike the one counted by; None when there is none.

    Where none is known, everything is counted.
    """
    kept = work.conn.execute(select(counted_calendar)).one_or_none()
    if kept is None:
        return date.min
    before = WorkingCalendar(
        years=frozenset(kept.years),
        holidays=frozenset(kept.holidays),
        make_up_days=frozenset(kept.make_up_days),
    )
    return work.service.calendar.differs_from(before)


def recount_chunk(work: Work, after: str | None) -> tuple[dict[str, int], str | None]:
    """Count the next notices behind `after` again, and with the last of them all else that has a day.

    Returns what moved or became final, and the id to go on after, None at the end; the calendar is then kept as the
    one counted by. Rows under change are waited for, since nothing finds them again later.
    """
    since = amended_from(work)
    reached: ColumnElement[bool] = notices.c.provisional & notices.c.window_closed_at.is_(None)
    if since is not None:
        reached = or_(reached, notices.c.window_closes_on >= since)
    query = select(notices).where(notices.c.window_closes_on.is_not(None), reached)
    if after is not None:
        query = query.where(notices.c.id > after)
    query = query.order_by(notices.c.id).limit(CHUNK_NOTICES).with_for_update(key_share=True)
    chunk = [notice_of(row) for row in work.conn.execute(query).mappings()]
    counts = {"recounted": _recount_notices(work, chunk) if chunk else 0}
    if len(chunk) == CHUNK_NOTICES:
        return counts, chunk[-1].id
    counts["appeals_recounted"] = appeal_recounts.recount(work, all_of_them=since is not None)
    counts["duties_recounted"] = duties.recount(work, since)
    counts["cases_recounted"] = issue_days.recount(work, all_of_them=since is not None)
    for kind in CONSENTED_KINDS:
        counts[f"{kind.name}s_recounted"] = consent_clocks.recount(work, kind, all_of_them=since is not None)
    counts["resumptions_recounted"] += recount_evaluations(work, all_of_them=since is not None)
    if since is not None:
        _keep_calendar(work)
    return counts, None


def _recount_notices(work: Work, chunk: Sequence[Notice]) -> int:
    """Count the windows of notices again; of a receipt by lapse of time its own working days too."""
    rulebooks = rulebooks_of(work, chunk)
    changed = []
    received: dict[str, date | None] = {}
    for notice in chunk:
        received_on = _received_on(work, notice, rulebooks[notice.id])
        window = never_shorter(notice, window_after(work, notice, rulebooks[notice.id], received_on))
        if window != Window(closes_on=notice.window_closes_on, provisional=notice.provisional):
            columns = counted_again(work, notice, window) | _receipt(work, notice, received_on)
            if columns["received_on"] != notice.received_on:
                received[notice.id] = received_on if columns["deemed"] else None
            changed.append({"key": notice.id} | {f"new_{name}": value for name, value in columns.items()})
    if changed:
        work.conn.execute(_RECOUNTED, changed)
    count_from(work, received, chunk, rulebooks)
    return len(changed)


def _received_on(work: Work, notice: Notice, rulebook: Rulebook) -> date:
    if notice.received_on is None or notice.deemed:
        return max(deemed_on(work, notice, rulebook), notice.received_on or date.min)
    return notice.received_on


def _receipt(work: Work, notice: Notice, received_on: date) -> Columns:
    """Return the columns of the receipt: one by lapse of time whose days are not over any more has not come about."""
    if notice.deemed and received_on >= work.today:
        return dict.fromkeys(_RECEIPT) | {"deemed": False}
    lapsed = {"received_on": received_on} if notice.deemed else {}
    return {name: getattr(notice, name) for name in _RECEIPT} | lapsed


_RECEIPT = (
    *("received_on", "deemed", "receipt_recorded_at", "receipt_recorded_by"),
    *("receipt_recorded_account", "receipt_recorded_staff_no"),
)
_MOVED = ("window_closes_on", "provisional", "window_closed_at", *_RECEIPT)
_RECOUNTED = (
    update(notices)
    .where(notices.c.id == bindparam("key"))
    .values(**{name: bindparam(f"new_{name}") for name in _MOVED})
)


def _keep_calendar(work: Work) -> None:
    calendar = work.service.calendar
    columns = {
        "years": sorted(calendar.years),
        "holidays": sorted(calendar.holidays),
        "make_up_days": sorted(calendar.make_up_days),
        "counted_at": work.now,
    }
    statement = upsert(counted_calendar).values(id=1, **columns)
    work.conn.execute(statement.on_conflict_do_update(index_elements=["id"], set_=columns))
