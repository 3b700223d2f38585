"""The cells of claim lines, a column at a time: codes, days of service in Shanghai, marks, amounts.

What is plain is read by the engine's own functions; every other value once, however often it stands, by the functions
that the single question reads by (`written.as_ref`, `written.as_code`).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring_service.core.civil import civil_day
from scoring_service.written import LONGEST_REF

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

CIVIL_ZONE_NAME = "Asia/Shanghai"
ENCODINGS = ("utf-8", "gb18030")
_PLAIN_TIME = r"^\d{4}-\d{2}-\d{2}([ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?)?$"
_OFFSET = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$")
_DATE = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?")
_TIME = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?")
# Excel counts days from here, its 1900 having had a 29 February. Serials from 1954 to 2173 are read as such.
_EXCEL = date(1899, 12, 30)
_SERIAL = re.compile(r"([2-9]\d{4})(?:\.\d+)?")
# So many bytes are looked at together that what is worked out of them stays near the processor.
BYTES_NEAR = 1 << 17
# Where one time of a column is written in a way, mostly all are.
_FIRST = 1000
_YES = frozenset({"1", "true", "t", "yes", "y", "是"})
_NO = frozenset({"", "0", "false", "f", "no", "n", "否"})
_AMOUNT = r"^[+-]?\d{1,16}(\.\d{1,4}0*)?$"
AMOUNT = pa.decimal128(38, 4)


def as_text(column: pa.Array) -> pa.Array:
    """Return a column of bytes, numbers or text as text; what is in none of the encodings becomes null.

    A column that is held as a dictionary stays one here and in `codes`: each value is read once.
    """
    if pa.types.is_dictionary(column.type):
        return _recoded(column, as_text(column.dictionary))
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        try:
            return column.cast(pa.string())
        except pa.ArrowInvalid:
            return _mapped(column.cast(pa.binary()), pa.string(), _decoded)
    if pa.types.is_floating(column.type):
        return _mapped(column, pa.string(), lambda number: f"{number:.0f}" if number == int(number) else str(number))
    return column.cast(pa.string())


def _recoded(column: pa.DictionaryArray, values: pa.Array) -> pa.DictionaryArray:
    """Return a column with other values in its dictionary; where such a value is null, the cell is."""
    indices = column.indices
    if values.null_count:
        indices = pc.if_else(pc.is_valid(values).take(indices), indices, None)
    return pa.DictionaryArray.from_arrays(indices, values)


def _decoded(value: bytes) -> str | None:
    for encoding in ENCODINGS:
        try:
            return value.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def codes(column: pa.Array, read: Callable[[str], str]) -> pa.Array:
    """Return a text column of codes as `read` reads them; an empty cell is null."""
    if pa.types.is_dictionary(column.type):
        return _recoded(column, codes(column.dictionary, read))
    others = _not_plain(column)
    if not len(others):
        return column
    values = _mapped(column.take(others), pa.string(), lambda text: read(text) or None)
    is_other = np.zeros(len(column), bool)
    is_other[others.to_numpy()] = True
    return pc.replace_with_mask(column, pa.array(is_other), values)


def _not_plain(column: pa.Array) -> pa.Array:
    """Return the places of the cells that are not 1 to 64 of the letters A to Z and the digits; null is none."""
    begins, content = text_bytes(column)
    length = np.diff(begins)
    starts = range(0, len(content), BYTES_NEAR)
    odd_bytes = [_odd_bytes(content[start : start + BYTES_NEAR]) + start for start in starts]
    odd = np.concatenate(odd_bytes or [length[:0]])
    with_odd = np.searchsorted(begins, odd + begins[0], side="right") - 1
    without = np.flatnonzero((length < 1) | (length > LONGEST_REF))
    return pa.array(np.union1d(with_odd, without))


def _odd_bytes(content: NDArray[np.uint8]) -> NDArray[np.intp]:
    return np.flatnonzero((content - ord("0") > 9) & (content - ord("A") > 25))  # noqa: PLR2004 -- how far 9 and Z are.


def text_bytes(column: pa.Array) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return where the cells of a text column begin, with where the last ends, and the bytes of all of them.

    The bytes begin with those of the first cell. Those that stand in a null cell belong to no cell's content.
    """
    if column.null_count:
        column = pc.fill_null(column, "")
    _valid, offsets, content = column.buffers()
    if not len(column) or content is None:
        return np.zeros(len(column) + 1, np.int32), np.zeros(0, np.uint8)
    begins = np.frombuffer(offsets, np.int32, len(column) + 1, column.offset * 4)
    return begins, np.frombuffer(content, np.uint8)[begins[0] : begins[-1]]


