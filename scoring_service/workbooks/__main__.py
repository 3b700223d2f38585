"""The process in which a file is read: `python -m scoring_service.workbooks PATH FILENAME`, frames on its output."""

import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec

from scoring_service.workbooks.apart import limit
from scoring_service.workbooks.delimited import read_delimited
from scoring_service.workbooks.reading import DATE, DATETIME, TIME
from scoring_service.workbooks.sheets import MOST_ROWS, Row, Sheet, Unreadable, UnreadableFile, Value
from scoring_service.workbooks.spreadsheet import is_spreadsheet, read_spreadsheet

ROWS_OF_A_BATCH = 2000


def main() -> None:
    """Read the file and write its frames; whatever goes wrong is a frame, or silence when a limit was met."""
    path, filename = Path(sys.argv[1]), sys.argv[2]
    limit()
    writer = _Writer(sys.stdout.buffer)
    try:
        read = read_spreadsheet(path) if is_spreadsheet(path) else read_delimited(path, filename)
        _write(writer, read)
    except UnreadableFile as fault:
        writer.write(["refused", fault.reason, fault.row])
    except MemoryError:
        writer.write(["refused", Unreadable.TOO_LARGE, None])
    except BaseException:  # noqa: BLE001 - a parser's own panic is none of Exception
        writer.write(["refused", Unreadable.DAMAGED, None])


class _Writer:
    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._encoder = msgspec.msgpack.Encoder()

    def write(self, frame: list[Any]) -> None:
        content = self._encoder.encode(frame)
        self._pipe.write(len(content).to_bytes(4))
        self._pipe.write(content)
        self._pipe.flush()


def _write(writer: _Writer, sheets: Iterable[Sheet]) -> None:
    count = 0
    for sheet in sheets:
        rows = _packed(sheet.rows)
        batch = list(islice(rows, ROWS_OF_A_BATCH))
        if batch:
            writer.write(["sheet", sheet.name, sheet.epoch_1904])
        while batch:
            count += len(batch)
            if count > MOST_ROWS:
                raise UnreadableFile(Unreadable.TOO_MANY_ROWS)
            writer.write(["rows", batch])
            batch = list(islice(rows, ROWS_OF_A_BATCH))
    writer.write(["end"])


def _packed(rows: Iterable[Row]) -> Iterator[list[Any]]:
    for row in rows:
        cells = [cell if type(cell) is str else _sent(cell) for cell in row.cells]
        yield [row.number, cells, row.marks or None]


def _sent(cell: Value) -> Any:
    if isinstance(cell, datetime):
        return msgspec.msgpack.Ext(DATETIME, cell.isoformat().encode())
    if isinstance(cell, date):
        return msgspec.msgpack.Ext(DATE, cell.isoformat().encode())
    if isinstance(cell, time):
        return msgspec.msgpack.Ext(TIME, cell.isoformat().encode())
    return cell


if __name__ == "__main__":
    main()
