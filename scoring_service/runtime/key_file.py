"""The file in which the service keeps the keys that it made (keys.json, 0600), and the keys that count by now.

Beside a key the file may have the one before it (`previous`) or the one that comes after it (`next`), never both. The
workers look at it again at each use, so that a rotation needs no restart.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from scoring_service.server_account import hand_over
from scoring_service.settings import KEY_LENGTH, Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

KeyName = Literal["secret_key", "identity_key"]
NAMES: tuple[KeyName, ...] = ("secret_key", "identity_key")
PREVIOUS, NEXT = "previous", "next"
BESIDE = (PREVIOUS, NEXT)

ADVICE = (
    "Put back the copy of the key that is kept apart from the database's backups (docs/operations.md, Keys). Do not"
    " start with a new one: identity numbers could not be read, and one person would get two files."
)


def file_of(settings: Settings) -> Path:
    """Return the path of the file, whether it is there or not."""
    return settings.data_dir / "keys.json"


def read_file(path: Path) -> dict[str, Any]:
    """Return what the file has, nothing where there is none. Raises SettingsError for a spoiled one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        content = None
    if not isinstance(content, dict) or not _is_ours(content):
        raise SettingsError(f"{path} is not what the service wrote: {ADVICE}")
    return content


def _is_ours(content: Mapping[str, Any]) -> bool:
    beside = [content.get(kind, {}) for kind in BESIDE]
    if not all(isinstance(each, dict) for each in beside):
        return False
    keys = [each[name] for each in (content, *beside) for name in NAMES if name in each]
    return all(isinstance(key, str) and len(key) >= KEY_LENGTH for key in keys)


def write_file(path: Path, keys: Mapping[str, Any]) -> None:
    """Replace the file whole, so that who reads it meanwhile sees the old one or the new one."""
    draft = path.with_name(f"keys.{os.getpid()}.{secrets.token_hex(4)}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(keys, file)
            file.flush()
            os.fsync(file.fileno())
        hand_over(draft)
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _remember(path.parent)


def _remember(folder: Path) -> None:
    """Have the file's new name on the disk before anything is encrypted with what it holds."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def folder_to_itself(folder: Path) -> Iterator[None]:
    """Hold off every other process that would make keys in the same folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def beside(content: Mapping[str, Any], name: KeyName) -> str | None:
    """Return the key that a file has beside the present one: that before it, or that after it."""
    keys = (content.get(kind, {}).get(name) for kind in BESIDE)
    return next((key for key in keys if key is not None), None)


class KeysInUse:
    """The keys of one name by now, the present one first: those of the settings, or of the file they came from."""

    def __init__(self, settings: Settings, name: KeyName) -> None:
        self._name = name
        self._path = file_of(settings)
        key, further = getattr(settings, name), getattr(settings, f"{name}_previous")
        self._keys: tuple[str, ...] = (key or "", further) if further else (key or "",)
        self._mark: tuple[int, int, int] | None = None
        self._follows = self._is_from_file(key)

    def read(self) -> tuple[str, ...]:
        """Return the keys, the same tuple for as long as they are the same."""
        if self._follows and (mark := self._marked()) not in {self._mark, None}:
            content = read_file(self._path)
            present, further = content.get(self._name), beside(content, self._name)
            if present is not None:
                self._keys = (present, further) if further else (present,)
                self._mark = mark
        return self._keys

    def _marked(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _is_from_file(self, key: str | None) -> bool:
        try:
            content = read_file(self._path)
        except (OSError, SettingsError):
            return False
        return key is not None and key in {content.get(self._name), beside(content, self._name)}
