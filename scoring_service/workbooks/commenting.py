"""The process of its own in which a commented copy is written; its input says what (`Commission`)."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import openpyxl
import xlsxwriter
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

from scoring_service.workbooks.apart import limit
from scoring_service.workbooks.commented import Commission, Note
from scoring_service.workbooks.delimited import read_delimited
from scoring_service.workbooks.sheets import Sheet, Value
from scoring_service.workbooks.spreadsheet import is_spreadsheet, is_xlsx, read_spreadsheet

MOST_BYTES_WRITTEN = 512 << 20
# openpyxl keeps a workbook in memory, some fifty times as large as its parts.
MOST_BYTES_WITH_LOOKS = 12 << 20
_MARKED = "FFD9B3"
_AUTHOR = "scoring-service"
_WIDTHS = (16, 8, 8, 32, 60)
_LONGEST_TEXT = 32_000
_LINE_CHARACTERS, _LINE_POINTS = 22, 16
_FIRST_DAY = date(1900, 3, 1)
_LARGEST_NUMBER = 1e15
Comments = Mapping[str, Mapping[int, Mapping[int, str]]]


def main() -> None:
    """Write the copy that the input commissions; anything but 0 as exit code says that there is none."""
    limit(MOST_BYTES_WRITTEN)
    commission = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Commission)
    source = Path(commission.source)
    if is_spreadsheet(source) and is_xlsx(source) and _is_of_ordinary_size(source):
        # A part that openpyxl does not understand costs the looks, not the comments.
        with suppress(Exception):
            _write_with_looks(commission)
            return
    _write_values(commission)


def _is_of_ordinary_size(source: Path) -> bool:
    with ZipFile(source) as container:
        return sum(part.file_size for part in container.infolist()) <= MOST_BYTES_WITH_LOOKS


def _comments(notes: Iterable[Note]) -> Comments:
    """The text of each cell's comment, by sheet, row number and column index; of a whole row at its first cell."""
    comments: dict[str, dict[int, dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
    for note in notes:
        row = comments[note.sheet][max(1, note.row)]
        column = column_index_from_string(note.column) - 1 if note.column else 0
        row[column] = f"{row[column]}\n{note.expected}" if column in row else note.expected
    return comments


def _write_with_looks(commission: Commission) -> None:
    with Path(commission.source).open("rb") as file:
        book = openpyxl.load_workbook(file)
    fill = PatternFill("solid", fgColor=_MARKED)
    for name, rows in _comments(commission.notes).items():
        if name in book.sheetnames:
            for row, comments in rows.items():
                for column, text in comments.items():
                    cell = _unmerged(book[name], row, column + 1)
                    cell.comment, cell.fill = _comment(text), fill
    _list_in_front(book, commission)
    book.save(commission.target)


def _unmerged(sheet: Worksheet, row: int, column: int) -> Any:
    """The cell itself, or the first one of the merged range that covers it."""
    cell = sheet.cell(row, column)
    if not isinstance(cell, MergedCell):
        return cell
    area = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
    return sheet.cell(area.min_row, area.min_col)


def _comment(text: str) -> Comment:
    comment = Comment(text[:_LONGEST_TEXT], _AUTHOR)
    comment.width, comment.height = 280, _height(text)
    return comment


def _height(text: str) -> int:
    return _LINE_POINTS * (2 + sum(1 + len(line) // _LINE_CHARACTERS for line in text.split("\n")))


def _list_in_front(book: openpyxl.Workbook, commission: Commission) -> None:
    sheet = book.create_sheet(_title(commission, book.sheetnames), 0)
    for number, line in enumerate(_list(commission), start=1):
        for column, text in enumerate(line, start=1):
            cell = sheet.cell(number, column)
            cell.value, cell.data_type = text, "n" if isinstance(text, int) else "s"
            cell.font, cell.alignment = Font(bold=number == 1), Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCDE", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    for other in book.worksheets:
        other.sheet_view.tabSelected = False
    book.active = 0


def _list(commission: Commission) -> Iterator[Sequence[str | int]]:
    """The lines of the list in front, headings first."""
    yield commission.labels.headings
    for note in commission.notes:
        yield note.sheet, note.row, note.column or "", note.value[:_LONGEST_TEXT], note.expected
    if commission.cut:
        yield (commission.labels.unlisted,)


def _title(commission: Commission, taken: Iterable[str]) -> str:
    names = {name.casefold() for name in taken}
    titles = (commission.labels.title, *(f"{commission.labels.title} {number}" for number in range(2, 1000)))
    return next(title for title in titles if title.casefold() not in names)


def _write_values(commission: Commission) -> None:
    """Write the values alone, row by row, so that any size fits."""
    source = Path(commission.source)
    sheets = (
        read_spreadsheet(source) if is_spreadsheet(source) else read_delimited(source, commission.filename)
    )
    folder = str(Path(commission.target).parent)
    with xlsxwriter.Workbook(commission.target, {"constant_memory": True, "tmpdir": folder}) as book:
        _list_of_values(book, commission)
        comments = _comments(commission.notes)
        for sheet in sheets:
            _copy(book, sheet, comments.get(sheet.name, {}))


def _list_of_values(book: xlsxwriter.Workbook, commission: Commission) -> None:
    sheet = book.add_worksheet(commission.labels.title)
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    for number, line in enumerate(_list(commission)):
        for column, text in enumerate(line):
            write = sheet.write_number if isinstance(text, int) else sheet.write_string
            write(number, column, text, wrapped if number else bold)


class _Formats:
    """Formats of a copy's cells, unmarked and marked."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        forms = {
            datetime: "yyyy-mm-dd hh:mm:ss",
            date: "yyyy-mm-dd",
            time: "hh:mm:ss",
            str: "@",
            float: "General",
        }
        self._formats = {
            (kind, marked): book.add_format(
                {"num_format": form} | ({"bg_color": f"#{_MARKED}"} if marked else {})
            )
            for kind, form in forms.items()
            for marked in (False, True)
        }

    def of(self, kind: type, *, marked: bool) -> Any:
        return self._formats[kind, marked]


def _copy(book: xlsxwriter.Workbook, sheet: Sheet, comments: Mapping[int, Mapping[int, str]]) -> None:
    copy = book.add_worksheet(_sheet_name(sheet.name, {name.casefold() for name in book.sheetnames}))
    formats = _Formats(book)
    for row in sheet.rows:
        texts = comments.get(row.number, {})
        cells = [*row.cells, *[None] * (max(texts, default=-1) + 1 - len(row.cells))]
        for column, value in enumerate(cells):
            if value is not None or column in texts:
                _write(copy, (row.number - 1, column), value, formats, marked=column in texts)
        for column, text in texts.items():
            copy.write_comment(
                row.number - 1, column, text, {"author": _AUTHOR, "x_scale": 2, "height": _height(text)}
            )


def _write(copy: Any, place: tuple[int, int], value: Value, formats: _Formats, *, marked: bool) -> None:
    if value is None:
        copy.write_blank(*place, None, formats.of(str, marked=marked))
    elif isinstance(value, bool):
        copy.write_boolean(*place, value, formats.of(float, marked=marked))
    elif isinstance(value, int | float) and abs(value) < _LARGEST_NUMBER:
        copy.write_number(*place, value, formats.of(float, marked=marked))
    elif isinstance(value, time) or (isinstance(value, date) and _is_a_spreadsheets_day(value)):
        copy.write_datetime(*place, value, formats.of(type(value), marked=marked))
    else:
        copy.write_string(*place, str(value)[:_LONGEST_TEXT], formats.of(str, marked=marked))


def _is_a_spreadsheets_day(value: date) -> bool:
    return (value.date() if isinstance(value, datetime) else value) >= _FIRST_DAY


def _sheet_name(name: str, taken: set[str]) -> str:
    plain = "".join(" " if letter in "[]:*?/\\" else letter for letter in name).strip("' ")[:31] or "Sheet"
    names = (plain, *(f"{plain[:27]} {number}" for number in range(2, 1000)))
    return next(each for each in names if each.casefold() not in taken)


if __name__ == "__main__":
    main()
