"""The messages that are to go out: one a day for all that waits, or one each time that something more waits.

A message holds counts and no word of anybody. It is written here and sent by `posting.py`, so that nothing waits for
a mail server; of one day and account there is one daily message, whatever happens.
"""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.reminding import Matter, MessageKind, MessageState, Rhythm
from scoring_service.db.clock_mark import server_now
from scoring_service.db.reminders import read_outbox
from scoring_service.db.tables import accounts, reminder_messages, reminders
from scoring_service.services.accounts.account import is_active
from scoring_service.services.accounts.signing_in import actor_of_account
from scoring_service.services.desks.waiting import waiting_for
from scoring_service.services.unit_of_work.step import Step
from scoring_service.services.unit_of_work.transaction import Work

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Row

    from scoring_service.db.reminders import Outbox
    from scoring_service.services.unit_of_work.transaction import Service

ACCOUNTS_AT_ONCE = 50
MESSAGES_KEPT = timedelta(days=7)
# Of what comes in a row one message tells.
PAUSE_BETWEEN = timedelta(minutes=10)
LOOK_AGAIN = timedelta(minutes=1)
_MESSAGES = reminder_messages.c
_CONFIRMED = (
    select(reminders)
    .join(accounts, accounts.c.id == reminders.c.account_id)
    .where(reminders.c.confirmed_at.is_not(None), is_active())
    .order_by(reminders.c.account_id)
)


def put_message(
    conn: Connection,
    account_id: str,
    kind: MessageKind,
    counts: Mapping[Matter, int],
    *,
    due_at: datetime,
    period: str | None = None,
) -> bool:
    """Write a message for an account, to be sent from `due_at` on; tell whether there was none of the period yet."""
    row = {
        "id": str(uuid.uuid4()),
        "account_id": account_id,
        "kind": kind,
        "period": period,
        "counts": as_kept(counts),
        "state": MessageState.WAITING,
        "due_at": due_at,
        "created_at": server_now(conn),
    }
    written = conn.execute(upsert(reminder_messages).values(row).on_conflict_do_nothing())
    return written.rowcount > 0


def write_daily(work: Work, period: str, cursor: str | None) -> Step:
    """Write the messages of a day for the accounts behind `cursor` that want one and for whom something waits."""
    query = _CONFIRMED.where(reminders.c.rhythm == Rhythm.DAILY)
    rows = _some(work.conn, query if cursor is None else query.where(reminders.c.account_id > cursor))
    due_at = _due_at(work, period)
    written = 0
    for row in rows:
        counts = _waiting_for_account(work, row.account_id)
        if counts:
            kind = MessageKind.DAILY
            written += put_message(work.conn, row.account_id, kind, counts, due_at=due_at, period=period)
    further = rows[-1].account_id if len(rows) == ACCOUNTS_AT_ONCE else None
    return Step(cursor=further, counts={"messages": written})


def _due_at(work: Work, period: str) -> datetime:
    """Return when a day's messages go out: at an hour at which nobody is woken, by the real clock; training's at once.

    What is told then is how it was when the day's jobs ran.
    """
    now = server_now(work.conn)
    if work.service.clock.simulated:
        return now
    day = datetime.fromisoformat(period).date()
    return max(now, datetime.combine(day, time(work.service.settings.reminder_hour), CIVIL_ZONE))


def note_more(service: Service) -> int:
    """Write a message for each account that wants one each time and for whom more waits since it was last looked at.

    What waits comes and goes by acts and by days, so it is counted again after LOOK_AGAIN. Returns how many accounts
    were looked at; each is a transaction.
    """
    with service.engine.connect() as conn:
        rows = _some(conn, _not_looked_at())
    for row in rows:
        with service.work() as work:
            _note(work, row.account_id)
    return len(rows)


def is_any_to_look_at(conn: Connection) -> bool:
    """Tell whether there is an account that wants to be told each time and was not looked at for LOOK_AGAIN."""
    return bool(conn.execute(select(exists(_not_looked_at()))).scalar_one())


def _not_looked_at() -> Any:
    recent = exists().where(
        _MESSAGES.account_id == reminders.c.account_id,
        _MESSAGES.kind == MessageKind.EACH,
        _MESSAGES.created_at > func.clock_timestamp() - PAUSE_BETWEEN,
    )
    long_ago = reminders.c.looked_at < func.clock_timestamp() - LOOK_AGAIN
    return _CONFIRMED.where(reminders.c.rhythm == Rhythm.EACH, long_ago, ~recent)


def _note(work: Work, account_id: str) -> None:
    """Look at one account under its row's lock: others may be at it."""
    mine = reminders.c.account_id == account_id
    query = _not_looked_at().where(mine).with_for_update(of=reminders, skip_locked=True)
    row = work.conn.execute(query).one_or_none()
    if row is None:
        return
    counts = _waiting_for_account(work, account_id)
    now = server_now(work.conn)
    if any(count > row.told.get(matter, 0) for matter, count in counts.items()):
        put_message(work.conn, account_id, MessageKind.EACH, counts, due_at=now)
    work.conn.execute(update(reminders).where(mine).values(looked_at=now, told=as_kept(counts)))


def as_kept(counts: Mapping[Matter, int]) -> dict[str, int]:
    """Return counts as they are stored."""
    return {str(matter): count for matter, count in counts.items()}


def _waiting_for_account(work: Work, account_id: str) -> Mapping[Matter, int]:
    """Return what waits for an account; nobody is shown anything, so that nothing goes on record."""
    actor = actor_of_account(work.conn, account_id)
    return {} if actor is None else waiting_for(Work(service=work.service, conn=work.conn, actor=actor))


def _some(conn: Connection, query: Any) -> Sequence[Row[Any]]:
    return conn.execute(query.limit(ACCOUNTS_AT_ONCE)).all()


def outbox_of(work: Work) -> Outbox:
    """Return how the messages fare, for whoever watches over the jobs."""
    return read_outbox(work.conn)


def clear_messages(work: Work, now: datetime) -> int:
    """Forget the messages that are settled, MESSAGES_KEPT after they were written; return how many."""
    settled = _MESSAGES.state != MessageState.WAITING
    gone = work.conn.execute(delete(reminder_messages).where(settled, _MESSAGES.created_at < now - MESSAGES_KEPT))
    return gone.rowcount
