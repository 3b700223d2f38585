"""The files through which worker processes share their counters, with every block taken when they are made.

prometheus-client maps sparse files into memory. When the disk is full, touching a page of such a file kills the
process (SIGBUS) instead of raising. Here the pages are written once, by calls that can fail; without room for them
the counters are kept in the memory of their process alone.
"""

import errno
import mmap
import struct
from pathlib import Path

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

from scoring_service.server_account import hand_over

FILE_BYTES = 1024 * 1024
# How much of the file is in use stands at its beginning.
HEAD_BYTES = 8


class ReservedDict(MmapedDict):
    """A mapped file of counters that has all of its blocks."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:  # noqa: FBT001, FBT002 -- the library's
        if read_mode or _reserve(Path(filename)):
            super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]
            return
        self._f = None  # type: ignore[assignment]
        self._fname = filename
        self._m, self._capacity = mmap.mmap(-1, FILE_BYTES), FILE_BYTES
        self._positions: dict[str, int] = {}
        self._used = HEAD_BYTES
        struct.pack_into("i", self._m, 0, self._used)

    def _init_value(self, key: str) -> None:
        if self._used + len(key) * 4 + 64 > self._capacity:
            self._grow()
        super()._init_value(key)  # type: ignore[no-untyped-call]

    def _grow(self) -> None:
        """Double the file, or go on in memory."""
        wanted = self._capacity * 2
        try:
            grown = self._longer_file(wanted)
        except OSError:
            grown = mmap.mmap(-1, wanted)
            grown[: self._capacity] = self._m[:]
        self._m, self._capacity = grown, wanted

    def _longer_file(self, wanted: int) -> mmap.mmap:
        if self._f is None:
            raise OSError(errno.ENOSPC, self._fname)
        self._f.write(bytes(wanted - self._capacity))
        self._f.flush()
        return mmap.mmap(self._f.fileno(), wanted)


def reserve_counter_files() -> None:
    """Let prometheus-client share its counters through such files; to be called before the first counter is made."""
    values.MmapedDict = ReservedDict  # type: ignore[attr-defined]


def _reserve(path: Path) -> bool:
    """Write a new file's blocks; tell whether there was room for them."""
    if path.exists():
        return True
    try:
        with path.open("xb") as file:
            file.write(bytes(FILE_BYTES))
        hand_over(path)
    except OSError:
        path.unlink(missing_ok=True)
        return False
    return True
