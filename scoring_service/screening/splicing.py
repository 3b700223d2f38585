"""A Parquet file put together from pieces of others: columns go over as the bytes that they stand in.

Nothing in a piece is decoded, so a value cannot change; what says how it is encoded goes over with it. Left behind is
what was said of values in the piece (least, greatest): whoever wrote it may have ordered text in another way.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from scoring_service.screening.thrift import I16, I32, I64, LIST, STRUCT, Struct, read_struct, write_struct

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAGIC = b"PAR1"
BYTES_AT_ONCE = 8 << 20
# The fields of the format's structures that are used here.
SCHEMA, ROWS, GROUPS, KEY_VALUES, WRITTEN_BY, ORDERS = 2, 3, 4, 5, 6, 7
CHUNKS, GROUP_BYTES, GROUP_ROWS, GROUP_BEGINS, GROUP_PACKED, GROUP_NUMBER = 1, 2, 3, 5, 6, 7
CHUNK_FILE, CHUNK_BEGINS, CHUNK_COLUMN = 1, 2, 3
UNPACKED, PACKED, PAGES_BEGIN, INDEX_BEGINS, VALUES_BEGIN = 6, 7, 9, 10, 11
# Type, codec, encodings, path, how many values, sizes, where the pages begin, how many pages of an encoding.
KEPT_OF_COLUMN = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13}
NAME, CHILDREN, CONVERTED, LOGICAL = 4, 5, 6, 10
PHYSICAL = (1, 2, 3, NAME, CHILDREN, 7, 8)


class Piece(NamedTuple):
    """The bytes of a column in a group of rows, and what describes them."""

    file: IO[bytes]
    begins: int
    column: Struct


class Column(NamedTuple):
    """A column of a schema: what describes it and its parts, and the places of its chunks in a group."""

    elements: list[Struct]
    chunks: range


class Described:
    """An open Parquet file and its description. Raises ValueError where a piece of it could not go over alone."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        size = file.seek(0, 2)
        file.seek(max(0, size - 8))
        tail = file.read(8)
        self._ends = size - 8 - int.from_bytes(tail[:4], "little")
        if tail[4:] != MAGIC or self._ends < len(MAGIC):
            raise ValueError("no plain Parquet file")
        file.seek(self._ends)
        self.fields = _description(file.read(size - 8 - self._ends))
        self.columns = _columns(self.fields[SCHEMA][1][1])
        self.groups: list[Struct] = self.fields[GROUPS][1][1]
        self._check()

    def pieces(self, group: int, name: str) -> list[Piece]:
        """Return the pieces of a column in a group of rows."""
        chunks = self.groups[group][CHUNKS][1][1]
        return [self._piece(chunks[place]) for place in self.columns[name].chunks]

    def _piece(self, chunk: Struct) -> Piece:
        column: Struct = chunk[CHUNK_COLUMN][1]
        begins = min(column[field][1] for field in (PAGES_BEGIN, VALUES_BEGIN) if column.get(field, (I64, 0))[1])
        return Piece(self.file, begins, column)

    def _check(self) -> None:
        """All pieces lie in the file, and none in another."""
        leaves = sum(len(column.chunks) for column in self.columns.values())
        last = len(MAGIC)
        chunks = [chunk for group in self.groups for chunk in group[CHUNKS][1][1]]
        if any(CHUNK_FILE in chunk or CHUNK_COLUMN not in chunk for chunk in chunks):
            raise ValueError("columns in other files, or encrypted")
        if len(chunks) != leaves * len(self.groups):
            raise ValueError("not as many columns in each group as in the schema")
        for piece in sorted((self._piece(chunk) for chunk in chunks), key=lambda each: each.begins):
            if piece.begins < last:
                raise ValueError("columns overlap")
            last = piece.begins + piece.column[PACKED][1]
        if last > self._ends:
            raise ValueError("a column ends behind the file")


@lru_cache(maxsize=8)
def _description(content: bytes) -> Struct:
    """Return a description by its bytes: that of a file with many groups is read once, not for each run of them."""
    return read_struct(BytesIO(content))


def _columns(elements: Sequence[Struct]) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    place, chunk = 1, 0
    while place < len(elements):
        end, leaves = _end_of(elements, place)
        columns[elements[place][NAME][1].decode()] = Column(list(elements[place:end]), range(chunk, chunk + leaves))
        place, chunk = end, chunk + leaves
    if len(columns) != elements[0][CHILDREN][1]:
        raise ValueError("two columns of one name")
    return columns


def _end_of(elements: Sequence[Struct], place: int) -> tuple[int, int]:
    """Return where the element behind the column at `place` stands, and how many chunks the column has."""
    children = elements[place].get(CHILDREN, (I32, 0))[1]
    place, leaves = place + 1, 0 if children else 1
    for _child in range(children):
        place, more = _end_of(elements, place)
        leaves += more
    return place, leaves


