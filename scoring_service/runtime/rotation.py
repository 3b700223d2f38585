"""Keys are rotated while the service runs: known first, then written with, then the only one.

1. The next key is read and searched with by every process, not yet written with.
2. Every transaction that began before has ended.
3. The next key is the present one, in a moment in which nobody looks for an identity number to write it.
4. What is kept under the key before is sealed anew.
5. The key before is forgotten when nothing is left under it, and OVERLAP has passed: what was handed out under it has
   expired.

Each step finds out what is done already, so a rotation that was cut short goes on when it is run again. Keys of the
settings are the operator's to change; the steps that they take are named.
"""

from __future__ import annotations

import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from scoring_service.db.clock_mark import server_now
from scoring_service.db.engine import make_owner_engine
from scoring_service.db.locks import Lock, alone, try_to_hold
from scoring_service.db.sealed import Resealing, count_sealed, reseal
from scoring_service.identity import IdentityNumbers
from scoring_service.runtime.key_file import (
    NAMES,
    NEXT,
    PREVIOUS,
    KeyName,
    beside,
    file_of,
    folder_to_itself,
    read_file,
    write_file,
)
from scoring_service.runtime.keys import (
    fingerprint,
    keys_of,
    record_forgotten,
    record_known,
    record_present,
    recorded_keys,
    with_keys,
)
from scoring_service.runtime.start import database, keyed, prepare
from scoring_service.settings import PREFIX, Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Engine

