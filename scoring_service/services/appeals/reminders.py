"""Reminders of appeals, each day: decisions due within three working days, and overdue ones.

Of an appeal that experts have nobody is reminded: its time does not run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, select, update

from scoring_service.db.appeals import OPEN_STATES, StoredAppeal, appeal_of
from scoring_service.db.tables import appeals as table

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.services.unit_of_work.transaction import Work

SOON_WORKING_DAYS = 3


def remind(work: Work, day: date, limit: int) -> tuple[dict[str, int], bool]:
    """Tell of up to `limit` appeals what the day asks for, each once for its due day.

    Returns the counts, and whether more may be left.
    """
    soon_until = work.service.calendar.deadline(day, SOON_WORKING_DAYS).last_day
    soon = table.c.due_on.between(day, soon_until) & table.c.due_soon_told_at.is_(None)
    late = (table.c.due_on < day) & ~table.c.due_provisional & table.c.overdue_told_at.is_(None)
    due = _open(work, soon | late, limit)
    counts = {"appeals_due_soon": 0, "appeals_overdue": 0}
    for appeal in due:
        deed = "overdue" if appeal.due_on and appeal.due_on < day else "due_soon"
        _tell(work, appeal, deed)
        counts[f"appeals_{deed}"] += 1
    return counts, len(due) == limit


def _tell(work: Work, appeal: StoredAppeal, deed: str) -> None:
    noted = update(table).where(table.c.id == appeal.id).values({f"{deed}_told_at": work.record()})
    work.conn.execute(noted)
    due_on = appeal.due_on and appeal.due_on.isoformat()
    work.event(f"appeal_{deed}", practitioner_id=appeal.practitioner_id, appeal=appeal.id, due_on=due_on)


def _open(work: Work, condition: ColumnElement[bool], limit: int) -> list[StoredAppeal]:
    """Return such appeals, locked; one that somebody decides at this moment is left to the next day."""
    query = select(table).where(table.c.state.in_(OPEN_STATES), table.c.paused_since.is_(None), condition)
    query = query.order_by(table.c.due_on, table.c.id).limit(limit)
    rows = work.conn.execute(query.with_for_update(skip_locked=True, key_share=True)).mappings()
    return [appeal_of(row) for row in rows]
