"""Claim files of lines parted by commas, read without understanding more of them than the columns that are judged.

Lines are told apart as bytes: no byte of UTF-8 or GB18030 but the signs themselves is a comma, a quotation mark or a
line's end, so a row goes out as the bytes that it came in as. A quotation mark that is never closed refuses its own
line only: what follows is read again from the next one.
"""

from __future__ import annotations

import csv
import gzip
import io
from functools import partial
from typing import IO, TYPE_CHECKING, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from scoring_service.problems import Invalid, TooLarge
from scoring_service.screening.cells import BYTES_NEAR, ENCODINGS, text_bytes
from scoring_service.screening.parts import Form, Part, Refused, form_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from scoring_service.screening.parts import Reading

BYTES_AT_ONCE = 16 << 20
MOST_BYTES_OF_HEADINGS = 1 << 20
# A quoted cell may run over this many lines.
MOST_LINES_A_ROW = 50
_SMALLEST_BLOCK = 1024
# A column is read by its values where each stands in so many lines.
LINES_A_REPEATED_VALUE = 4
_REPEATED = pa.dictionary(pa.int32(), pa.binary())
_MARK = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
NOT_CLOSED = "引号没有配对 / a quotation mark is not closed"
OTHER_WIDTH = "列数与标题行不符 / not as many cells as headings"


class DelimitedClaims:
    """A claim file of delimited lines, perhaps compressed by gzip. Raises Invalid where there are no headings."""

    def __init__(self, path: Path, *, most_bytes: int | None = None) -> None:
        self._path, self._size, self._most_bytes = path, path.stat().st_size or 1, most_bytes
        self.share_read = 0.0
        first = self._first_line()
        if not first.strip() or first.startswith(_WIDE) or b"\0" in first:
            detail = "没有标题行，或不是 UTF-8、GB18030 文本 / no headings, or neither UTF-8 nor GB18030"
            raise Invalid("/file", f"{path.name}: {detail}")
        self.mark = _MARK if first.startswith(_MARK) else b""
        self.line_end = b"\r\n" if first.endswith(b"\r\n") else b"\n"
        self.heading_line = first.removeprefix(_MARK).rstrip(b"\r\n")
        self.encoding, text = _decoded(self.heading_line, path)
        self.headings = next(csv.reader([text]), [])

    def _first_line(self) -> bytes:
        try:
            with self._path.open("rb") as raw, self._unpacked(raw) as file:
                return file.readline(MOST_BYTES_OF_HEADINGS)
        except (EOFError, gzip.BadGzipFile) as error:
            raise Invalid("/file", f"{self._path.name}: 不是 gzip 文件 / not a gzip file") from error

    def parts(self, wanted: Sequence[str], *, whole: bool) -> Iterator[Reading]:  # noqa: ARG002 -- as of Parquet.
        """Give the rows in their order; `whole` or not, they stand in a part as bytes."""
        layout = Layout(len(self.headings), {name: self.headings.index(name) for name in wanted}, frozenset())
        first, waiting = 2, list[bytes]()
        try:
            for block in self._blocks():
                if waiting or b'"' in block:
                    lines = _lines(waiting, block)
                    rows, waiting = _whole_rows(lines, first, layout.width, is_last=False)
                    count, reading = len(lines) - len(waiting), partial(_part, rows)
                else:
                    count, reading = block.count(b"\n"), partial(_part_of_block, block, first)
                if first == 2:  # noqa: PLR2004 -- the line below the headings.
                    part = reading(layout)
                    layout = layout.with_repeated(part)
                    yield partial(_already, part)
                else:
                    yield partial(reading, layout)
                first += count
        except (EOFError, gzip.BadGzipFile) as error:
            detail = "压缩文件不完整 / the compressed file is cut short or damaged"
            raise Invalid("/file", f"{self._path.name}: {detail}") from error
        if waiting:
            rows, _none = _whole_rows(pa.array(waiting, pa.binary()), first, layout.width, is_last=True)
            yield partial(_part, rows, layout)

    def _blocks(self) -> Iterator[bytes]:
        """Give whole lines after the headings, many at a time, each with its end."""
        rest, taken = b"", 0
        with self._path.open("rb") as raw, self._unpacked(raw) as file:
            file.readline(MOST_BYTES_OF_HEADINGS)
            while piece := file.read(BYTES_AT_ONCE):
                self.share_read = raw.tell() / self._size
                taken += len(piece)
                if self._most_bytes is not None and taken > self._most_bytes:
                    raise TooLarge("too_large", "文件解压后过大 / the file is too large when unpacked")
                if end := piece.rfind(b"\n") + 1:
                    yield b"".join([rest, memoryview(piece)[:end]])
                    rest = piece[end:]
                    continue
                rest += piece
                if len(rest) > 2 * BYTES_AT_ONCE:
                    detail = "一行过长，不是明细文件 / a line without an end: not a claim file"
                    raise Invalid("/file", f"{self._path.name}: {detail}")
        if rest:
            yield rest + b"\n"

    def _unpacked(self, raw: IO[bytes]) -> IO[bytes]:
        return cast("IO[bytes]", gzip.open(raw)) if form_of(self._path) is Form.CSV_GZ else raw


