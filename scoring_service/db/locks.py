"""The advisory locks: one table, in the order in which they are taken.

Whoever holds one asks only for those that stand below it. The rows of files are locked after FILES, in the order of
their ids, and rows that hang on a file (a case, an appeal, a proposal) after the file's own.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import TYPE_CHECKING

from psycopg.errors import LockNotAvailable
from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError

from scoring_service.db.marks import mark_law, mark_registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection, Engine


class Lock(IntEnum):
    """What is locked; the number is the key, or the seed of the key of one thing among many.

    MIGRATION: the schema changes. LEADER: one scheduler among many leads, for as long as its session lasts. MOVER: the
    simulated clock is being moved. IMPORTS: one file is imported at a time, by the session that holds it. BUNDLES: the
    letters of one bundle are joined at a time, likewise. SCREENINGS: one claim file is judged at a time, likewise.
    REMINDERS: reminders go out from one process at a time, likewise.
    ANSWER: an idempotency key is in use. SIGN_IN: attempts at one
    name or of one place are counted. FILES: shared by whoever changes files; a job that must see every change under way
    takes it alone.
    STAFF_NUMBER: accounts of one staff number are added. ADMINISTRATORS: an account ends or changes.
    APPLICATIONS: of one person. ATTACHMENTS: of one party.
    REGISTRY: shared by answers that are being recorded; a change of agreements, principals or codes takes it alone,
    after the files' rows and before the clock. KEYS: shared by whoever looks for an identity number to write it; the
    next key becomes the present one while nobody does. ROTATION: one rotation of keys at a time, by the session that
    holds it. LAW: shared by whoever judges by the rulebooks, at any point of a transaction; an adoption takes it alone,
    and no other after it, but a key of it before. Drafts of one rulebook are proposed under another key.
    """

    MIGRATION = 7_221_001
    LEADER = 7_221_004
    MOVER = 7_221_005
    IMPORTS = 7_221_011
    BUNDLES = 7_221_012
    SCREENINGS = 7_221_013
    REMINDERS = 7_221_021
    ANSWER = 7_221_006
    SIGN_IN = 7_221_007
    FILES = 7_221_003
    STAFF_NUMBER = 7_221_008
    ADMINISTRATORS = 7_221_020
    APPLICATIONS = 7_221_009
    ATTACHMENTS = 7_221_010
    REGISTRY = 7_221_002
    KEYS = 7_221_014
    ROTATION = 7_221_015
    LAW = 7_221_016


def hold(conn: Connection, lock: Lock, key: str | None = None) -> None:
    """Wait for a lock and hold it alone until this transaction ends; `key` names one thing among many."""
    if lock is Lock.REGISTRY:
        mark_registry(conn)
    if lock is Lock.LAW and key is None:
        mark_law(conn)
    conn.execute(select(func.pg_advisory_xact_lock(_number(lock, key))))


def hold_within(conn: Connection, lock: Lock, milliseconds: int) -> bool:
    """Hold a lock alone until this transaction ends, if it comes free within a time; tell whether it is held.

    Whoever asks to share it meanwhile waits behind this.
    """
    try:
        with conn.begin_nested():
            conn.execute(select(func.set_config("lock_timeout", f"{milliseconds}ms", True)))
            hold(conn, lock)
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        return False
    conn.execute(select(func.set_config("lock_timeout", "0", True)))
    return True


def share(conn: Connection, lock: Lock) -> None:
    """Wait for a lock and share it until this transaction ends."""
    conn.execute(select(func.pg_advisory_xact_lock_shared(int(lock))))


def share_keys(conn: Connection) -> bool:
    """Share KEYS until this transaction ends; tell whether they were not shared yet.

    The database is asked once for each transaction or savepoint.
    """
    holder = conn.get_nested_transaction() or conn.get_transaction()
    if holder is not None and conn.info.get(Lock.KEYS) is holder:
        return False
    share(conn, Lock.KEYS)
    conn.info[Lock.KEYS] = conn.get_nested_transaction() or conn.get_transaction()
    return True


def try_to_hold(conn: Connection, lock: Lock, key: str | None = None) -> bool:
    """Hold a lock alone until this transaction ends, if nobody else does; tell whether it is held."""
    held: bool = conn.execute(select(func.pg_try_advisory_xact_lock(_number(lock, key)))).scalar_one()
    return held


def try_to_share(conn: Connection, lock: Lock) -> bool:
    """Share a lock until this transaction ends, if nobody holds it alone; tell whether it is shared."""
    held: bool = conn.execute(select(func.pg_try_advisory_xact_lock_shared(int(lock)))).scalar_one()
    return held


def shared_for(lock: Lock, expression: str) -> str:
    """Return SQL that waits for a lock, shares it until the transaction ends, and then evaluates an expression."""
    return f"CASE WHEN pg_advisory_xact_lock_shared({int(lock)}) IS NOT NULL THEN {expression} END"


def shared_else(lock: Lock, expression: str, otherwise: str) -> str:
    """Return SQL that evaluates an expression sharing a lock, or `otherwise` where somebody holds it alone."""
    return f"CASE WHEN pg_try_advisory_xact_lock_shared({int(lock)}) THEN {expression} ELSE {otherwise} END"


def try_to_hold_for_session(conn: Connection, lock: Lock) -> bool:
    """Hold a lock alone until the session ends, if nobody else does; tell whether it is held."""
    held: bool = conn.execute(select(func.pg_try_advisory_lock(int(lock)))).scalar_one()
    return held


@contextmanager
def alone(engine: Engine, lock: Lock) -> Iterator[bool]:
    """Hold a lock in a session of its own; tell whether nobody else does."""
    session = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    session.detach()
    is_alone = False
    try:
        is_alone = try_to_hold_for_session(session, lock)
        yield is_alone
    finally:
        with suppress(OperationalError, InterfaceError):
            if is_alone:
                let_go(session, lock)
        session.close()


def let_go(conn: Connection, lock: Lock) -> None:
    """Give up a lock that this session holds; its end would do so a moment later."""
    conn.execute(select(func.pg_advisory_unlock(int(lock))))


def _number(lock: Lock, key: str | None) -> int | ColumnElement[int]:
    return int(lock) if key is None else func.hashtextextended(key, int(lock))
