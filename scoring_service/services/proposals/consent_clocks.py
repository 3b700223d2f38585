"""Until when an institution may answer an application, in working days, and who is reminded of it (scheme.md 2.6).

A day that reaches an unpublished calendar is provisional; counted again it is never earlier (scheme.md 2.7).
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict

from sqlalchemy import select, update

from scoring_service.core.procedure import ApplicationState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, RowMapping

    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.proposals.proposal import Kind
    from scoring_service.services.unit_of_work.transaction import Work

# An answer is due soon on its last day, and on so many working days before it.
SOON_WORKING_DAYS = 1


class ConsentDue(TypedDict):
    """The columns of the last day for an institution's answer."""

    consent_due_on: date
    consent_provisional: bool


def consent_due(work: Work, asked_on: date, working_days: int) -> ConsentDue:
    """Return the columns of the last day for the answer of an institution that was asked on a day."""
    due = work.service.calendar.deadline(asked_on, working_days)
    return {"consent_due_on": due.last_day, "consent_provisional": due.provisional}


def recount(work: Work, kind: Kind[Any], *, all_of_them: bool) -> int:
    """Count the days of institutions that are waited for again, provisional or all; return how many have changed."""
    waiting = kind.table.c.state == ApplicationState.FILED
    if not all_of_them:
        waiting &= kind.table.c.consent_provisional
    return count_again(work, kind, waiting, partial(_counted_again, work))


def _counted_again(work: Work, row: RowMapping) -> Columns:
    due = consent_due(work, row["consent_asked_on"], row["consent_working_days"])
    if due["consent_due_on"] <= row["consent_due_on"]:
        return {**due}
    # Of another last day institutions are reminded anew.
    return {**due, "consent_due_soon_told_at": None, "consent_overdue_told_at": None}


def count_again(
    work: Work, kind: Kind[Any], condition: ColumnElement[bool], counted: Callable[[RowMapping], Columns]
) -> int:
    """Write the days `counted` anew of such applications, none earlier than before; return how many have changed."""
    table, changed = kind.table, 0
    held = select(table).where(condition).order_by(table.c.id).with_for_update(key_share=True)
    for row in work.conn.execute(held).mappings().all():
        columns = {name: _never_earlier(row[name], value) for name, value in counted(row).items()}
        if any(row[name] != value for name, value in columns.items()):
            work.conn.execute(update(table).where(table.c.id == row["id"]).values(**columns))
            changed += 1
    return changed


def _never_earlier(before: Any, value: object) -> object:
    return max(value, before) if isinstance(value, date) else value


def remind(work: Work, kind: Kind[Any], day: date, limit: int) -> tuple[dict[str, int], bool]:
    """Tell the institutions of up to `limit` applications that wait for them, each once for its last day.

    Of what is soon due, and of what is overdue. Returns the counts, and whether more may be left.
    """
    columns = kind.table.c
    soon_until = work.service.calendar.deadline(day, SOON_WORKING_DAYS).last_day
    soon = columns.consent_due_on.between(day, soon_until) & columns.consent_due_soon_told_at.is_(None)
    late = (columns.consent_due_on < day) & ~columns.consent_provisional & columns.consent_overdue_told_at.is_(None)
    due = _unanswered(work, kind, soon | late, limit)
    counts = {f"{kind.name}s_consent_due_soon": 0, f"{kind.name}s_consent_overdue": 0}
    for row in due:
        deed = "consent_overdue" if row["consent_due_on"] < day else "consent_due_soon"
        _tell(work, kind, row, deed)
        counts[f"{kind.name}s_{deed}"] += 1
    return counts, len(due) == limit


def _unanswered(work: Work, kind: Kind[Any], is_due: ColumnElement[bool], limit: int) -> Sequence[RowMapping]:
    """Return such applications, locked; one that somebody answers at this moment is left to the next day."""
    table = kind.table
    unanswered = (table.c.state == ApplicationState.FILED) & table.c.consent_recorded_at.is_(None)
    due = select(table).where(unanswered, is_due).order_by(table.c.consent_due_on, table.c.id).limit(limit)
    return work.conn.execute(due.with_for_update(skip_locked=True, key_share=True)).mappings().all()


def _tell(work: Work, kind: Kind[Any], row: RowMapping, deed: str) -> None:
    noted = update(kind.table).where(kind.table.c.id == row["id"]).values({f"{deed}_told_at": work.record()})
    work.conn.execute(noted)
    about = {kind.name: row["id"], "consent_due_on": row["consent_due_on"].isoformat()}
    work.event(f"{kind.name}_{deed}", practitioner_id=row["practitioner_id"], **about)