def is_laid_out_as(column: Column, other: Column) -> bool:
    """Tell whether the values of two columns are held in the same way, so that one description holds for both."""
    return len(column.elements) == len(other.elements) and all(
        all(some.get(field) == its.get(field) for field in PHYSICAL) and _means(some, its)
        for some, its in zip(column.elements, other.elements, strict=True)
    )


def _means(some: Struct, other: Struct) -> bool:
    field = CONVERTED if CONVERTED in some and CONVERTED in other else LOGICAL
    return some.get(field) == other.get(field)


class Splice:
    """A Parquet file that is put together. Raises ValueError where it cannot hold the `copied` columns as they stand.

    `schema` has all its columns, whose rows may also come from `as_parquet`.
    """

    def __init__(self, path: Path, schema: pa.Schema, copied: dict[str, Column]) -> None:
        self._own = Described(as_parquet(pa.schema(schema).empty_table(), []))
        columns = self._own.columns | {name: copied[name] for name in schema.names if name in copied}
        for name, column in copied.items():
            if name in columns and not is_laid_out_as(column, self._own.columns[name]):
                raise ValueError(f"{name} is held in another way than it is written in here")
        self._names, self._groups, self._rows = list(columns), list[Struct](), 0
        root: Struct = self._own.fields[SCHEMA][1][1][0]
        self._elements = [root, *(element for column in columns.values() for element in column.elements)]
        self._file = path.open("wb")
        self._file.write(MAGIC)

    def add(self, count: int, sources: dict[str, tuple[Described, int]]) -> None:
        """Add a group of rows: of each column its pieces, from a group of a file."""
        begins = self._file.tell()
        pieces = [piece for name in self._names for piece in sources[name][0].pieces(sources[name][1], name)]
        chunks = [self._copied(piece) for piece in pieces]
        sizes = [sum(piece.column[field][1] for piece in pieces) for field in (UNPACKED, PACKED)]
        group: Struct = {
            CHUNKS: (LIST, (STRUCT, chunks)), GROUP_BYTES: (I64, sizes[0]), GROUP_ROWS: (I64, count),
            GROUP_BEGINS: (I64, begins), GROUP_PACKED: (I64, sizes[1]),
        }  # fmt: skip
        if len(self._groups) < 1 << 15:
            group[GROUP_NUMBER] = I16, len(self._groups)
        self._groups.append(group)
        self._rows += count

    def _copied(self, piece: Piece) -> Struct:
        moved = self._file.tell() - piece.begins
        column: Struct = {field: value for field, value in piece.column.items() if field in KEPT_OF_COLUMN}
        for field in (PAGES_BEGIN, INDEX_BEGINS, VALUES_BEGIN):
            if field in column:
                column[field] = I64, column[field][1] + moved
        self._copy(piece.file, piece.begins, column[PACKED][1])
        return {CHUNK_BEGINS: (I64, 0), CHUNK_COLUMN: (STRUCT, column)}

    def _copy(self, file: IO[bytes], begins: int, count: int) -> None:
        file.seek(begins)
        while count:
            some = file.read(min(count, BYTES_AT_ONCE))
            if not some:
                raise ValueError("a column is cut short")
            self._file.write(some)
            count -= len(some)

    def close(self) -> None:
        """Write the description, and end the file."""
        own = self._own.fields
        fields: dict[int, tuple[int, Any]] = {field: own[field] for field in (1, KEY_VALUES, WRITTEN_BY, ORDERS)}
        fields |= {SCHEMA: (LIST, (STRUCT, self._elements)), ROWS: (I64, self._rows)}
        described = write_struct(fields | {GROUPS: (LIST, (STRUCT, self._groups))})
        self._file.write(described + len(described).to_bytes(4, "little") + MAGIC)
        self._file.close()


def as_parquet(table: pa.Table, groups: Sequence[int]) -> IO[bytes]:
    """Return a table as a Parquet file in memory, with groups of so many rows; numbers that count on are held short."""
    file = BytesIO()
    counting = [name for name in table.column_names if pa.types.is_int64(table.schema.field(name).type)]
    repeated = [name for name in table.column_names if name not in counting]
    with pq.ParquetWriter(
        file, table.schema, compression="zstd", compression_level=1, write_statistics=False,
        use_dictionary=repeated, column_encoding=dict.fromkeys(counting, "DELTA_BINARY_PACKED"),
    ) as writer:  # fmt: skip
        start = 0
        for count in groups:
            writer.write_table(table.slice(start, count), row_group_size=max(1, count))
            start += count
    return file
