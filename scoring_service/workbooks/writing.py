"""Tables written for a spreadsheet, as XLSX or CSV, in bounded memory: rows go in, chunks of bytes come out.

Values keep their types: a `str` is text whatever it looks like, so that no code loses its zeros and nothing is taken
for a formula; a `date` is a day, a `datetime` is told in Asia/Shanghai. A sheet is set up for print: its headings on
each page, as wide as the paper.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

import xlsxwriter

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.workbooks.sheets import shielded

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet



class Share(float):
    """A share of one, which is told in percent."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"{self:.1%}"


class Mark(str):
    """What stands in the place of a number, where a number would."""

    __slots__ = ()


Value: TypeAlias = str | int | float | bool | date | datetime | None


class Form(StrEnum):
    """The form of a file of tables; the value is the suffix of its name."""

    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Form.CSV: "text/csv",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CHUNK_BYTES = 64 * 1024
SHEET_ROWS = 1_048_576
CELL_CHARACTERS = 32_767 // 2  # What a cell holds is counted in UTF-16.
_CUT = "……（截断 / cut）"
_FIRST_DAY = date(1900, 3, 1)  # Spreadsheets believe in a 29 February 1900.
_EXACT_INTEGER = 2**53
_NAME_LENGTH = 31
_WIDTHS = (8, 48)
_MARGIN = 2
_A4 = 9  # As spreadsheets number paper.
_UPRIGHT_CHARACTERS = 95


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet: its name, one heading a column, and the rows, which are read once."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Value]]


def chunks(form: Form, tables: Sequence[Table], created_at: datetime | None = None) -> Iterator[bytes]:
    """Return the file in pieces. A CSV holds every table below the one before, named and with a blank line between.

    A workbook says that it was made at `created_at`, without it now: with it the same tables are the same bytes.
    """
    return _csv_chunks(tables) if form is Form.CSV else _xlsx_chunks(tables, created_at)


def _csv_chunks(tables: Sequence[Table]) -> Iterator[bytes]:
    # A byte order mark, so that a spreadsheet reads the Chinese as UTF-8.
    written = io.StringIO("\ufeff")
    written.seek(0, io.SEEK_END)
    writer = csv.writer(written)
    for number, table in enumerate(tables):
        title: list[Sequence[Value]] = [[], [table.name]] if len(tables) > 1 else []
        for row in chain(title[number == 0 :], [table.headings], table.rows):
            writer.writerow([_csv_cell(value) for value in row])
            if written.tell() >= CHUNK_BYTES:
                yield _emptied(written)
    yield _emptied(written)


def _emptied(written: io.StringIO) -> bytes:
    text = written.getvalue()
    written.seek(0)
    written.truncate()
    return text.encode()


def _csv_cell(value: Value) -> str | int | float:
    if isinstance(value, str):
        return shielded(value)
    if isinstance(value, datetime):
        return _local(value).isoformat(" ", "seconds")
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, Share):
        return str(value)
    if isinstance(value, int | float):
        return value
    return "" if value is None else value.isoformat()


def _xlsx_chunks(tables: Sequence[Table], created_at: datetime | None) -> Iterator[bytes]:
    with TemporaryDirectory(prefix="table-") as folder:
        path = Path(folder) / "table.xlsx"
        _write_book(path, tables, created_at)
        with path.open("rb") as file:
            yield from iter(lambda: file.read(CHUNK_BYTES), b"")


def _write_book(path: Path, tables: Sequence[Table], created_at: datetime | None) -> None:
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)})
    if created_at is not None:
        book.set_properties({"created": created_at.astimezone(UTC).replace(tzinfo=None)})
    book.use_zip64()
    formats = _Formats(
        head=book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EEF2F6"}
        ),
        text=book.add_format({"num_format": "@", "valign": "top"}),
        long_text=book.add_format({"num_format": "@", "valign": "top", "text_wrap": True}),
        mark=book.add_format({"num_format": "@", "valign": "top", "align": "right"}),
        number=book.add_format({"valign": "top"}),
        share=book.add_format({"num_format": "0.0%", "valign": "top"}),
        day=book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"}),
        instant=book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top", "align": "left"}),
    )
    names: set[str] = set()
    for table in tables:
        rows = iter(table.rows)
        # What does not fit goes on on the next sheet, below the same headings.
        while _write_sheet(book.add_worksheet(_sheet_name(table.name, names)), table.headings, rows, formats):
            pass
    book.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Formats:
    head: Format
    text: Format
    long_text: Format
    mark: Format
    number: Format
    share: Format
    day: Format
    instant: Format


def _write_sheet(
    sheet: Worksheet, headings: Sequence[str], rows: Iterator[Sequence[Value]], formats: _Formats
) -> bool:
    """Write a sheet. Return whether it is full while there may be more rows."""
    widths = [_width(heading) for heading in headings]
    sheet.freeze_panes(1, 0)
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, formats.head)
    full = False
    for number in range(1, SHEET_ROWS):
        row = next(rows, None)
        if row is None:
            break
        for column, value in enumerate(row):
            if value is not None and value != "":
                widths[column] = max(widths[column], _write_cell(sheet, (number, column), value, formats))
    else:
        full = True
    shown = [min(max(width + _MARGIN, _WIDTHS[0]), _WIDTHS[1]) for width in widths]
    for column, width in enumerate(shown):
        sheet.set_column(column, column, width)
    _set_up_for_print(sheet, sum(shown))
    return full


def _set_up_for_print(sheet: Worksheet, characters: int) -> None:
    sheet.set_paper(_A4)
    if characters > _UPRIGHT_CHARACTERS:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&R&P / &N")


def _write_cell(
    sheet: Worksheet, place: tuple[int, int], value: str | float | date, formats: _Formats
) -> int:
    """Write a cell. Return how many columns of characters it takes."""
    if isinstance(value, bool):
        sheet.write_boolean(*place, value, formats.number)
        return 5
    if isinstance(value, Share):
        sheet.write_number(*place, value, formats.share)
        return len(str(value))
    if isinstance(value, int | float) and abs(value) <= _EXACT_INTEGER:
        sheet.write_number(*place, value, formats.number)
        return len(str(value))
    if isinstance(value, datetime):
        sheet.write_datetime(*place, _local(value), formats.instant)
        return 19
    if isinstance(value, date) and value >= _FIRST_DAY:
        sheet.write_datetime(*place, value, formats.day)
        return 10
    text = str(value)
    if len(text) > CELL_CHARACTERS:
        text = text[: CELL_CHARACTERS - len(_CUT)] + _CUT
    width = _width(text)
    # What is wider than its column would be cut at the next cell that is filled.
    words = formats.long_text if width + _MARGIN > _WIDTHS[1] else formats.text
    sheet.write_string(*place, text, formats.mark if isinstance(value, Mark) else words)
    return width


def _local(instant: datetime) -> datetime:
    return instant.astimezone(CIVIL_ZONE).replace(tzinfo=None, microsecond=0)


def _width(text: str) -> int:
    shown = text[: _WIDTHS[1]]
    return (
        len(shown)
        if shown.isascii()
        else sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in shown)
    )


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a name that a spreadsheet admits and no sheet of this book has yet."""
    plain = "".join(" " if letter in "[]:*?/\\" else letter for letter in name).strip("' ") or "Sheet"
    number, unique = 1, plain[:_NAME_LENGTH]
    while unique.casefold() in taken:
        number += 1
        unique = f"{plain[: _NAME_LENGTH - 4]} {number}"
    taken.add(unique.casefold())
    return unique