def _decoded(line: bytes, path: Path) -> tuple[str, str]:
    for encoding in ENCODINGS:
        try:
            return encoding, line.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("/file", f"{path.name}: 既非 UTF-8 也非 GB18030 / neither UTF-8 nor GB18030")


class Layout(NamedTuple):
    """How wide rows are, where the cells stand that are read, and which of those hold few different values."""

    width: int
    places: Mapping[str, int]
    repeated: frozenset[str]

    def with_repeated(self, part: Part) -> Layout:
        """Return a layout by what a part has shown: each value of some columns will be read and understood once."""
        most = len(part.numbers) // LINES_A_REPEATED_VALUE
        few = frozenset(name for name in self.places if pc.count_distinct(part.cells[name]).as_py() <= most)
        return self._replace(repeated=few)


class _Rows(NamedTuple):
    """Rows as bytes with the numbers of their lines, and lines among them that are no row.

    `content` is their bytes in one piece, where they stand so.
    """

    rows: pa.Array
    numbers: pa.Array
    refused: list[Refused]
    content: bytes | None = None


def _lines(waiting: Sequence[bytes], block: bytes) -> pa.Array:
    if waiting:
        return pa.array([*waiting, *block[:-1].split(b"\n")], pa.binary())
    content = np.frombuffer(block, np.uint8)
    starts = range(0, len(content), BYTES_NEAR)
    pieces = (np.flatnonzero(content[start : start + BYTES_NEAR] == ord("\n")) + start for start in starts)
    begins = np.concatenate([np.zeros(1, np.int64), *pieces]).astype(np.int32)
    begins[1:] += 1
    buffers = [None, pa.py_buffer(begins), pa.py_buffer(block)]
    return pc.binary_slice(pa.Array.from_buffers(pa.binary(), len(begins) - 1, buffers), 0, -1)


def _part_of_block(block: bytes, first: int, layout: Layout) -> Part:
    """Return what stands in a block without a quotation mark: each line is a row."""
    lines, has_returns = _lines([], block), b"\r" in block
    rows = _without_returns(lines) if has_returns else lines
    return _part(_Rows(rows, pa.arange(first, first + len(rows)), [], None if has_returns else block), layout)


def _already(part: Part) -> Part:
    return part


def _without_returns(lines: pa.Array) -> pa.Array:
    ends = pc.any(pc.ends_with(lines, b"\r")).as_py()
    return pc.replace_substring_regex(lines, r"\r$", b"") if ends else lines


def _part(some: _Rows, layout: Layout) -> Part:
    """Return what stands in rows."""
    rows, numbers, refused, content = some.rows, some.numbers, list(some.refused), some.content
    width, filled = layout.width, pc.greater(pc.binary_length(rows), 0)
    if not pc.all(filled).as_py():
        rows, numbers, content = rows.filter(filled), numbers.filter(filled), None
    count = len(rows) + len(refused)
    if not _is_utf_8(rows):
        rows, numbers = _without_loose_quotes(rows, numbers, width, refused)
        content = content if len(rows) == count else None
    table, wrong = _parsed(content or joined(rows, b"\n"), layout)
    if table.num_rows + len(wrong) != len(rows):
        rows, numbers = _without_loose_quotes(rows, numbers, width, refused)
        table, wrong = _parsed(joined(rows, b"\n"), layout)
    rows, numbers = _without(rows, numbers, wrong, OTHER_WIDTH, refused)
    if table.num_rows != len(rows):
        raise RuntimeError(f"{len(rows)} rows were read as {table.num_rows}")
    cells = {name: table.column(str(place)).combine_chunks() for name, place in layout.places.items()}
    return Part(lines=count, numbers=numbers, cells=cells, rows=rows, refused=refused)


def _is_utf_8(rows: pa.Array) -> bool:
    """Tell whether all rows are in UTF-8: of others the reader can tell no row of another width."""
    try:
        rows.cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def _holds(rows: pa.Array, byte: bytes) -> bool:
    return bool((text_bytes(rows)[1] == ord(byte)).any())


def _odd(rows: pa.Array) -> pa.Array:
    """Tell of which lines the quotation marks are no pairs: a row may run over several lines."""
    return pc.equal(pc.bit_wise_and(pc.count_substring(rows, '"'), 1), 1)


