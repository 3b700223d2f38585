"""Until when an institution may answer an application for a resumption, and the office: working days (scheme.md 2.6).

A day that reaches an unpublished calendar is provisional; counted again it is never earlier (scheme.md 2.7).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypedDict

from sqlalchemy import or_, select, update

from scoring_service.db.ledger import rulebooks_by_sha256
from scoring_service.db.tables import resumptions as table
from scoring_service.services.proposals.resumption_reading import FILED, OPEN

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.unit_of_work.transaction import Work


class ConsentDue(TypedDict):
    """The columns of the last day for an institution's answer."""

    consent_due_on: date
    consent_provisional: bool


def rulebook_of(work: Work, row: RowMapping) -> Rulebook:
    """Return the rulebook that an application was filed under, whose working days hold for it."""
    sha256 = row["rulebook_sha256"]
    return rulebooks_by_sha256(work.conn, [sha256])[sha256]


def consent_due(work: Work, rulebook: Rulebook, filed_on: date) -> ConsentDue:
    """Return the columns of the last day for an institution's answer, counted from the filing."""
    due = work.service.calendar.deadline(filed_on, rulebook.consent_working_days)
    return {"consent_due_on": due.last_day, "consent_provisional": due.provisional}


def evaluation_due(work: Work, rulebook: Rulebook, consented_on: date) -> Columns:
    """Return the columns of the last day for the office's evaluation, counted from the consent."""
    due = work.service.calendar.deadline(consented_on, rulebook.resumption_evaluation_working_days)
    return {"evaluation_due_on": due.last_day, "evaluation_provisional": due.provisional}


def recount(work: Work, *, all_of_them: bool) -> int:
    """Count the days of open applications again, those that are provisional or all; return how many have changed."""
    waiting = select(table).where(table.c.state.in_(OPEN))
    if not all_of_them:
        waiting = waiting.where(or_(table.c.consent_provisional, table.c.evaluation_provisional))
    changed = 0
    rows = work.conn.execute(waiting.order_by(table.c.id).with_for_update(key_share=True)).mappings().all()
    for row in rows:
        columns = _counted_again(work, row)
        if any(row[name] != value for name, value in columns.items()):
            work.conn.execute(update(table).where(table.c.id == row["id"]).values(**columns))
            changed += 1
    return changed


def _counted_again(work: Work, row: RowMapping) -> Columns:
    rulebook = rulebook_of(work, row)
    if row["state"] == FILED:
        columns: Columns = {**consent_due(work, rulebook, row["filed_on"])}
    else:
        columns = evaluation_due(work, rulebook, row["consented_on"])
    return {name: max(value, row[name]) if isinstance(value, date) else value for name, value in columns.items()}