# Calls sent twice are known for a day; a form or a list may lie open over a night.
OVERLAP = timedelta(hours=48)
LOOK_SECONDS = 0.1
# What takes long comes first, so that both keys are forgotten in one run.
ORDER: tuple[KeyName, ...] = ("identity_key", "secret_key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """A rotation under way: where, for whom, and who hears what happens (`say`) and how far it is (`show`)."""

    settings: Settings
    owner: Engine
    say: Callable[[str], None]
    show: Callable[[int, int], None]
    overlap: timedelta = OVERLAP


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOnRecord:
    """A key by its fingerprint, with when it came and went."""

    name: str
    fingerprint: str
    known_from: datetime
    present_from: datetime | None
    present_until: datetime | None
    forgotten_at: datetime | None


@contextmanager
def _open(settings: Settings) -> Iterator[Engine]:
    """The engine of the database's owner, when the keys were admitted."""
    with database(settings) as addresses:
        if settings.embedded:
            prepare(settings, addresses)
        keyed(settings, addresses)
        owner = make_owner_engine(addresses.owner)
        try:
            yield owner
        finally:
            owner.dispose()


def list_keys(settings: Settings) -> list[KeyOnRecord]:
    """Return the keys that the database knows, by name in the order in which they came."""
    with _open(settings) as owner, owner.connect() as conn:
        return [
            KeyOnRecord(
                name=row.name,
                fingerprint=row.fingerprint,
                known_from=row.recorded_at,
                present_from=row.present_from,
                present_until=row.present_until,
                forgotten_at=row.forgotten_at,
            )
            for row in recorded_keys(conn)
        ]


def rotate(
    settings: Settings,
    say: Callable[[str], None],
    show: Callable[[int, int], None],
    *,
    names: Sequence[KeyName] = ORDER,
    overlap: timedelta = OVERLAP,
) -> None:
    """Go as far with the rotation of these keys as may be gone now. Raises SettingsError while another one runs."""
    with _open(settings) as owner, alone(owner, Lock.ROTATION) as is_alone:
        with owner.connect() as conn:
            if not conn.execute(_OWNS).scalar_one():
                raise SettingsError(
                    f"Keys are rotated by the database's owner: set {PREFIX}DATABASE_OWNER_URL for this command."
                )
        if not is_alone:
            raise SettingsError("Keys are being rotated already: wait until that has ended.")
        rotation = Rotation(settings=settings, owner=owner, say=say, show=show, overlap=overlap)
        under_way = _under_way(settings)
        for name in names:
            if getattr(settings, name):
                _rotate_set(rotation, name)
            elif name in under_way or not under_way:
                _rotate_kept(rotation, name)
            else:
                say(f"{name}: not begun; run this again for it when the rotation of {', '.join(under_way)} is done.")


def _under_way(settings: Settings) -> list[KeyName]:
    """The keys of the file whose rotation was begun: a run finishes it, and begins no other."""
    content = read_file(file_of(settings))
    return [name for name in NAMES if beside(content, name) is not None]


def _rotate_kept(rotation: Rotation, name: KeyName) -> None:
    """Rotate a key of the file."""
    content = read_file(file_of(rotation.settings))
    if name in content.get(PREVIOUS, {}):
        _finish_kept(rotation, name)
        return
    if name not in content.get(NEXT, {}):
        _introduce(rotation, name)
    if name == "identity_key":
        rotation.say("identity_key: the next key is known; waiting for every transaction that began before.")
        wait_for_transactions(rotation.owner)
    _bring_in(rotation, name)
    rotation.say(f"{name}: the next key is the present one. Keep a copy of {file_of(rotation.settings)} by now.")
    _finish_kept(rotation, name)


def _introduce(rotation: Rotation, name: KeyName) -> None:
    path = file_of(rotation.settings)
    with folder_to_itself(path.parent):
        content = read_file(path)
        key = secrets.token_urlsafe(48)
        write_file(path, content | {NEXT: content.get(NEXT, {}) | {name: key}})
    with rotation.owner.begin() as conn:
        record_known(conn, name, key)


def _bring_in(rotation: Rotation, name: KeyName) -> None:
    """Make the next key the present one, while nobody looks for an identity number to write it."""
    path = file_of(rotation.settings)
    with rotation.owner.begin() as conn:
        while not try_to_hold(conn, Lock.KEYS):
            time.sleep(LOOK_SECONDS)
        with folder_to_itself(path.parent):
            content = read_file(path)
            key = content[NEXT][name]
            others = {NEXT: _without(content.get(NEXT, {}), name)}
            others[PREVIOUS] = content.get(PREVIOUS, {}) | {name: content[name]}
            write_file(path, content | {name: key} | others)
        record_present(conn, name, key)


def _without(keys: dict[str, str], name: KeyName) -> dict[str, str]:
    return {other: key for other, key in keys.items() if other != name}


def _finish_kept(rotation: Rotation, name: KeyName) -> None:
    if not _may_forget(rotation, name):
        return
    path = file_of(rotation.settings)
    # On record first: what the record says is needed must never be missing from the file.
    with rotation.owner.begin() as conn:
        record_forgotten(conn, name, [read_file(path)[name]])
    with folder_to_itself(path.parent):
        content = read_file(path)
        write_file(path, content | {PREVIOUS: _without(content[PREVIOUS], name)})
    rotation.say(f"{name}: the key before is forgotten. The rotation is done.")


def _may_forget(rotation: Rotation, name: KeyName) -> bool:
    """Seal anew what is left under the key before; tell whether it may go by now, and say what it waits for."""
    present, previous = keys_of(with_keys(rotation.settings), name)
    if name == "identity_key" and not _seal_anew(rotation, IdentityNumbers(present), IdentityNumbers(previous)):
        return False
    since, now = _present_since(rotation, name, present)
    due = since + rotation.overlap
    if now >= due:
        return True
    rotation.say(
        f"{name}: forms, cursors and answers that were handed out under the key before count until"
        f" {due:%Y-%m-%d %H:%M %z}. Run `scoring-service keys rotate` again after that: it forgets the key."
    )
    return False


def _present_since(rotation: Rotation, name: KeyName, key: str) -> tuple[datetime, datetime]:
    """Return since when a key is the present one, and the time by the same clock."""
    with rotation.owner.connect() as conn:
        own = fingerprint(name, key)
        since: datetime = next(row.present_from for row in recorded_keys(conn) if row.fingerprint == own)
        return since, server_now(conn)


def _seal_anew(rotation: Rotation, present: IdentityNumbers, previous: IdentityNumbers) -> bool:
    """Seal everything anew; tell whether nothing is left under the key before.

    A transaction that had read a row before the first pass may copy it after: so there is a second one when all such
    transactions have ended.
    """
    whole = 0
    for prepared in (None, wait_for_transactions):
        if prepared is not None:
            prepared(rotation.owner)
        done = _pass(rotation, present, previous)
        whole += done.changed
        if done.unread or done.doubled:
            _complain(rotation, done)
            return False
    rotation.say(f"identity_key: {whole} rows were sealed anew; nothing is left under the key before.")
    return True


def _pass(rotation: Rotation, present: IdentityNumbers, previous: IdentityNumbers) -> Resealing:
    with rotation.owner.connect() as conn:
        whole = count_sealed(conn)
    seen = 0

    def tell(rows: int) -> None:
        nonlocal seen
        seen += rows
        rotation.show(seen, max(whole, seen))

    return reseal(rotation.owner, present, previous, tell)


def _complain(rotation: Rotation, done: Resealing) -> None:
    for table, rows in done.unread.items():
        rotation.say(f"identity_key: {rows} rows of {table} are read by no key that is known; the key before stays.")
    for table, rows in done.doubled.items():
        rotation.say(
            f"identity_key: {rows} rows of {table} have a number that another file has too, recorded on two hosts while"
            " they changed keys: merge the files, then run this again; the key before stays."
        )


def _rotate_set(rotation: Rotation, name: KeyName) -> None:
    """Go on with a key of the settings, and say what the operator does next."""
    variable = f"{PREFIX}{name.upper()}"
    if not getattr(rotation.settings, f"{name}_previous"):
        rotation.say(
            f"{name}: step 1 of 3. Set {variable}_PREVIOUS to a new key of at least 32 random characters on every host,"
            " restart the service on each, one after the other, and run this again."
        )
        return
    present, further = keys_of(rotation.settings, name)
    with rotation.owner.connect() as conn:
        known = {row.fingerprint: row for row in recorded_keys(conn) if row.name == name}
    other = known[fingerprint(name, further)]
    if other.forgotten_at is not None:
        rotation.say(f"{name}: step 3 of 3. Take {variable}_PREVIOUS out of the settings of every host.")
    elif other.present_from is None:
        rotation.say(
            f"{name}: step 2 of 3. When every host runs with both keys, exchange them: {variable} becomes the new key,"
            f" {variable}_PREVIOUS the old one; restart the service on each host, and run this again."
        )
    elif _may_forget(rotation, name):
        with rotation.owner.begin() as conn:
            record_present(conn, name, present)
            record_forgotten(conn, name, [present])
        rotation.say(f"{name}: step 3 of 3. Take {variable}_PREVIOUS out of the settings of every host. Done.")


def wait_for_transactions(engine: Engine) -> None:
    """Wait until every transaction of this database that is under way by now has ended."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        waited = list(conn.execute(_UNDER_WAY).scalars())
        while waited and set(waited) & set(conn.execute(_UNDER_WAY).scalars()):
            time.sleep(LOOK_SECONDS)


_OWNS = text("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'persons'::regclass")
# Every transaction holds a lock on its virtual id, and everybody may see it.
_UNDER_WAY = text(
    """
    SELECT l.virtualxid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'virtualxid' AND l.virtualxid IS NOT NULL AND a.datname = current_database()
        AND coalesce(a.backend_type, 'client backend') = 'client backend' AND l.pid <> pg_backend_pid()
    """
)
