"""What is being changed, and the number of its last change: counters that the processes of one machine share.

Who changes a file, an institution or an account marks it before, and once more when the transaction has ended; each
mark raises one number. What was read earlier is the present as long as nobody is changing it and the number of its last
mark is none above the one that stood before it was read. Where the end of a transaction is not known its mark stays,
and the database is asked until the next start.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary
from zlib import crc32

from sqlalchemy import Delete, Insert, Update, event, text
from sqlalchemy.dialects.postgresql import Insert as Upsert

from scoring_service.db.tables import accounts, agreements, institutions, standings, tokens
from scoring_service.server_account import hand_over

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine, Executable

# A slot holds the number of the last mark and, below, how many transactions change what falls into it. Files share the
# slots above the first five; two files in one slot cost a question to the database, no more.
_PENDING_BITS = 16
_PENDING = (1 << _PENDING_BITS) - 1
NUMBER, REGISTRY, INSTITUTIONS, ACCOUNTS, LAW, FILES = range(6)
SLOTS = 1 << 16
_OPTION, _KEY = "scoring_marks", "scoring_marks"
ORPHANS_WAIT_SECONDS = 30.0
# Behind the slots: the latest instant that was told from the copy, in microseconds. It is kept over starts.
_LATEST = SLOTS
_SECOND = 1_000_000
_DAY = 24 * 3600 * _SECOND


def slot_of(practitioner_id: str) -> int:
    """Return the slot of a file."""
    return FILES + crc32(practitioner_id.encode()) % (SLOTS - FILES)


class Marks:
    """The counters of one machine, in a mapped file; whoever finds nobody else with it open starts them anew."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        hand_over(folder)
        self.folder = folder
        self._present = _opened(folder / "present")
        self._file = _opened(folder / "marks")
        os.posix_fallocate(self._file, 0, (SLOTS + 1) * 8)
        self._slots = memoryview(mmap.mmap(self._file, (SLOTS + 1) * 8)).cast("Q")
        self._in_process = threading.Lock()
        self._open: WeakKeyDictionary[Connection, _Marked] = WeakKeyDictionary()

    def close(self) -> None:
        """Let the file go; marks that this process has not ended stay."""
        self._slots.release()
        os.close(self._file)
        os.close(self._present)

    @contextmanager
    def first_alone(self) -> Iterator[bool]:
        """Tell whether no other process has the counters open; until the block ends none opens them.

        After it this process is counted as one that has them open.
        """
        try:
            fcntl.flock(self._present, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
        fcntl.flock(self._present, fcntl.LOCK_SH)

    def any_open(self) -> bool:
        """Tell whether a mark stands that was not ended."""
        return any(word & _PENDING for word in self._slots[REGISTRY:SLOTS])

    def start_anew(self) -> None:
        """Forget all marks; nobody else may have the counters open, and no transaction of theirs be under way."""
        self._slots[:SLOTS] = memoryview(bytes(SLOTS * 8)).cast("Q")

    def number(self) -> int:
        """Return the number of the last mark; asked before something is read, it says what the reading holds."""
        number: int = self._slots[NUMBER]
        return number

    def goes(self, instant: int) -> bool:
        """Tell whether the machine's clock, which shows `instant`, has not gone back behind what was told.

        While it has, the database is asked, whose clock stands meanwhile (`db/clock_mark.py`).
        """
        latest = self._slots[_LATEST]
        if instant < latest < instant + _DAY:
            return False
        if not latest <= instant < latest + _SECOND:
            self._slots[_LATEST] = instant
        return True

    def holds(self, slot: int, number: int) -> bool:
        """Tell whether what was read after `number` is still the present, and nobody is changing it."""
        word = self._slots[slot]
        return not word & _PENDING and word >> _PENDING_BITS <= number

    def is_changing(self, slot: int) -> bool:
        """Tell whether a transaction under way has marked the slot."""
        return bool(self._slots[slot] & _PENDING)

    def follow(self, engine: Engine) -> None:
        """Mark what is changed through `engine`: institutions and accounts by their tables, files by `mark_files`."""
        engine.update_execution_options(**{_OPTION: self})
        event.listen(engine, "before_execute", self._before_execute)
        event.listen(engine, "begin", self._begin)
        event.listen(engine, "commit", self._commit)
        event.listen(engine, "rollback", self._rollback)
        event.listen(engine, "checkin", self._checkin)

    def mark(self, conn: Connection, slots: Iterable[int]) -> None:
        """Mark what this transaction is about to change, until it has ended."""
        marked = self._open.get(conn)
        if marked is None:
            self._open[conn] = conn.info[_KEY] = marked = _Marked()
        further = set(slots) - marked.slots
        marked.slots |= further
        self._raise(further, 1)

    def _raise(self, slots: Collection[int], step: int) -> None:
        if not slots:
            return
        with self._in_process:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                number = self._slots[NUMBER] + 1
                self._slots[NUMBER] = number
                for slot in slots:
                    self._slots[slot] = number << _PENDING_BITS | (self._slots[slot] & _PENDING) + step
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def _before_execute(self, conn: Connection, statement: Executable, *_parameters: Any) -> None:
        if not isinstance(statement, Insert | Update | Delete):
            return
        is_new = isinstance(statement, Insert) and not isinstance(statement, Upsert)
        if statement.table is standings and not is_new and not self._marked_files(conn):
            raise RuntimeError("a standing is written whose file was not marked (db/marks.py)")
        slot = _SLOTS.get(getattr(statement.table, "name", ""))
        # A new file, account or token is known to nobody yet.
        if slot is not None and not (slot == ACCOUNTS and isinstance(statement, Insert)):
            self.mark(conn, [slot])

    def _marked_files(self, conn: Connection) -> bool:
        marked = self._open.get(conn)
        return marked is not None and any(slot >= FILES for slot in marked.slots)

    def _begin(self, conn: Connection) -> None:
        marked = self._open.get(conn)
        if marked is not None and marked.sent:
            self._end(self._open.pop(conn))

    def _commit(self, conn: Connection) -> None:
        if (marked := self._open.get(conn)) is not None:
            marked.sent = True

    def _rollback(self, conn: Connection) -> None:
        marked = self._open.get(conn)
        if marked is not None and not marked.sent:
            self._end(marked)

    def _checkin(self, connection: Any, record: Any) -> None:
        marked = record.info.pop(_KEY, None)
        if marked is None or (marked.sent and (connection is None or connection.closed)):
            # Whether the commit came through nobody knows: the marks stay, and the database is asked.
            return
        self._end(marked)

    def _end(self, marked: _Marked | None) -> None:
        if marked is not None:
            slots, marked.slots = marked.slots, set()
            self._raise(slots, -1)


_SLOTS = {
    institutions.name: INSTITUTIONS,
    agreements.name: INSTITUTIONS,
    accounts.name: ACCOUNTS,
    tokens.name: ACCOUNTS,
}


class _Marked:
    """What one transaction has marked, and whether its commit was sent."""

    __slots__ = ("__weakref__", "sent", "slots")

    def __init__(self) -> None:
        self.sent = False
        self.slots: set[int] = set()


def mark_files(conn: Connection, practitioner_ids: Iterable[str]) -> None:
    """Mark files whose cache this transaction is about to write."""
    _mark(conn, map(slot_of, practitioner_ids))


def mark_registry(conn: Connection) -> None:
    """Mark that institutions, agreements or principals are about to be changed: before the instant of it is taken."""
    _mark(conn, [REGISTRY])


def mark_law(conn: Connection) -> None:
    """Mark that a rulebook is about to be adopted: before the instant from which it is known is taken."""
    _mark(conn, [LAW])


def _mark(conn: Connection, slots: Iterable[int]) -> None:
    marks: Marks | None = conn.get_execution_options().get(_OPTION)
    if marks is not None:
        marks.mark(conn, slots)


def others_have_ended(engine: Engine) -> bool:
    """Wait for every transaction that writes by now, also of processes that are gone; tell whether they have ended."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        own = conn.execute(text("SELECT pg_current_xact_id()::text::bigint")).scalar_one()
        until = time.monotonic() + ORPHANS_WAIT_SECONDS
        while conn.execute(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")).scalar_one() <= own:
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
    return True


def _opened(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with suppress(PermissionError):
        hand_over(path)
    return handle
