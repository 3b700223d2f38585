"""Staging: a file is read row by row into typed values, and parted into chunks of what belongs together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from scoring_service.db.tables import imports
from scoring_service.services.imports import keeping
from scoring_service.services.imports.cells import CellFault, day, is_blank, shown
from scoring_service.services.imports.columns import headings_of
from scoring_service.services.imports.keeping import CellFaultRow
from scoring_service.services.imports.kind import WHOLE_ROW, StagedRow
from scoring_service.workbooks.reading import read_workbook
from scoring_service.workbooks.sheets import Mark, Unreadable, UnreadableFile, column_letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from scoring_service.services.imports.columns import Column, HeadingFault
    from scoring_service.services.imports.kind import ImportKind
    from scoring_service.services.unit_of_work.transaction import Service
    from scoring_service.workbooks.sheets import Row, Sheet

# A title and remarks may stand above the headings.
MOST_ROWS_ABOVE = 15
# Rows that came late to a chunk are kept in memory up to so many.
MOST_LATE_ROWS = 4000
_FROM_1904_TO_1900 = 1462
REQUIRED = "必填 / required"
_MARKED = {
    Mark.MERGED: "不得合并单元格，请拆分后逐行填写 / no merged cells: split them and fill in every row",
    Mark.UNSTORED: "公式没有保存的结果，请改填数值 / a value: the formula's result was never stored",
    Mark.ERROR: "公式出错，请改填数值 / a value: the formula has an error",
    Mark.ROUNDED: "应以文本填写：数字过长，末位已失真 / text: the number is too long, its last digits are lost",
}


@dataclass(slots=True, kw_only=True)
class _Things:
    """Which thing of the file a row is about, and in which chunk that lies; keys are kept as short hashes."""

    chunk_rows: int
    by_key: dict[int, int] = field(default_factory=dict)
    chunks: list[int] = field(default_factory=list)
    first_rows: list[int] = field(default_factory=list)
    open_chunk: int = 0
    filled: int = 0

    def place(self, keys: tuple[str, ...], number: int) -> tuple[int, int | None]:
        """Return the chunk of a row, and the first row of another thing that its keys also name."""
        hashed = [int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) for key in keys]
        known = sorted({self.by_key[key] for key in hashed if key in self.by_key})
        thing = known[0] if known else self._new(number)
        for key in hashed:
            self.by_key.setdefault(key, thing)
        chunk = self.chunks[thing]
        self.filled += chunk == self.open_chunk
        return chunk, self.first_rows[known[1]] if len(known) > 1 else None

    def _new(self, number: int) -> int:
        if self.filled >= self.chunk_rows:
            self.open_chunk, self.filled = self.open_chunk + 1, 0
        self.chunks.append(self.open_chunk)
        self.first_rows.append(number)
        return len(self.chunks) - 1


class Staging:
    """One file on its way into chunks; every full chunk is committed with the progress."""

    def __init__(self, service: Service, import_id: str, kind: ImportKind, alive: Callable[[], object]) -> None:
        self._service, self._import_id, self._kind, self._alive = service, import_id, kind, alive
        self._things = _Things(chunk_rows=kind.chunk_rows)
        self._waiting: dict[int, list[StagedRow]] = defaultdict(list)
        self._faults: list[CellFaultRow] = []
        self._headings: dict[str, dict[str, str]] = {}
        self._late = 0
        self._open = 0
        self.rows = 0
        self.errors = 0

    def run(self, path: Path, filename: str) -> None:
        """Read the whole file. Raises UnreadableFile."""
        is_any = False
        for sheet in read_workbook(path, filename):
            headed = self._read_sheet(sheet)
            is_any = is_any or headed
        if not is_any:
            self._faults.append(_no_headings(self._kind))
        elif not self.rows and not any(not fault.warning for fault in self._faults):
            raise UnreadableFile(Unreadable.EMPTY)
        self._flush(list(self._waiting))

    def _read_sheet(self, sheet: Sheet) -> bool:
        """Read a sheet; tell whether it has headings. One without any, such as a page of remarks, is passed over."""
        for row in islice(sheet.rows, MOST_ROWS_ABOVE):
            headings = headings_of(self._kind.columns, row.cells)
            if headings is not None:
                self._faults += [_at_heading(sheet.name, row.number, fault) for fault in headings.faults]
                self._headings[sheet.name] = {
                    column.name: column_letters(place) for place, column in headings.places
                }
                self._read_rows(sheet, headings.places)
                return True
        return False

    def _read_rows(self, sheet: Sheet, places: tuple[tuple[int, Column], ...]) -> None:
        reader = RowReader(self._kind, sheet, places)
        keys = self._kind.keys
        for row in sheet.rows:
            staged, expected = reader.read(row)
            if staged is None:
                continue
            self._faults += reader.at_cells(staged, expected)
            chunk, other = self._things.place(keys(staged.values) or (f"{sheet.name}\n{row.number}",), row.number)
            if other is not None:
                self._faults.append(_of_two(sheet.name, row.number, other))
                staged = replace(staged, unread=(*staged.unread, WHOLE_ROW))
            self._take(chunk, staged)

    def _take(self, chunk: int, staged: StagedRow) -> None:
        self.rows += 1
        if chunk > self._open:
            self._flush([self._open])
            self._open = chunk
        elif chunk < self._open:
            self._late += 1
        self._waiting[chunk].append(staged)
        if self._late > MOST_LATE_ROWS:
            self._flush([position for position in self._waiting if position != self._open])
            self._late = 0

    def _flush(self, positions: Iterable[int]) -> None:
        self._alive()
        seal = self._service.identity_numbers
        with self._service.engine.begin() as conn:
            for position in positions:
                if rows := self._waiting.pop(position, None):
                    keeping.keep_chunk(conn, seal, self._import_id, position, rows)
            self.errors += keeping.keep_faults(conn, seal, self._import_id, self._faults)
            mine = imports.c.id == self._import_id
            progress = {"rows_done": self.rows, "errors_total": self.errors, "headings": self._headings}
            conn.execute(update(imports).where(mine).values(progress))
        self._faults = []

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return self._things.open_chunk + 1 if self.rows else 0


class RowReader:
    """Rows of a sheet with known headings, as records of a kind."""

    def __init__(self, kind: ImportKind, sheet: Sheet, places: tuple[tuple[int, Column], ...]) -> None:
        self._record = kind.record
        self._sheet = sheet.name
        self._places = [
            (place, column.name, _of_1904(column) if sheet.epoch_1904 else column.reading) for place, column in places
        ]
        self._letters = {column.name: column_letters(place) for place, column in places}
        self._required = [column.name for column in kind.columns if column.required]
        self._names = [column.name for column in kind.columns]

    def read(self, row: Row) -> tuple[StagedRow | None, dict[str, str]]:
        """Return a row's record, and by column what was expected where a cell cannot be read.

        The record is None for a row in which nothing is to be read.
        """
        cells, count = row.cells, len(row.cells)
        values: dict[str, Any] = dict.fromkeys(self._names)
        written: dict[str, str] = {}
        expected: dict[str, str] = self._of_marks(row) if row.marks else {}
        nothing = not expected
        for place, name, reading in self._places:
            cell = cells[place] if place < count else None
            if name in expected:
                written[name] = shown(cell)
            if cell is None or is_blank(cell) or name in expected:
                continue
            nothing = False
            try:
                values[name] = value = reading(cell)
                if value != cell:
                    written[name] = shown(cell)
            except CellFault as fault:
                expected[name], written[name] = fault.expected, shown(cell)
        if nothing:
            return None, {}
        for name in self._required:
            if values[name] is None and name not in expected:
                expected[name] = REQUIRED
        staged = StagedRow(
            sheet=self._sheet,
            number=row.number,
            values=self._record(**values),
            written=written,
            unread=tuple(expected),
        )
        return staged, expected

    def _of_marks(self, row: Row) -> dict[str, str]:
        return {name: _MARKED[row.marks[place]] for place, name, _reading in self._places if place in row.marks}

    def at_cells(self, staged: StagedRow, expected: Mapping[str, str]) -> Iterator[CellFaultRow]:
        """Return what was expected as faults at the cells of their columns."""
        for name, sentence in expected.items():
            # That a required column is missing is told once, at the headings.
            if name not in self._letters:
                continue
            yield CellFaultRow(
                sheet=self._sheet,
                row=staged.number,
                column=self._letters[name],
                value=staged.shown(name),
                expected=sentence,
            )


def _of_1904(column: Column) -> Callable[[Any], Any]:
    """Return a column's reading in a workbook whose days written as numbers count from 1904."""
    if column.reading is not day:
        return column.reading

    def read(value: Any) -> Any:
        plain = isinstance(value, int | float) and not isinstance(value, bool) and value < MOST_DAYS
        return day(value + _FROM_1904_TO_1900 if plain else value)

    return read


# Beyond it a number is a day written in eight digits.
MOST_DAYS = 100_000


def _at_heading(sheet: str, row: int, fault: HeadingFault) -> CellFaultRow:
    return CellFaultRow(
        sheet=sheet,
        row=row,
        column=None if fault.place is None else column_letters(fault.place),
        value=fault.text,
        expected=fault.expected,
        warning=fault.warning,
    )


def _no_headings(kind: ImportKind) -> CellFaultRow:
    listed = "、".join(column.heading for column in kind.columns if column.required)
    names = ", ".join(column.name for column in kind.columns if column.required)
    detail = f"没有找到表头；至少要有这些列：{listed} / no headings; needed are the columns {names}"
    return CellFaultRow(sheet="", row=1, column=None, value="", expected=detail)


def _of_two(sheet: str, row: int, other: int) -> CellFaultRow:
    detail = f"代码和证件号分别是两个人的（见第 {other} 行） / code and number are two people's: see row {other}"
    return CellFaultRow(sheet=sheet, row=row, column=None, value="", expected=detail)
