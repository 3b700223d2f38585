"""Sheets, rows and cells as a file has them, and why a file is refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

Value = str | int | float | bool | date | datetime | time | None

MOST_ROWS = 1_000_000


class Mark(StrEnum):
    """What a value alone does not tell of its cell."""

    MERGED = "merged"  # covered by a merged range: the value stands in the range's first cell
    UNSTORED = "unstored"  # a formula whose result was never stored
    ERROR = "error"  # a spreadsheet's error, such as #N/A
    ROUNDED = "rounded"  # a number of more digits than a spreadsheet keeps


class Unreadable(StrEnum):
    """Why a file is not read."""

    NOT_A_TABLE = "not_a_table"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    MACROS = "macros"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    ENCODING = "encoding"
    QUOTES = "quotes"
    CONTROL_CHARACTERS = "control_characters"


class UnreadableFile(Exception):
    """A file that is not read, or not read to its end.

    `row` is the line of a delimited file at which the fault stands, where that is known.
    """

    def __init__(self, reason: Unreadable, row: int | None = None) -> None:
        super().__init__(reason.value, row)
        self.reason = reason
        self.row = row


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not blank.

    `number` counts as the spreadsheet does, from 1; `cells` begin at column A, a blank one is None. `marks` has what
    is to be known of single cells, by their index in `cells` (a marked cell may lie beyond the last value).
    """

    number: int
    cells: tuple[Value, ...]
    marks: Mapping[int, Mark] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet that people see; its rows are read once, before the next sheet is asked for.

    `epoch_1904`: days written as plain numbers count from 1904-01-01 (files of older Macintoshes) instead of 1900.
    """

    name: str
    rows: Iterator[Row]
    epoch_1904: bool = False


# A spreadsheet takes the full-width ones for the others.
_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def shielded(text: str) -> str:
    """Return a text as a CSV holds it, which a spreadsheet takes for no formula: with an apostrophe before it."""
    return f"'{text}" if _is_formula(text) else text


def unshielded(text: str) -> str:
    """Return the text that a cell of a CSV holds, without the apostrophe that `shielded` put before it."""
    return text[1:] if text.startswith("'") and _is_formula(text) else text


def _is_formula(text: str) -> bool:
    return text.lstrip("'").lstrip(" \u3000\u00a0\ufeff").startswith(_SIGNS)


def column_letters(index: int) -> str:
    """The letters of a column, `A` for index 0, `AA` for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
