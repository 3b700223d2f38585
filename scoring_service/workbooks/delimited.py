"""Rows of text parted by commas, semicolons or tabs, in the encodings that offices' programs write."""

import csv
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path

from charset_normalizer import from_bytes

from scoring_service.workbooks.sheets import Row, Sheet, Unreadable, UnreadableFile, unshielded

MOST_BYTES = 400 << 20
_SAMPLE = 64 << 10
_LONGEST_CELL = 100_000
_DELIMITERS = (",", "\t", ";")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_PRINTED_OR_ZERO = bytes((0, *range(9, 14), *range(32, 256)))
_MANY = 3  # zeros, beyond which they are no slip of one program
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table", b"{\\rtf", b"%pdf")


def read_delimited(path: Path, filename: str) -> Iterator[Sheet]:
    """Read a delimited text file as one sheet, named as the file; every value is text."""
    if path.stat().st_size > MOST_BYTES:
        raise UnreadableFile(Unreadable.TOO_LARGE)
    encoding = _encoding(path)
    yield Sheet(name=Path(filename).stem, rows=_rows(path, encoding))


def _encoding(path: Path) -> str:
    """The encoding of a file: by its mark, else the strictest that its whole content agrees with."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    if b"\0" in sample:
        return _encoding_with_zeros(sample)
    if sample.lstrip().lower().startswith(_MARKUP):
        raise UnreadableFile(Unreadable.NOT_A_TABLE)
    line = _undecodable_line(path, "utf-8")
    if line is None:
        return "utf-8"
    # One bad byte makes no GB18030 of it, which would take most of the rest for other characters.
    if not sample.isascii() and _begins_as_utf_8(sample):
        raise UnreadableFile(Unreadable.ENCODING, line)
    _refuse_other_than_gb18030(path, sample)
    return "gb18030"


def _encoding_with_zeros(sample: bytes) -> str:
    """UTF-16 without its mark has a zero in every other byte of its ASCII; anything else with many is no text."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > max(_MANY * min(even, odd), _MANY, len(sample) // 50):
        return "utf-16-le" if odd > even else "utf-16-be"
    if even + odd > _MANY or sample.translate(None, _PRINTED_OR_ZERO):
        raise UnreadableFile(Unreadable.NOT_A_TABLE)
    raise UnreadableFile(Unreadable.CONTROL_CHARACTERS, sample[: sample.index(0)].count(b"\n") + 1)


def _begins_as_utf_8(sample: bytes) -> bool:
    try:
        getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_other_than_gb18030(path: Path, sample: bytes) -> None:
    # Big5 passes for GB18030 with other characters: names would be wrong without a sign.
    likely = [match.encoding for match in from_bytes(sample, cp_isolation=["gb18030", "big5"])]
    line = _undecodable_line(path, "gb18030")
    if line or (likely and "gb18030" not in likely):
        raise UnreadableFile(Unreadable.ENCODING, line)


def _undecodable_line(path: Path, encoding: str) -> int | None:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return number
    return None


def _rows(path: Path, encoding: str) -> Iterator[Row]:
    with path.open(encoding=encoding, newline="") as file:
        delimiter = _delimiter(file)
        file.seek(0)
        yield from _parted(file, delimiter)


def read_text(text: str) -> Iterator[Row]:
    """Read text as it is copied out of a spreadsheet, parted by tabs if it has any. Raises UnreadableFile."""
    lines = StringIO(text, newline="")
    return _parted(lines, "\t" if "\t" in text else _delimiter(text.splitlines()))


def _parted(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_CELL)
    number = 1
    try:
        for cells in csv.reader(_lines(lines), delimiter=delimiter, strict=True):
            if any(cells):
                yield Row(number, tuple([unshielded(cell) or None for cell in cells]))
            number += 1
    except csv.Error:
        raise UnreadableFile(Unreadable.QUOTES, number) from None
    except UnicodeDecodeError:
        raise UnreadableFile(Unreadable.ENCODING, number) from None
    except ValueError:
        raise UnreadableFile(Unreadable.CONTROL_CHARACTERS, number) from None


def _lines(file: Iterable[str]) -> Iterator[str]:
    for line in file:
        if "\0" in line:
            raise ValueError
        yield line


def _delimiter(lines: Iterable[str]) -> str:
    """The delimiter that stands most often in the first line with any."""
    for line in lines:
        if any(delimiter in line for delimiter in _DELIMITERS):
            return max(_DELIMITERS, key=line.count)
    return ","
