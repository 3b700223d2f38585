"""The present of files, institutions and settlement accounts beside the database, in one mapped file of a machine.

It holds what the plain settlement question needs, by national code, institution and token, and of each the number that
the marks (`db/marks.py`) showed before it was read. It is told only as long as nothing of it has changed since; that
somebody or something is not known is never kept. What is lost of it is read again.
"""

from __future__ import annotations

import shutil
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import lmdb
from sqlalchemy import text

from scoring_service.db.marks import ACCOUNTS, INSTITUTIONS, REGISTRY, Marks, slot_of
from scoring_service.server_account import hand_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

# Addresses, not bytes: the file grows with what is in it.
MAP_BYTES = 1 << 36
READERS = 4096
# What the copy leaves free on the disk for the database.
SPARED_BYTES = 1 << 30
MILLION = 1_000_000
# A copy that cannot be used costs a question to the database, and no answer.
UNUSABLE = (lmdb.Error, OSError)
_FOLDER = "copy"
# Number of the marks, slot; of a person revision, instant of the last change in microseconds and id besides.
_ENTRY = struct.Struct("<QI")
_PERSON = struct.Struct("<QIIq36s")
_TOKEN = struct.Struct("<QId")

ROWS_AT_ONCE = 2_000
KEPT_INSTITUTION = """
    {institution}.kind || '|' || coalesce((
        SELECT string_agg(concat_ws(' ', g.span_id, g.from_on, g.until_on), ',' ORDER BY g.revision)
        FROM agreements g WHERE g.institution_code = {institution}.code
    ), '')
"""
_INSTITUTIONS = text(f"SELECT i.code, {KEPT_INSTITUTION.format(institution='i')} AS kept FROM institutions i")
RECORDED = "(extract(epoch FROM s.recorded_at) * 1000000)::bigint"
_PEOPLE = text(f"""
    SELECT c.code, s.practitioner_id::text, s.revision, {RECORDED}, s.profile
    FROM standing_codes c JOIN standings s USING (practitioner_id)
""")


@dataclass(frozen=True, slots=True)
class Row:
    """What the database told, as it is kept; `recorded` is the instant of the file's last change in microseconds."""

    practitioner_id: str
    revision: int
    recorded: int
    profile: bytes


@dataclass(frozen=True, slots=True)
class Present:
    """What is true at `at`, an instant in microseconds: a person's row, and an institution as it is kept."""

    at: int
    person: Row
    institution: bytes | None


class PresentCopy:
    """The copy, opened by the process that reads it or fills it first; safe between threads and processes."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self._folder = marks.folder / _FOLDER
        self._env: lmdb.Environment | None = None
        self._opening = threading.Lock()

    def remove(self) -> None:
        """Remove what a former run left; nobody may have it open."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def ask(self, token: bytes, code: str, institution: str | None) -> Present | None:
        """Return the present facts for a settlement account's question, None when the copy does not hold them all."""
        # The instant comes first: a change that is recorded later has marked what it changes before.
        now = time.time_ns() // 1000
        try:
            with self._opened().begin() as txn:
                account, stored = txn.get(b"t" + token), txn.get(b"p" + code.encode())
                place = txn.get(b"i" + institution.encode()) if institution else None
        except UNUSABLE:
            return None
        if account is None or stored is None or (institution is not None and place is None):
            return None
        number, slot, expires_at = _TOKEN.unpack(account)
        if not self.marks.holds(slot, number) or now >= expires_at * MILLION:
            return None
        number, slot, revision, recorded, person_id = _PERSON.unpack_from(stored)
        if not self.marks.holds(slot, number):
            return None
        if place is not None and not self._is_present(place):
            return None
        if not self.marks.goes(now):
            return None
        person = Row(person_id.decode(), revision, recorded, stored[_PERSON.size :])
        return Present(max(now, recorded), person, place[_ENTRY.size :] if place is not None else None)

    def people(self, codes: Iterable[str]) -> Iterator[tuple[str, str, int, int, bytes]]:
        """Give those of the people of whom the copy holds the present: code, and the fields of a `Row`."""
        holds, unpack, size = self.marks.holds, _PERSON.unpack_from, _PERSON.size
        try:
            with self._opened().begin() as txn:
                get = txn.get
                kept = [(code, stored) for code in codes if (stored := get(b"p" + code.encode())) is not None]
        except UNUSABLE:
            return
        for code, stored in kept:
            number, slot, revision, recorded, person_id = unpack(stored)
            if holds(slot, number):
                yield code, person_id.decode(), revision, recorded, stored[size:]

    def _is_present(self, place: bytes) -> bool:
        number, slot = _ENTRY.unpack_from(place)
        return not self.marks.is_changing(REGISTRY) and self.marks.holds(slot, number)

    def keep(
        self,
        number: int,
        *,
        accounts: Iterable[tuple[bytes, float]] = (),
        people: Iterable[tuple[str, Row]] = (),
        places: Iterable[tuple[str, bytes]] = (),
    ) -> bool:
        """Keep what was read after `number`, by token (with its end), code and institution.

        Tells whether there was room.
        """
        pairs = [(b"t" + token, _TOKEN.pack(number, ACCOUNTS, end)) for token, end in accounts]
        pairs += [(b"p" + code.encode(), _person(number, row)) for code, row in people]
        pairs += [(b"i" + code.encode(), _ENTRY.pack(number, INSTITUTIONS) + stored) for code, stored in places]
        with suppress(*UNUSABLE):
            if shutil.disk_usage(self.marks.folder).free < SPARED_BYTES:
                return False
            with self._opened().begin(write=True) as txn:
                txn.cursor().putmulti(pairs)
            return True
        return False

    def fill(self, engine: Engine, is_stopping: Callable[[], bool]) -> int:
        """Read everybody and every institution into the copy while there is room; return how many people came in."""
        people = 0
        with engine.connect() as conn:
            conn.execute(text("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"))
            number = self.marks.number()
            places = [(row.code, row.kept.encode()) for row in conn.execute(_INSTITUTIONS)]
            if not self.keep(number, places=places):
                return 0
            number = self.marks.number()
            rows = conn.execute(_PEOPLE, execution_options={"yield_per": ROWS_AT_ONCE})
            for batch in rows.partitions():
                entries = [(row[0], Row(row[1], row[2], row[3], row[4].encode())) for row in batch]
                if is_stopping() or not self.keep(number, people=entries):
                    break
                people += len(entries)
        return people

    def _opened(self) -> lmdb.Environment:
        if self._env is None:
            with self._opening:
                if self._env is None:
                    self._env = _environment(self._folder)
        return self._env


def _environment(folder: Path) -> lmdb.Environment:
    folder.mkdir(mode=0o700, exist_ok=True)
    env = lmdb.open(
        str(folder),
        map_size=MAP_BYTES,
        mode=0o600,
        sync=False,
        metasync=False,
        readahead=False,
        max_readers=READERS,
    )
    for path in (folder, *folder.iterdir()):
        with suppress(PermissionError):
            hand_over(path)
    return env


def _person(number: int, row: Row) -> bytes:
    head = _PERSON.pack(number, slot_of(row.practitioner_id), row.revision, row.recorded, row.practitioner_id.encode())
    return head + row.profile
