"""The last days of open appeals counted again when the working days have changed, never shorter (scheme.md 2.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, update

from scoring_service.db.appeals import COMPLETE, EXPLAINED, FILED, INSISTED, OPEN_STATES, read_experts
from scoring_service.db.tables import appeals as table
from scoring_service.services.appeals.pauses import days_taken, pauses_of
from scoring_service.services.appeals.windows import (
    answer_until,
    countersign_until,
    due,
    explanation_until,
    rulebook_of,
)

if TYPE_CHECKING:
    from sqlalchemy import Row

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.core.working_days import Deadline
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.unit_of_work.transaction import Work

_PROVISIONAL = (
    *(table.c.due_provisional, table.c.countersign_provisional),
    *(table.c.explanation_provisional, table.c.answer_provisional),
)


def recount(work: Work, *, all_of_them: bool) -> int:
    """Count the days of open appeals again, of those that are provisional or of all; return how many have changed."""
    waiting = select(table).where(table.c.state.in_(OPEN_STATES))
    if not all_of_them:
        waiting = waiting.where(or_(*_PROVISIONAL))
    changed = 0
    for row in work.conn.execute(waiting.order_by(table.c.id).with_for_update(key_share=True)).all():
        columns = _days(work, row)
        if any(getattr(row, name) != value for name, value in columns.items()):
            work.conn.execute(update(table).where(table.c.id == row.id).values(**columns))
            changed += 1
    return changed


def _days(work: Work, row: Row[Any]) -> Columns:
    """Return the last days that still matter in the state of an appeal."""
    rulebook = rulebook_of(work, row.rulebook_sha256)
    if row.state == FILED:
        until = countersign_until(work, rulebook, row.recorded_at.date())
        return _later("countersign_until", "countersign_provisional", row, until)
    columns = _decision(work, row, rulebook)
    if row.state == COMPLETE:
        until = explanation_until(work, rulebook, row.completed_at.date())
        columns |= _later("explanation_due_on", "explanation_provisional", row, until)
    if row.state == EXPLAINED or (row.state == INSISTED and row.insisted_silently):
        columns |= _answer(work, row, answer_until(work, rulebook, row.explained_at.date()))
    return columns


def _decision(work: Work, row: Row[Any], rulebook: Rulebook) -> Columns:
    pauses = pauses_of(read_experts(work.conn, row.id))
    columns = _later("due_on", "due_provisional", row, due(work, rulebook, row.completed_at.date(), pauses))
    columns["paused_days"] = days_taken(work.service.calendar, pauses)
    if columns["due_on"] == row.due_on:
        return columns
    # Of another due day people are reminded anew.
    return columns | {"due_soon_told_at": None, "overdue_told_at": None}


def _answer(work: Work, row: Row[Any], until: Deadline) -> Columns:
    """Return the columns of the time to answer; a silence whose days are not over any more has not come about."""
    columns = _later("answer_due_on", "answer_provisional", row, until)
    if row.state == INSISTED and (until.provisional or until.last_day >= work.today):
        columns |= {"state": EXPLAINED, "insisted_at": None, "insisted_silently": False, "version": row.version + 1}
    return columns


def _later(day: str, provisional: str, row: Row[Any], deadline: Deadline) -> Columns:
    present = getattr(row, day)
    last_day = deadline.last_day if present is None else max(deadline.last_day, present)
    return {day: last_day, provisional: deadline.provisional}
