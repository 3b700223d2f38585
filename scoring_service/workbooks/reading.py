"""A file read row by row in a process of its own, which a bomb or a broken parser may take down alone.

What travels through the pipe: frames of four bytes of length and MessagePack, written by `__main__.py`:
`["sheet", name, epoch_1904]`, `["rows", [[number, cells, marks], …]]`, `["refused", reason, row]`, `["end"]`.
"""

import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any

import msgspec

from scoring_service.workbooks.apart import started
from scoring_service.workbooks.sheets import Mark, Row, Sheet, Unreadable, UnreadableFile

DATE, DATETIME, TIME = 1, 2, 3
_MOMENTS: dict[int, Callable[[str], date | time]] = {
    DATE: date.fromisoformat,
    DATETIME: datetime.fromisoformat,
    TIME: time.fromisoformat,
}
_LENGTH_BYTES = 4


def read_workbook(path: Path, filename: str) -> Iterator[Sheet]:
    """Read a workbook's visible sheets in order, each with its rows; sheets without any row are left out.

    The kind of file is told by its content; of `filename`, as the person named it, a delimited file's sheet takes its
    name. Raises UnreadableFile, be it at the first sheet or at a later row.
    """
    with _reader(path, filename) as pipe, closing(_frames(pipe)) as frames:
        frame = next(frames)
        if frame[0] == "end":
            raise UnreadableFile(Unreadable.EMPTY)
        while frame[0] == "sheet":
            yield Sheet(name=frame[1], rows=(rows := _Rows(frames)), epoch_1904=frame[2])
            frame = rows.rest()


class _Rows(Iterator[Row]):
    """The rows of one sheet; what nobody asked for is passed over when the next sheet is."""

    def __init__(self, frames: Iterator[list[Any]]) -> None:
        self._frames = frames
        self._batch: Iterator[list[Any]] = iter(())
        self._following: list[Any] | None = None

    def __next__(self) -> Row:
        row = next(self._batch, None)
        while row is None:
            if not self._take():
                raise StopIteration
            row = next(self._batch, None)
        number, cells, marks = row
        return Row(
            number, tuple(cells), {column: Mark(mark) for column, mark in marks.items()} if marks else {}
        )

    def _take(self) -> bool:
        if self._following is None:
            frame = next(self._frames)
            if frame[0] == "rows":
                self._batch = iter(frame[1])
            else:
                self._following = frame
        return self._following is None

    def rest(self) -> list[Any]:
        """Pass over what is left, and return the frame after it."""
        while self._take():
            pass
        assert self._following is not None  # noqa: S101 - what `_take` ends with
        return self._following


@contextmanager
def _reader(path: Path, filename: str) -> Iterator[IO[bytes]]:
    process = started(
        "__main__", str(path.absolute()), filename, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    with process:
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            yield process.stdout
        finally:
            process.kill()


def _frames(pipe: IO[bytes]) -> Generator[list[Any], None, None]:
    decoder = msgspec.msgpack.Decoder(list[Any], ext_hook=_moment)
    kind = ""
    while kind != "end":
        length = int.from_bytes(pipe.read(_LENGTH_BYTES))
        # A process that ends without a word has met its limits of memory or time.
        if not length:
            raise UnreadableFile(Unreadable.TOO_LARGE)
        frame = decoder.decode(pipe.read(length))
        kind = frame[0]
        if kind == "refused":
            raise UnreadableFile(Unreadable(frame[1]), frame[2])
        yield frame


def _moment(code: int, content: memoryview) -> date | time:
    return _MOMENTS[code](bytes(content).decode())
