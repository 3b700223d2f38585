"""Until when the letters of a case are to be issued: working days from the decision or its receipt (P31).

A case whose approval has issued its letters is done; one that is open beyond its day is overdue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update

from scoring_service.core.procedure import OPEN_CASES, HandlingKind
from scoring_service.db.cases import read_cases
from scoring_service.db.tables import cases

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.core.working_days import Deadline
    from scoring_service.db.cases import Handling, StoredCase
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.unit_of_work.transaction import Work


def counted_from(handling: Handling) -> date:
    """Return the day that the letters' days are counted from: of a penalty its receipt, else that of the handling."""
    return handling.reached_on if handling.kind == HandlingKind.PENALTY else handling.decided_on


def issue_until(work: Work, rulebook: Rulebook, handling: Handling) -> Deadline:
    """Return the last day on which the letters of a case may be issued in time."""
    return work.service.calendar.deadline(counted_from(handling), rulebook.notice_issue_working_days)


def issue_columns(work: Work, rulebook: Rulebook, handling: Handling) -> Columns:
    """Return the columns of the last day on which a case's letters may be issued in time."""
    until = issue_until(work, rulebook, handling)
    return _days(until.last_day, provisional=until.provisional)


def _days(last_day: date, *, provisional: bool) -> Columns:
    """Return the columns of a last day; of another one people are told anew when it is over."""
    return {"notice_due_on": last_day, "notice_due_provisional": provisional, "notice_overdue_told_at": None}


def recount(work: Work, *, all_of_them: bool) -> int:
    """Count the days of open cases again, those that are provisional or were never counted, or all; never earlier.

    Return how many have changed.
    """
    conditions: list[ColumnElement[bool]] = [cases.c.state.in_(OPEN_CASES)]
    if not all_of_them:
        conditions.append(or_(cases.c.notice_due_provisional, cases.c.notice_due_on.is_(None)))
    waiting = read_cases(work.conn, *conditions)
    moved = {case.id: columns for case in waiting if (columns := _counted_again(work, case))}
    for case_id, columns in sorted(moved.items()):
        work.conn.execute(update(cases).where(cases.c.id == case_id).values(**columns))
    return len(moved)


def _counted_again(work: Work, case: StoredCase) -> Columns | None:
    """Return the columns of a case's last day counted again, None when they stay as they are."""
    rulebook = work.rulebooks.for_division(case.region, case.handling.decided_on)
    until = issue_until(work, rulebook, case.handling)
    due_on = max(until.last_day, case.notice_due_on or until.last_day)
    if (due_on, until.provisional) == (case.notice_due_on, case.notice_due_provisional):
        return None
    return _days(due_on, provisional=until.provisional)


def announce_overdue(work: Work, day: date, limit: int) -> int:
    """Announce up to `limit` open cases whose letters were due before `day`, once for each due day; return how many."""
    late = (cases.c.notice_due_on < day) & ~cases.c.notice_due_provisional
    query = (
        select(cases.c.id, cases.c.region, cases.c.notice_due_on)
        .where(cases.c.state.in_(OPEN_CASES), late, cases.c.notice_overdue_told_at.is_(None))
        .order_by(cases.c.notice_due_on, cases.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    overdue = work.conn.execute(query).all()
    for row in overdue:
        work.conn.execute(update(cases).where(cases.c.id == row.id).values(notice_overdue_told_at=work.record()))
        # The institution does not know of the case yet.
        work.event("case_overdue", region=row.region, case=row.id, due_on=row.notice_due_on.isoformat())
    return len(overdue)