def too_long(column: pa.Array) -> pa.Array:
    """Tell where a code is longer than the single question takes."""
    values = column.dictionary if pa.types.is_dictionary(column.type) else column
    # No text has more signs than bytes, and these need not be read to be counted.
    if (pc.max(pc.binary_length(values)).as_py() or 0) <= LONGEST_REF:
        return pa.repeat(pa.scalar(value=False), len(column))
    long = pc.greater(pc.utf8_length(values), LONGEST_REF)
    return pc.fill_null(long if values is column else long.take(column.indices), fill_value=False)


def days(column: pa.Array) -> pa.Array:
    """Return the civil days in Shanghai of a column of service times; null where there is none to be read.

    A time without an offset is Shanghai's.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return days(column.dictionary).take(column.indices)
    if pa.types.is_date(kind):
        return column.cast(pa.date32())
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
        local = column if kind.tz is None else pc.local_timestamp(column.cast(pa.timestamp("us", CIVIL_ZONE_NAME)))
        return local.cast(pa.timestamp("us"), safe=False).cast(pa.date32(), safe=False)
    text = as_text(column)
    plain = pc.fill_null(pc.match_substring_regex(text, _PLAIN_TIME), fill_value=False)
    cut = pc.if_else(plain, pc.utf8_slice_codeunits(text, 0, 10), text)
    return _mapped(cut, pa.date32(), day_of)


def day_of(written: str) -> date | None:
    """Return the day of a service time as people and programs write it; None where it cannot be read.

    ISO 8601 with or without an offset, 2025-6-1, 2025/6/1, 2025年6月1日, perhaps with a time, 20250601,
    20250601093000, and the serial numbers of a spreadsheet.
    """
    text = unicodedata.normalize("NFKC", written).strip()
    try:
        if _OFFSET.search(text) and ":" in text:
            return civil_day(datetime.fromisoformat(text))
        if (serial := _SERIAL.fullmatch(text)) is not None:
            return _EXCEL + timedelta(days=int(serial[1]))
        if (compact := _COMPACT.fullmatch(text)) is not None:
            return datetime(*(int(part) for part in compact.groups(default="0"))).date()  # type: ignore[arg-type] # noqa: DTZ001
        day, _, time = text.replace("T", " ").partition(" ")
        if (parts := _DATE.fullmatch(day)) is None or (time.strip() and not _TIME.fullmatch(time.strip())):
            return None
        return date(*(int(part) for part in parts.groups()))
    except (ValueError, OverflowError):
        return None


def has_no_offset(column: pa.Array) -> bool:
    """Tell whether one of the service times says a time of the day and no offset."""
    if pa.types.is_dictionary(column.type):
        return has_no_offset(column.dictionary)
    if pa.types.is_timestamp(column.type):
        return column.type.tz is None
    if pa.types.is_date(column.type):
        return False
    return any(_some_without_offset(as_text(some)) for some in (column[:_FIRST], column[_FIRST:]))


def _some_without_offset(text: pa.Array) -> bool:
    with_time = pc.match_substring_regex(text, r":|^\d{14}$")
    with_offset = pc.match_substring_regex(text, r"(Z|[+-]\d{2}:?\d{2})\s*$")
    return bool(pc.any(pc.and_not(with_time, with_offset)).as_py())


def marks(column: pa.Array) -> pa.Array:
    """Return a column of yes and no as booleans, an empty cell as no; null where it is neither."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    values = column.dictionary
    if not pa.types.is_boolean(values.type):
        values = _mapped(pc.fill_null(as_text(values), fill_value=""), pa.bool_(), _mark)
    return pc.if_else(pc.is_null(column.indices), False, values.take(column.indices))


def _mark(written: str) -> bool | None:
    text = unicodedata.normalize("NFKC", written).strip().casefold()
    return True if text in _YES else False if text in _NO else None


def amounts(column: pa.Array) -> pa.Array:
    """Return a column of amounts as decimals with four places; null where there is none to be read."""
    if pa.types.is_dictionary(column.type):
        return amounts(column.dictionary).take(column.indices)
    text = pc.utf8_trim_whitespace(as_text(column))
    readable = pc.fill_null(pc.match_substring_regex(text, _AMOUNT), fill_value=False)
    return pc.if_else(readable, text, None).cast(AMOUNT)


def _mapped(column: pa.Array, kind: pa.DataType, read: Callable[[Any], Any]) -> pa.Array:
    """Return what `read` makes of each value, asked once for each different one; null stays null."""
    encoded = column.dictionary_encode()
    values = [None if value is None else read(value) for value in encoded.dictionary.to_pylist()]
    return pa.array(values, kind).take(encoded.indices)
