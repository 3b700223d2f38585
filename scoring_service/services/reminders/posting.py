"""Messages at work: sent one by one, tried again later and later, given up at last. At least once, never in a hurry.

A message is claimed in one transaction, handed over outside any, and noted in another: nothing waits for the network
with a lock in hand, and a killed process sends a message a second time under the same key rather than not at all.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from scoring_service.core.reminding import CarrierFault, Channel, MessageKind, MessageState, pause_after
from scoring_service.db.clock_mark import server_now
from scoring_service.db.locks import Lock, alone
from scoring_service.db.reminders import NOT_WANTED
from scoring_service.db.tables import accounts, reminder_messages, reminders
from scoring_service.services.accounts.account import is_active
from scoring_service.services.reminders.carriers import NotCarried, Parcel, carry
from scoring_service.services.reminders.choosing import CODE_LASTS, unsealed
from scoring_service.services.reminders.outbox import is_any_to_look_at, note_more
from scoring_service.services.reminders.wording import letter_of
from scoring_service.services.unit_of_work.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, RowMapping

    from scoring_service.services.unit_of_work.transaction import Service

log = structlog.get_logger("scoring_service.reminders")

_DATABASE_GONE = (OperationalError, InterfaceError)
# For so long nobody else takes a message that somebody is handing over.
CLAIMED = timedelta(minutes=2)
_MESSAGES = reminder_messages.c
_DUE = (_MESSAGES.state == MessageState.WAITING) & (_MESSAGES.due_at <= func.clock_timestamp())


def post_waiting(service: Service, watch: Watch | None = None) -> int:
    """Write what is to be told by now and send what is due, the oldest first; return how many got through.

    Of a way whose other side does not answer the rest waits until the next call. Nothing while another process sends.
    """
    watch = watch or Watch()
    sent = 0
    if not _is_any(service):
        return sent
    silent: set[Channel] = set()
    with alone(service.session_engine, Lock.REMINDERS) as is_alone:
        while is_alone and not watch.stopping() and note_more(service):
            watch.alive()
        while is_alone and not watch.stopping() and (row := _claimed(service, silent)) is not None:
            sent += _post(service, row, silent)
            watch.alive()
    return sent


def _is_any(service: Service) -> bool:
    with service.engine.connect() as conn:
        return bool(conn.execute(select(exists().where(_DUE))).scalar_one()) or is_any_to_look_at(conn)


def _claimed(service: Service, silent: Collection[Channel]) -> RowMapping | None:
    """Take the message that is due longest, with where it goes to; what goes nowhere any more is left out."""
    with service.engine.begin() as conn:
        _leave_out(conn)
        query = (
            select(reminder_messages, reminders.c.channel, reminders.c.sealed)
            .join(reminders, reminders.c.account_id == _MESSAGES.account_id)
            .where(_DUE, reminders.c.channel.not_in(silent))
            .order_by(_MESSAGES.due_at, _MESSAGES.id)
            .limit(1)
            .with_for_update(of=reminder_messages, skip_locked=True)
        )
        row = conn.execute(query).mappings().one_or_none()
        if row is not None:
            _set(conn, row["id"], tries=row["tries"] + 1, due_at=server_now(conn) + CLAIMED)
        return row


def _leave_out(conn: Connection) -> None:
    """Give up what is due and has nobody to go to: its account has ended, or its address was not confirmed in time."""
    confirmed = reminders.c.confirmed_at.is_not(None) | (_MESSAGES.kind == MessageKind.CODE)
    wanted = (
        exists()
        .where(reminders.c.account_id == _MESSAGES.account_id, confirmed)
        .where(accounts.c.id == _MESSAGES.account_id, is_active())
    )
    late = (_MESSAGES.kind == MessageKind.CODE) & (_MESSAGES.created_at < func.clock_timestamp() - CODE_LASTS)
    gone = {"state": MessageState.FAILED, "error": NOT_WANTED}
    conn.execute(update(reminder_messages).where(_DUE, ~wanted | late).values(gone))


def _post(service: Service, row: RowMapping, silent: set[Channel]) -> bool:
    """Hand a claimed message over and note what came of it; tell whether it got through."""
    try:
        carry(service.settings, _parcel(service, row))
    except NotCarried as fault:
        if fault.whole:
            silent.add(Channel(row["channel"]))
        _note_failure(service, row, fault)
        return False
    except _DATABASE_GONE:
        raise
    except Exception as error:  # noqa: BLE001 -- the others go out all the same; its text may hold the address
        _note_failure(service, row, NotCarried(CarrierFault.INTERNAL, type(error).__name__))
        return False
    with service.engine.begin() as conn:
        now = server_now(conn)
        _set(conn, row["id"], state=MessageState.SENT, sent_at=now, error=None)
        _set_account(conn, row, sent_at=now, failed_at=None, error=None)
    return True


def _parcel(service: Service, row: RowMapping) -> Parcel:
    address, code = unsealed(service.identity_numbers, row["sealed"])
    minutes = int(CODE_LASTS.total_seconds()) // 60
    console = service.settings.console_url or ""
    letter = letter_of(MessageKind(row["kind"]), row["counts"], code=code, console=console, minutes=minutes)
    return Parcel(
        id=row["id"],
        channel=Channel(row["channel"]),
        address=address,
        kind=row["kind"],
        counts=row["counts"],
        letter=letter,
    )


def _note_failure(service: Service, row: RowMapping, fault: NotCarried) -> None:
    """Put a failure on the message and before its reader; neither address nor text goes into the log."""
    tries = row["tries"] + 1
    pause = None if fault.for_good else pause_after(tries)
    why = {"error": fault.fault, "detail": fault.detail}
    log.warning("reminder not sent", id=row["id"], channel=row["channel"], tries=tries, **why)
    with service.engine.begin() as conn:
        now = server_now(conn)
        if pause is None:
            _set(conn, row["id"], state=MessageState.FAILED, error=fault.fault)
        else:
            _set(conn, row["id"], due_at=now + pause, error=fault.fault)
        _set_account(conn, row, failed_at=now, error=fault.fault)


def _set(conn: Connection, message_id: str, **values: Any) -> None:
    conn.execute(update(reminder_messages).where(_MESSAGES.id == message_id).values(**values))


def _set_account(conn: Connection, row: RowMapping, **values: Any) -> None:
    """Write how the last message went, while the account is still reminded as it was when the message was taken."""
    mine = (reminders.c.account_id == row["account_id"]) & (reminders.c.sealed == row["sealed"])
    conn.execute(update(reminders).where(mine).values(**values))
