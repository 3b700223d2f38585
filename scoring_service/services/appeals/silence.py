"""Silence after the office's explanation insists on the appeal, on the day after the last one to answer (P42).

What is recorded bears that day, however late the scheduler comes to it; none is made of a provisional day.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.civil import midnight
from scoring_service.db.appeals import EXPLAINED, INSISTED, appeal_of
from scoring_service.db.tables import appeals as table
from scoring_service.services.appeals.filing import change, record

if TYPE_CHECKING:
    from scoring_service.db.appeals import StoredAppeal
    from scoring_service.services.unit_of_work.transaction import Work

_ONE_DAY = timedelta(days=1)


def insist_for_silent(work: Work, day: date, limit: int) -> int:
    """Insist on up to `limit` explained appeals whose time to answer was over before `day`; return how many.

    One that its filer answers at this moment is left to the next day.
    """
    over = (table.c.state == EXPLAINED) & (table.c.answer_due_on < day) & ~table.c.answer_provisional
    query = select(table).where(over).order_by(table.c.answer_due_on, table.c.id).limit(limit)
    rows = work.conn.execute(query.with_for_update(skip_locked=True, key_share=True)).mappings()
    silent = [appeal_of(row) for row in rows]
    for appeal in silent:
        _insist(work, appeal)
    return len(silent)


def _insist(work: Work, appeal: StoredAppeal) -> None:
    assert appeal.answer_due_on is not None  # noqa: S101 -- what makes it explained
    insisted_on = appeal.answer_due_on + _ONE_DAY
    change(work, appeal, state=INSISTED, insisted_at=midnight(insisted_on), insisted_silently=True)
    record(work, appeal, "insisted", silently=True, insisted_on=insisted_on.isoformat())
    work.event(
        "appeal_insisted",
        practitioner_id=appeal.practitioner_id,
        appeal=appeal.id,
        entry=appeal.entry_id,
        due_on=appeal.due_on and appeal.due_on.isoformat(),
        insisted_on=insisted_on.isoformat(),
    )
