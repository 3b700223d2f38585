"""What a run writes before its end: under names of its own, beside the final ones, and locked.

A killed run leaves them behind, unlocked: so the next one to the same answer knows them from what another is writing.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FILE, _FOLDER = "unfinished", "rule-pack"


class Unfinished:
    """Files that are written under other names until all are whole; what is left of a failure is removed."""

    def __init__(self) -> None:
        self._names: dict[Path, Path] = {}
        self._locks: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        for unfinished in self._names:
            unfinished.unlink(missing_ok=True)
        for lock in self._locks:
            os.close(lock)

    def opened(self, final: Path) -> Path:
        """Return the name under which a file is written."""
        unfinished = final.with_name(f".{final.name}.{os.getpid()}.{_FILE}")
        self._locks.append(_locked(unfinished, os.O_RDWR | os.O_CREAT))
        self._names[unfinished] = final
        return unfinished

    def finish(self) -> None:
        """Give the files their names, the first opened last; they are on the disk by then."""
        for unfinished in self._names:
            with unfinished.open("rb") as file:
                os.fsync(file.fileno())
        for unfinished, final in reversed(list(self._names.items())):
            unfinished.replace(final)
        self._names.clear()


@contextmanager
def pack_folder(out: Path) -> Iterator[Path]:
    """Give a folder beside a run's answer, where there is room for a pack; it is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", suffix=f".{_FOLDER}", dir=out.parent) as name:
        lock = _locked(Path(name), os.O_RDONLY)
        try:
            yield Path(name)
        finally:
            os.close(lock)


def clear_left(finals: Sequence[Path]) -> None:
    """Remove what killed runs left of these files, the first of which is the answer; what is locked stays."""
    out = finals[0]
    left = [path for final in finals for path in final.parent.glob(f".{escape(final.name)}.*.{_FILE}")]
    for path in [*left, *out.parent.glob(f".{escape(out.name)}.*.{_FOLDER}")]:
        with suppress(OSError):
            lock = _locked(path, os.O_RDONLY)
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            os.close(lock)


def _locked(path: Path, flags: int) -> int:
    """Return the descriptor that holds the lock on a file or folder. Raises BlockingIOError when another holds it."""
    descriptor = os.open(path, flags, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
