"""The service's own secrets: from the settings, or generated once and kept in the data folder (key_file.py).

A database knows by fingerprints which keys are in use, and which were. Another identity key would store the number of
a person who is here already as that of a new one, so a start with it is refused, and none is made anew.
"""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from scoring_service.db.tables import key_fingerprints, practitioners
from scoring_service.identity import IdentityNumbers
from scoring_service.runtime.folders import prepare_data_dir
from scoring_service.runtime.key_file import (
    ADVICE,
    NAMES,
    KeyName,
    beside,
    file_of,
    folder_to_itself,
    read_file,
    write_file,
)
from scoring_service.server_account import hand_over
from scoring_service.settings import PREFIX, Settings, SettingsError

FINGERPRINT_BYTES = 16

log = structlog.get_logger("scoring_service.runtime.keys")


def with_keys(settings: Settings) -> Settings:
    """The settings with both keys filled in; what the operator set wins over what was generated.

    A key of the file brings the one beside it along. For a process beside one that called `admit_keys`. Raises
    SettingsError when a key is nowhere.
    """
    kept = known_keys(settings)
    for name in NAMES:
        if name not in kept:
            raise SettingsError(
                f"{PREFIX}{name.upper()} is not set and {file_of(settings)} has none: {ADVICE}"
            )
    return replace(settings, **kept)


def admit_keys(conn: Connection, settings: Settings) -> Settings:
    """The settings with both keys filled in, for a database at the newest schema that was begun with them.

    The first start puts the fingerprints of the keys on record and makes those that the operator did not set; a new
    key beside the one on record is put beside it. Raises SettingsError when the identity key is another than the
    database's, or is missing; another session key is told in the log and taken.
    """
    begun = bool(_in_use(conn, "identity_key")) or _an_identity_number(conn) is not None
    if begun and "identity_key" not in known_keys(settings):
        raise SettingsError(
            f"The identity key of this database is missing: {PREFIX}IDENTITY_KEY is not set and {file_of(settings)}"
            f" has none; no new one was made. {ADVICE}"
        )
    _make_missing(settings)
    settings = with_keys(settings)
    with suppress(OSError):
        hand_over(file_of(settings))
    _admit_identity_key(conn, keys_of(settings, "identity_key"))
    _admit_session_key(conn, keys_of(settings, "secret_key"))
    return settings


def keys_of(settings: Settings, name: KeyName) -> tuple[str, ...]:
    """Return the keys of one name that the settings have, the present one first."""
    return tuple(key for key in (getattr(settings, name), getattr(settings, f"{name}_previous")) if key)


def compare_keys(conn: Connection, settings: Settings) -> None:
    """Refuse as `admit_keys` an identity key that is known and wrong; make and record none."""
    kept = known_keys(settings)
    if "identity_key" in kept:
        keys = keys_of(replace(settings, **kept), "identity_key")
        _refuse_other(keys, _in_use(conn, "identity_key"), _an_identity_number(conn))


def known_keys(settings: Settings) -> dict[str, Any]:
    """The keys that are there, by the settings' names: those that were set, then those of the file; none is made."""
    kept: dict[str, Any] = {}
    content = {} if all(getattr(settings, name) for name in NAMES) else read_file(file_of(settings))
    for name in NAMES:
        if own := getattr(settings, name):
            kept |= {name: own}
        elif name in content:
            kept |= {name: content[name]}
            if further := beside(content, name):
                kept |= {f"{name}_previous": further}
    return kept


def fingerprint(name: str, key: str) -> str:
    """What a database keeps of a key: a value derived from it, by which it is known and not found out."""
    purpose = f"scoring-service fingerprint/{name}".encode()
    return (
        HKDF(algorithm=SHA256(), length=FINGERPRINT_BYTES, salt=None, info=purpose).derive(key.encode()).hex()
    )


def record_known(conn: Connection, name: KeyName, key: str) -> None:
    """Put a key on record that is read with, not written with yet."""
    conn.execute(_row(name, key).on_conflict_do_update(index_elements=_KEY, set_={"forgotten_at": None}))


def record_present(conn: Connection, name: KeyName, key: str) -> None:
    """Put on record that a key is the one that is written with, and no other any more."""
    own = key_fingerprints.c.fingerprint == fingerprint(name, key)
    of_name = key_fingerprints.c.name == name
    ended = update(key_fingerprints).where(of_name, ~own, _IS_PRESENT).values(present_until=func.now())
    conn.execute(ended)
    news = {"present_from": func.now(), "present_until": None, "forgotten_at": None}
    begun = _row(name, key, present_from=func.now())
    conn.execute(begun.on_conflict_do_update(index_elements=_KEY, set_=news, where=~_IS_PRESENT))


