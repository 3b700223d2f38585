"""An expert who does not answer: the office is reminded, then they are released, and another is drawn in their place.

One who was named is not replaced by lot: the office names another. All of it is on record, and announced
(`core/panel.py` has the days).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import select, update

from scoring_service.core.panel import (
    SOON_WORKING_DAYS,
    Chosen,
    due_of_successor,
    is_replaced_by_lot,
    is_silent,
)
from scoring_service.db.appeals import ACCEPTED, appeal_of, read_experts
from scoring_service.db.ledger import lock_files
from scoring_service.db.tables import accounts, appeals
from scoring_service.db.tables import appeal_experts as table
from scoring_service.problems import Conflict
from scoring_service.services.appeals.conflicts import Appointing
from scoring_service.services.appeals.experts import drawn, go_on, seat, write
from scoring_service.services.appeals.filing import record

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Row

    from scoring_service.db.appeals import AssignedExpert, StoredAppeal
    from scoring_service.services.unit_of_work.transaction import Work

SILENT = "逾期未出具意见，自动解除 / no opinion in time, released by the service"


def attend(work: Work, day: date, limit: int) -> tuple[dict[str, int], bool]:
    """Do what the day asks for up to `limit` experts of each sort; return the counts, and whether more may be left."""
    soon_until = work.service.calendar.deadline(day, SOON_WORKING_DAYS).last_day
    is_soon = (table.c.due_on >= day) & (table.c.due_on <= soon_until) & table.c.due_soon_told_at.is_(None)
    soon = _awaited(work, is_soon, limit)
    for place in soon:
        _write(work, place, due_soon_told_at=work.record())
        _announce(work, "opinion_due_soon", place.appeal_id, place.practitioner_id, due_on=place.due_on.isoformat())
    silent = _awaited(work, table.c.due_on < day, limit)
    lock_files(work.conn, sorted({place.practitioner_id for place in silent}))
    released = sum(_release(work, place.appeal_id, place.account_id, day) for place in silent)
    return {"opinions_due_soon": len(soon), "experts_released": released}, limit in {len(soon), len(silent)}


def _awaited(work: Work, condition: ColumnElement[bool], limit: int) -> list[Row[tuple[str, str, str, date]]]:
    """Return the places of experts of whom an opinion is awaited, those first whose last day is."""
    query = select(table.c.appeal_id, table.c.account_id, table.c.practitioner_id, table.c.due_on).join(appeals)
    query = query.where(appeals.c.state == ACCEPTED, table.c.given_at.is_(None), table.c.recused_at.is_(None))
    return list(work.conn.execute(query.where(condition).order_by(table.c.due_on, table.c.appeal_id).limit(limit)))


def _release(work: Work, appeal_id: str, account_id: str, day: date) -> bool:
    """Release one expert, unless they have answered meanwhile, and draw another for who was drawn; tell whether."""
    appeal = _held(work, appeal_id)
    experts = {each.account_id: each for each in read_experts(work.conn, appeal_id)}
    place = experts[account_id]
    if appeal.state != ACCEPTED or place.given_at or place.recused_at or not is_silent(place.due_on, day):
        return False
    write(work, place, recused_at=work.record(), recused_because=SILENT, released_by=work.actor.username)
    go_on(work, appeal)
    record(work, appeal, "expert_released", expert=place.username, reason=SILENT)
    _announce(work, "expert_released", appeal.id, appeal.practitioner_id)
    _replace(work, appeal_id, place)
    return True


def _held(work: Work, appeal_id: str) -> StoredAppeal:
    """Return an appeal, its row locked for the scheduler, which is no party to it."""
    query = select(appeals).where(appeals.c.id == appeal_id).with_for_update(key_share=True)
    return appeal_of(work.conn.execute(query).mappings().one())


def _replace(work: Work, appeal_id: str, silent: AssignedExpert) -> None:
    """Draw another expert as whoever appointed the silent one would; the office is told where nobody was drawn."""
    appeal = _held(work, appeal_id)
    if not _draws_another(work, appeal, silent):
        _announce(work, "expert_missing", appeal.id, appeal.practitioner_id)


def _draws_another(work: Work, appeal: StoredAppeal, silent: AssignedExpert) -> bool:
    if not is_replaced_by_lot(silent.chosen):
        return False
    try:
        chosen = drawn(work, appeal, 1, _appointing(work, silent.assigned_by))
    except Conflict:
        return False
    due_on = due_of_successor(cast("date", silent.due_on), silent.assigned_at.date(), work.today)
    seat(work, appeal, chosen, how=Chosen.DRAWN, due_on=due_on, assigned_by=silent.assigned_by)
    names = [each.username for each in chosen]
    record(work, appeal, "experts_assigned", experts=names, draw=1, replaces=silent.username)
    return True


def _appointing(work: Work, username: str) -> Appointing:
    """Return as whom another expert is drawn: as the account that appointed the one before."""
    query = select(accounts.c.region, accounts.c.staff_no).where(accounts.c.username == username)
    row = work.conn.execute(query).one_or_none()
    return Appointing(None, "") if row is None else Appointing(row.region, row.staff_no)


def _write(work: Work, place: Row[tuple[str, str, str, date]], **columns: object) -> None:
    own = (table.c.appeal_id == place.appeal_id) & (table.c.account_id == place.account_id)
    work.conn.execute(update(table).where(own).values(**columns))


def _announce(work: Work, deed: str, appeal_id: str, practitioner_id: str, **detail: str) -> None:
    """Announce a deed without the expert's name, which the parties are not told."""
    work.event(f"appeal_{deed}", practitioner_id=practitioner_id, appeal=appeal_id, **detail)
