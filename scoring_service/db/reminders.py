"""How reminders fare, and what is forgotten of them when their account ends or wants none any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from scoring_service.core.reminding import MessageKind, MessageState
from scoring_service.db.tables import reminder_messages, reminders

if TYPE_CHECKING:
    from sqlalchemy import Connection

# What is left out because nobody wants it any more.
REPLACED, NOT_WANTED = "replaced", "not_wanted"
NOT_A_FAULT = (REPLACED, NOT_WANTED)


def forget_reminders(conn: Connection, account_id: str) -> bool:
    """Forget an account's address and what was to go there; tell whether there was one.

    That codes were sent stays, without them, so that their number has its limit.
    """
    mine = reminder_messages.c.account_id == account_id
    conn.execute(delete(reminder_messages).where(mine, reminder_messages.c.kind != MessageKind.CODE))
    unsent = reminder_messages.c.state == MessageState.WAITING
    gone = {"state": MessageState.FAILED, "error": NOT_WANTED}
    conn.execute(update(reminder_messages).where(mine, unsent).values(gone))
    return conn.execute(delete(reminders).where(reminders.c.account_id == account_id)).rowcount > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """How many messages wait, how many of these have failed before, with the latest error, and how many were given up.

    Given up are those of the last days, as long as messages are kept.
    """

    waiting: int
    failing: int
    given_up: int
    error: str | None
    last_sent_at: datetime | None

    @property
    def is_failing(self) -> bool:
        """Whether a message did not get through at its last try."""
        return self.failing > 0


def read_outbox(conn: Connection) -> Outbox:
    """Return how the messages fare, in one statement."""
    messages = reminder_messages.c
    waits = messages.state == MessageState.WAITING
    failed_before = waits & messages.error.is_not(None)
    latest = select(messages.error).where(failed_before).order_by(messages.due_at.desc()).limit(1).scalar_subquery()
    given_up = (messages.state == MessageState.FAILED) & messages.error.not_in(NOT_A_FAULT)
    query = select(
        func.count().filter(waits).label("waiting"),
        func.count().filter(failed_before).label("failing"),
        func.count().filter(given_up).label("given_up"),
        latest.label("error"),
        func.max(messages.sent_at).label("last_sent_at"),
    )
    return Outbox(**conn.execute(query).mappings().one())