def record_forgotten(conn: Connection, name: KeyName, keys: Sequence[str]) -> None:
    """Put on record that all but these keys of one name are not needed any more."""
    kept = key_fingerprints.c.fingerprint.in_([fingerprint(name, key) for key in keys])
    others = (key_fingerprints.c.name == name) & ~kept & key_fingerprints.c.forgotten_at.is_(None)
    conn.execute(update(key_fingerprints).where(others).values(forgotten_at=func.now()))


def recorded_keys(conn: Connection) -> Sequence[Row[Any]]:
    """Return the fingerprints on record with when each came and went, in that order."""
    rows = key_fingerprints.c
    return conn.execute(select(key_fingerprints).order_by(rows.name, rows.recorded_at, rows.fingerprint)).all()


_KEY = ("name", "fingerprint")
_IS_PRESENT = key_fingerprints.c.present_from.is_not(None) & key_fingerprints.c.present_until.is_(None)


def _row(name: KeyName, key: str, **columns: Any) -> Any:
    row = {"name": name, "fingerprint": fingerprint(name, key), "recorded_at": func.now()}
    return insert(key_fingerprints).values(row | columns)


def _in_use(conn: Connection, name: KeyName) -> list[str]:
    """The fingerprints of the keys under which something was written and may be left, the present one first."""
    rows = key_fingerprints.c
    query = select(rows.fingerprint).where(rows.name == name, rows.present_from.is_not(None))
    kept = query.where(rows.forgotten_at.is_(None)).order_by(rows.present_until.is_not(None))
    return list(conn.execute(kept).scalars())


def _admit_identity_key(conn: Connection, keys: Sequence[str]) -> None:
    in_use = _in_use(conn, "identity_key")
    _refuse_other(keys, in_use, None if in_use else _an_identity_number(conn))
    if not in_use:
        # Of two first starts at one time, the keys of one count.
        conn.execute(_row("identity_key", keys[0], present_from=func.now()).on_conflict_do_nothing())
        _refuse_other(keys, _in_use(conn, "identity_key"), None)
    _record_news(conn, "identity_key", keys)


def _record_news(conn: Connection, name: KeyName, keys: Sequence[str]) -> None:
    """Put on record what is new; a key that was replaced does not come back by a host that starts with it."""
    if fingerprint(name, keys[0]) not in _in_use(conn, name):
        record_present(conn, name, keys[0])
    known = {row.fingerprint for row in recorded_keys(conn) if row.name == name}
    for key in keys[1:]:
        if fingerprint(name, key) not in known:
            record_known(conn, name, key)


def _refuse_other(keys: Sequence[str], in_use: Sequence[str], encrypted: bytes | None) -> None:
    """Refuse keys under which what the database holds cannot be read. Raises SettingsError."""
    own = {fingerprint("identity_key", key) for key in keys}
    missing = [each for each in in_use if each not in own]
    if len(missing) < len(in_use) and missing:
        raise SettingsError(
            f"A second identity key of this database is missing (fingerprint {missing[0]}): while keys are rotated both"
            f" are needed, {PREFIX}IDENTITY_KEY and {PREFIX}IDENTITY_KEY_PREVIOUS, else the whole keys.json. {ADVICE}"
        )
    if missing or (encrypted is not None and not _reads(keys, encrypted)):
        raise SettingsError(
            f"The identity key ({PREFIX}IDENTITY_KEY, else identity_key in keys.json of {PREFIX}DATA_DIR) is not the"
            f" one that this database was begun with. {ADVICE}"
        )


def _admit_session_key(conn: Connection, keys: Sequence[str]) -> None:
    in_use = _in_use(conn, "secret_key")
    own = {fingerprint("secret_key", key) for key in keys}
    if in_use and own.isdisjoint(in_use):
        log.warning("session key changed: everybody signs in again, and cursors of lists begin anew")
    _record_news(conn, "secret_key", keys)
    if not own.issuperset(in_use):
        record_forgotten(conn, "secret_key", keys)


def _an_identity_number(conn: Connection) -> bytes | None:
    kept = practitioners.c.id_number_encrypted
    return conn.execute(select(kept).where(kept.is_not(None)).limit(1)).scalar()


def _reads(keys: Sequence[str], encrypted: bytes) -> bool:
    try:
        IdentityNumbers(*keys).decrypt(encrypted)
    except InvalidTag:
        return False
    return True


def _make_missing(settings: Settings) -> None:
    """Generate what is neither set nor kept; of two processes that do so at one time, the first one's count."""
    if set(NAMES) <= set(known_keys(settings)):
        return
    prepare_data_dir(settings.data_dir)
    with folder_to_itself(settings.data_dir):
        kept = known_keys(settings)
        missing = {name: secrets.token_urlsafe(48) for name in NAMES if name not in kept}
        write_file(file_of(settings), read_file(file_of(settings)) | missing)
