"""The service's own secrets: from the settings, or generated once and kept in the data folder (0600).

A database knows by a fingerprint which keys it was begun with. Another identity key would store the number of a
person who is here already as that of a new one, so a start with it is refused, and none is made anew.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from scoring_service.db.tables import key_fingerprints, practitioners
from scoring_service.identity import IdentityNumbers
from scoring_service.runtime.folders import prepare_data_dir
from scoring_service.settings import KEY_LENGTH, PREFIX, Settings, SettingsError

NAMES = ("secret_key", "identity_key")
FINGERPRINT_BYTES = 16

log = structlog.get_logger("scoring_service.runtime.keys")


def with_keys(settings: Settings) -> Settings:
    """The settings with both keys filled in; what the operator set wins over what was generated.

    For a process beside one that called `admit_keys`. Raises SettingsError when a key is nowhere.
    """
    kept = _kept_keys(settings)
    for name in NAMES:
        if name not in kept:
            raise SettingsError(
                f"{PREFIX}{name.upper()} is not set and {_path(settings)} has none: {_ADVICE}"
            )
    return replace(settings, secret_key=kept["secret_key"], identity_key=kept["identity_key"])


def admit_keys(conn: Connection, settings: Settings) -> Settings:
    """The settings with both keys filled in, for a database at the newest schema that was begun with them.

    The first start puts the fingerprints of the keys on record and makes those that the operator did not set.
    Raises SettingsError when the identity key is another than the database's, or is missing; another session
    key is told in the log and taken.
    """
    recorded = _recorded(conn)
    begun = "identity_key" in recorded or _an_identity_number(conn) is not None
    if begun and "identity_key" not in _kept_keys(settings):
        raise SettingsError(
            f"The identity key of this database is missing: {PREFIX}IDENTITY_KEY is not set and {_path(settings)}"
            f" has none; no new one was made. {_ADVICE}"
        )
    _make_missing(settings)
    settings = with_keys(settings)
    _compare_identity_key(conn, settings, recorded)
    _compare_session_key(conn, settings, recorded)
    return settings


def compare_keys(conn: Connection, settings: Settings) -> None:
    """Refuse as `admit_keys` an identity key that is known and wrong; make and record none."""
    kept = _kept_keys(settings)
    if "identity_key" in kept:
        _refuse_other(kept["identity_key"], _recorded(conn).get("identity_key"), _an_identity_number(conn))


def fingerprint(name: str, key: str) -> str:
    """What a database keeps of a key: a value derived from it, by which it is known and not found out."""
    purpose = f"scoring-service fingerprint/{name}".encode()
    return (
        HKDF(algorithm=SHA256(), length=FINGERPRINT_BYTES, salt=None, info=purpose).derive(key.encode()).hex()
    )


_ADVICE = (
    "Put back the copy of the key that is kept apart from the database's backups (docs/operations.md, Keys). Do not"
    " start with a new one: identity numbers could not be read, and one person would get two files."
)


def _recorded(conn: Connection) -> dict[str, str]:
    """The fingerprints that the database has, by the names of the keys."""
    return {row.name: row.fingerprint for row in conn.execute(select(key_fingerprints))}


def _compare_identity_key(conn: Connection, settings: Settings, recorded: Mapping[str, str]) -> None:
    key = settings.identity_key or ""
    if "identity_key" not in recorded:
        _refuse_other(key, None, _an_identity_number(conn))
        _record(conn, "identity_key", key)
    # Read again: of two first starts at one time, the keys of one count.
    _refuse_other(key, _recorded(conn)["identity_key"], None)


def _refuse_other(key: str, recorded: str | None, encrypted: bytes | None) -> None:
    if recorded is not None:
        fits = recorded == fingerprint("identity_key", key)
    else:
        fits = encrypted is None or _reads(key, encrypted)
    if not fits:
        raise SettingsError(
            f"The identity key ({PREFIX}IDENTITY_KEY, else identity_key in keys.json of {PREFIX}DATA_DIR) is not the"
            f" one that this database was begun with. {_ADVICE}"
        )


def _compare_session_key(conn: Connection, settings: Settings, recorded: Mapping[str, str]) -> None:
    key = settings.secret_key or ""
    if "secret_key" in recorded and recorded["secret_key"] != fingerprint("secret_key", key):
        log.warning("session key changed: everybody signs in again, and cursors of lists begin anew")
    _record(conn, "secret_key", key, replacing=True)


def _record(conn: Connection, name: str, key: str, *, replacing: bool = False) -> None:
    row = insert(key_fingerprints).values(
        name=name, fingerprint=fingerprint(name, key), recorded_at=func.now()
    )
    news = {"fingerprint": row.excluded.fingerprint, "recorded_at": row.excluded.recorded_at}
    known = key_fingerprints.c.fingerprint != row.excluded.fingerprint
    again = row.on_conflict_do_update(index_elements=["name"], set_=news, where=known)
    conn.execute(again if replacing else row.on_conflict_do_nothing())


def _an_identity_number(conn: Connection) -> bytes | None:
    kept = practitioners.c.id_number_encrypted
    return conn.execute(select(kept).where(kept.is_not(None)).limit(1)).scalar()


def _reads(key: str, encrypted: bytes) -> bool:
    try:
        IdentityNumbers(key).decrypt(encrypted)
    except InvalidTag:
        return False
    return True


def _path(settings: Settings) -> Path:
    return settings.data_dir / "keys.json"


def _kept_keys(settings: Settings) -> dict[str, str]:
    """The keys that are there: those that were set, then those of the file."""
    own = {name: key for name in NAMES if (key := getattr(settings, name))}
    return own if len(own) == len(NAMES) else _read_file(_path(settings)) | own


def _read_file(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        content = None
    keys = {name: content[name] for name in NAMES if name in content} if isinstance(content, dict) else None
    if keys is None or not all(isinstance(key, str) and len(key) >= KEY_LENGTH for key in keys.values()):
        raise SettingsError(f"{path} is not what the service wrote: {_ADVICE}")
    return keys


def _make_missing(settings: Settings) -> None:
    """Generate what is neither set nor kept; of two processes that do so at one time, the first one's count."""
    if len(_kept_keys(settings)) == len(NAMES):
        return
    prepare_data_dir(settings.data_dir)
    with _folder_to_itself(settings.data_dir):
        kept = _kept_keys(settings)
        missing = {name: secrets.token_urlsafe(48) for name in NAMES if name not in kept}
        _write_file(_path(settings), _read_file(_path(settings)) | missing)


@contextmanager
def _folder_to_itself(folder: Path) -> Iterator[None]:
    """Hold off every other process that would make keys in the same folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_file(path: Path, keys: Mapping[str, str]) -> None:
    """Replace the file whole, so that who reads it meanwhile sees the old one or the new one."""
    draft = path.with_name(f"keys.{os.getpid()}.{secrets.token_hex(4)}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(keys, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
