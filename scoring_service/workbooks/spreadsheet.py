"""Rows of XLSX, XLS and ODS by calamine, with what calamine leaves unsaid: formulas, errors, epochs, macros."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from scoring_service.workbooks.compound import COMPOUND, check_compound, counts_from_1904
from scoring_service.workbooks.sheets import Mark, Row, Sheet, Unreadable, UnreadableFile, Value
from scoring_service.workbooks.zipped import ZIPPED, Part, check_zipped, sheet_parts

FIRST_ROUNDED_NUMBER = 10**15  # spreadsheets keep fifteen digits
_BEYOND_WHOLE = 2**63  # a larger number does not travel as a whole one
Area = tuple[tuple[int, int], tuple[int, int]]


def is_spreadsheet(path: Path) -> bool:
    """Tell whether a file is a container of spreadsheets (by its content: names are wrong too often)."""
    with path.open("rb") as file:
        return file.read(8).startswith((ZIPPED, COMPOUND))


def is_xlsx(path: Path) -> bool:
    """Tell whether a container of spreadsheets is an XLSX."""
    return is_zipfile(path) and bool(sheet_parts(path)[0])


def read_spreadsheet(path: Path) -> Iterator[Sheet]:
    """Read the visible worksheets of a workbook, in their order. Raises UnreadableFile."""
    parts, epoch_1904 = _checked(path)
    try:
        with path.open("rb") as file, load_workbook(file) as workbook:
            for meta in workbook.sheets_metadata:
                if meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible:
                    yield _sheet(workbook, meta.name, parts.get(meta.name), epoch_1904=epoch_1904)
    except PasswordError:
        raise UnreadableFile(Unreadable.ENCRYPTED) from None
    except (CalamineError, OSError):
        raise UnreadableFile(Unreadable.DAMAGED) from None


def _checked(path: Path) -> tuple[dict[str, Part], bool]:
    with path.open("rb") as file:
        if file.read(8).startswith(COMPOUND):
            content = path.read_bytes()
            check_compound(content)
            return {}, counts_from_1904(content)
    check_zipped(path)
    return sheet_parts(path)


def _sheet(workbook: CalamineWorkbook, name: str, part: Part | None, *, epoch_1904: bool) -> Sheet:
    marks = part.marks() if part else {}
    return Sheet(name=name, rows=_rows(workbook.get_sheet_by_name(name), marks), epoch_1904=epoch_1904)


def _rows(sheet: CalamineSheet, marks: dict[int, dict[int, Mark]]) -> Iterator[Row]:
    left, width = (sheet.start[1], sheet.total_width) if sheet.start else (0, 0)
    merged = _Merged(sheet.merged_cell_ranges or (), width)
    blank = (None,) * left
    for number, read in enumerate(sheet.iter_rows(), start=1):
        cells = (*blank, *[cell or None if type(cell) is str else _value(cell) for cell in read])
        of_row = marks.get(number) or {}
        if of_row or any(cell is not None for cell in cells):
            yield Row(number, cells, _rounded(cells) | merged.in_row(number) | of_row)


def _value(cell: Any) -> Value:
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < _BEYOND_WHOLE else cell
    return str(cell) if isinstance(cell, timedelta) else cell


def _rounded(cells: Sequence[Value]) -> dict[int, Mark]:
    return {
        column: Mark.ROUNDED
        for column, cell in enumerate(cells)
        if isinstance(cell, int | float) and abs(cell) >= FIRST_ROUNDED_NUMBER
    }


class _Merged:
    """The cells that merged ranges cover, row by row from above."""

    def __init__(self, areas: Sequence[Area], width: int) -> None:
        self._coming = sorted(areas, reverse=True)
        self._width = width
        self._current: list[Area] = []

    def in_row(self, number: int) -> dict[int, Mark]:
        if not self._coming and not self._current:
            return {}
        row = number - 1
        while self._coming and self._coming[-1][0][0] <= row:
            self._current.append(self._coming.pop())
        self._current = [area for area in self._current if area[1][0] >= row]
        return {
            column: Mark.MERGED
            for (top, left), (_, right) in self._current
            for column in range(left, min(right + 1, self._width))
            if (row, column) != (top, left)
        }