def _whole_rows(lines: pa.Array, first: int, width: int, *, is_last: bool) -> tuple[_Rows, list[bytes]]:
    """Return rows, some of which run over several lines; of one that never ends the first line alone is refused.

    The first line has that number. Last come the lines of a row whose end has yet to be read.
    """
    lines = _without_returns(lines)
    if not pc.any(_odd(lines)).as_py():
        return _Rows(lines, pa.arange(first, first + len(lines)), []), []
    texts: list[bytes] = lines.to_pylist()
    rows, numbers, refused, place = list[bytes](), list[int](), list[Refused](), 0
    while place < len(texts):
        count = _lines_of_row(texts, place, width)
        if count is None and not is_last:
            break
        if count:
            rows.append(b"\n".join(texts[place : place + count]))
            numbers.append(first + place)
        else:
            refused.append(Refused(first + place, NOT_CLOSED, texts[place]))
        place += count or 1
    return _Rows(pa.array(rows, pa.binary()), pa.array(numbers, pa.int64()), refused), texts[place:]


def _lines_of_row(lines: Sequence[bytes], place: int, width: int) -> int | None:
    """Return over how many lines the row at a place runs, 0 where it never ends, None where the lines end before it.

    A line within it that would be a row of its own shows that the mark before it is the mistake.
    """
    if not lines[place].count(b'"') % 2:
        return 1
    for count in range(2, MOST_LINES_A_ROW + 1):
        if place + count > len(lines):
            return None
        line = lines[place + count - 1]
        if line.count(b'"') % 2:
            return count if _cells(b"\n".join(lines[place : place + count])) == width else 0
        if width > 1 and _cells(line) == width:
            return 0
    return 0


def _cells(row: bytes) -> int:
    """Return how many cells a row has, 0 where its quotation marks are not in order."""
    try:
        parted = list(csv.reader(io.StringIO(row.decode("latin-1"), newline=""), strict=True))
    except csv.Error:
        return 0
    return len(parted[0]) if len(parted) == 1 else 0


def _parsed(content: bytes | pa.Buffer, layout: Layout) -> tuple[pa.Table, list[int]]:
    """Return the cells that are read, as bytes by place, and the places of rows with too many or too few."""
    wrong: list[int] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        wrong.append(row.number - 1)
        return "skip"

    repeated = {layout.places[name] for name in layout.repeated}
    kinds = {str(place): _REPEATED if place in repeated else pa.binary() for place in sorted(layout.places.values())}
    wanted = list(kinds)
    content = pa.py_buffer(content)
    if not content.size:
        return pa.table({name: pa.array([], pa.binary()) for name in wanted}), []
    reading = arrow_csv.ReadOptions(
        use_threads=False,
        column_names=[str(place) for place in range(layout.width)],
        block_size=max(content.size + 1, _SMALLEST_BLOCK),
    )
    parsing = arrow_csv.ParseOptions(
        newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skip
    )
    converting = arrow_csv.ConvertOptions(
        include_columns=wanted, column_types=kinds, strings_can_be_null=False
    )
    return arrow_csv.read_csv(pa.BufferReader(content), reading, parsing, converting), wrong


def joined(rows: pa.Array, mark: bytes) -> pa.Buffer:
    """Return the bytes of rows, with a mark between each two of them."""
    whole = pa.ListArray.from_arrays(pa.array([0, len(rows)], pa.int32()), rows)
    return pc.binary_join(whole, pa.scalar(mark, pa.binary()))[0].as_buffer()


def _without_loose_quotes(
    rows: pa.Array, numbers: pa.Array, width: int, refused: list[Refused]
) -> tuple[pa.Array, pa.Array]:
    """Return the rows without those of another width, and those in which a mark only looks like the pair of another."""
    begins, content = text_bytes(rows)
    commas = np.searchsorted(np.flatnonzero(content == ord(",")), begins - begins[0])
    suspect = np.diff(commas) != width - 1
    if _holds(rows, b'"'):
        suspect |= pc.match_substring(rows, '"').to_numpy(zero_copy_only=False)
    counted = [(place, _cells(rows[place].as_py())) for place in np.flatnonzero(suspect).tolist()]
    if not counted:
        return rows, numbers
    loose = [place for place, cells in counted if not cells]
    wrong = pa.array([place for place, cells in counted if cells != width], pa.int64())
    narrow = [place for place, cells in counted if cells and cells != width]
    refused += [Refused(numbers[place].as_py(), OTHER_WIDTH, rows[place].as_py()) for place in narrow]
    refused += [Refused(numbers[place].as_py(), NOT_CLOSED, rows[place].as_py()) for place in loose]
    stay = pc.invert(pc.is_in(pa.array(range(len(rows)), pa.int64()), wrong))
    return rows.filter(stay), numbers.filter(stay)


def _without(
    rows: pa.Array, numbers: pa.Array, places: Sequence[int], why: str, refused: list[Refused]
) -> tuple[pa.Array, pa.Array]:
    if not places:
        return rows, numbers
    refused += [Refused(numbers[place].as_py(), why, rows[place].as_py()) for place in places]
    stay = pc.invert(pc.is_in(pa.array(range(len(rows)), pa.int64()), pa.array(places, pa.int64())))
    return rows.filter(stay), numbers.filter(stay)
