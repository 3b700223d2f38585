"""What became overdue after notices, told once for each last day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, tuple_, update

from scoring_service.core.procedure import DutyState
from scoring_service.db.tables import notice_duties, notices
from scoring_service.services.notices.duties import is_in

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.services.unit_of_work.transaction import Work

DUTIES = notice_duties.c


def announce_overdue(work: Work, day: date, limit: int) -> int:
    """Announce up to `limit` duties whose last day is over before `day`, by an event of each; return how many."""
    query = (
        select(DUTIES.notice_id, DUTIES.duty, DUTIES.due_on, notices.c.practitioner_id, notices.c.addressee_ref)
        .join(notices, notices.c.id == DUTIES.notice_id)
        .where(is_in(day, DutyState.OVERDUE), DUTIES.overdue_told_at.is_(None))
        .order_by(DUTIES.due_on, DUTIES.notice_id, DUTIES.duty)
        .limit(limit)
        .with_for_update(of=notice_duties, skip_locked=True)
    )
    late = work.conn.execute(query).all()
    if not late:
        return 0
    chosen = tuple_(DUTIES.notice_id, DUTIES.duty).in_([(row.notice_id, row.duty) for row in late])
    work.conn.execute(update(notice_duties).where(chosen).values(overdue_told_at=work.record()))
    for row in late:
        work.event(
            f"{row.duty}_overdue",
            practitioner_id=row.practitioner_id,
            institution_code=row.addressee_ref,
            notice=row.notice_id,
            due_on=row.due_on.isoformat(),
        )
    return len(late)
