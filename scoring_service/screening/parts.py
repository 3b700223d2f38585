"""Claim files a part at a time: what is read of each line, and the line as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scoring_service.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROWS_AT_ONCE = 500_000
# Values that stand again and again take few bytes a row: their number, and a share of the list of them.
MOST_BYTES_OF_REPEATED = 8
MOST_ROWS_A_GROUP = 2_000_000


class Form(StrEnum):
    """The forms of a claim file."""

    CSV = "csv"
    CSV_GZ = "csv.gz"
    PARQUET = "parquet"


class Refused(NamedTuple):
    """A line that cannot be judged: its number in its file, why, and the line as it stands."""

    line: int
    why: str
    row: bytes


class StoredRows(NamedTuple):
    """Rows that stay in their file: all of some of its groups of rows, or those at the places `kept` among them."""

    claims: ParquetClaims
    groups: Sequence[int]
    kept: pa.Array | None = None

    def filter(self, mask: pa.Array) -> StoredRows:
        """Return the rows of which `mask` is true."""
        if self.kept is not None:
            return self._replace(kept=self.kept.filter(mask))
        return self if pc.all(mask).as_py() else self._replace(kept=pc.indices_nonzero(mask))

    def table(self, names: Sequence[str]) -> pa.Table:
        """Return some columns of the rows."""
        table = self.claims.opened().read_row_groups(self.groups, columns=list(names))
        return table if self.kept is None else table.take(self.kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some lines of a file: their numbers, the cells that are read by heading, the rows as they stand.

    A row is the bytes of its line in a delimited file; in a Parquet file it stays there, or is a row of a table (None
    where only the cells are wanted). `refused` are lines among them that are no row; `lines` is how many they are
    together, counted before anything in them was read.
    """

    lines: int
    numbers: pa.Array
    cells: dict[str, pa.Array]
    rows: pa.Array | StoredRows | pa.Table | None
    refused: Sequence[Refused] = ()

    def chosen(self, mask: pa.Array) -> Part:
        """Return the rows of which `mask` is true."""
        return Part(
            lines=self.lines,
            numbers=self.numbers.filter(mask),
            cells={name: column.filter(mask) for name, column in self.cells.items()},
            rows=None if self.rows is None else self.rows.filter(mask),
        )


# Reads a part, in whatever thread it is called.
Reading: TypeAlias = "Callable[[], Part]"


def form_of(path: Path) -> Form:
    """Return the form that a file's name tells. Raises Invalid for another."""
    name = path.name.lower()
    for form in (Form.CSV_GZ, Form.CSV, Form.PARQUET):
        if name.endswith(f".{form}"):
            return form
    detail = "文件名须以 .csv、.csv.gz 或 .parquet 结尾 / the name must end in .csv, .csv.gz or .parquet"
    raise Invalid("/file", f"{path.name}: {detail}")


class ParquetClaims:
    """A claim file in Parquet, or some row groups of it. Raises Invalid where it is none."""

    def __init__(self, path: Path, groups: range | None = None) -> None:
        self.path = path
        try:
            self._metadata = pq.read_metadata(path)
            self.schema = self.opened().schema_arrow
        except (pa.ArrowInvalid, OSError) as error:
            raise Invalid("/file", f"{path.name}: 不是 Parquet 文件 / not a Parquet file") from error
        self._groups = range(self._metadata.num_row_groups) if groups is None else groups
        self.headings = list(self.schema.names)
        self.rows: int = self._metadata.num_rows
        self.share_read = 0.0

    def opened(self, dictionaries: Sequence[str] = ()) -> pq.ParquetFile:
        """Return the file, opened anew: it cannot be read by two threads."""
        return pq.ParquetFile(self.path, metadata=self._metadata, read_dictionary=list(dictionaries))

    def rows_of_groups(self) -> list[int]:
        """Return how many rows each row group of the file has."""
        return [self._metadata.row_group(number).num_rows for number in range(self._metadata.num_row_groups)]

    def has_small_groups(self) -> bool:
        """Tell whether each group of rows can be held at once, so that rows may stay in the file."""
        return max(self.rows_of_groups(), default=0) <= MOST_ROWS_A_GROUP

    def parts(self, wanted: Sequence[str], *, whole: bool) -> Iterator[Reading]:
        """Give the rows in their order, with the cells of the `wanted` headings; `whole` rows too, or those alone."""
        names = list(dict.fromkeys(wanted))
        sizes, read = self.rows_of_groups(), 0
        first, rows = 1 + sum(sizes[: self._groups.start]), sum(sizes[number] for number in self._groups) or 1
        if self.has_small_groups():
            dictionaries = self._held_as_dictionaries(names)
            for groups in self._runs():
                yield partial(self._read, groups, names, dictionaries, first + read)
                read += sum(sizes[number] for number in groups)
                self.share_read = read / rows
        else:
            columns = None if whole else names
            for batch in self.opened().iter_batches(ROWS_AT_ONCE, list(self._groups), columns=columns):
                table = pa.Table.from_batches([batch])
                yield partial(_part, table, names, first + read, table if whole else None)
                read += len(batch)
                self.share_read = read / rows

    def _read(self, groups: Sequence[int], names: Sequence[str], dictionaries: Sequence[str], first: int) -> Part:
        table = self.opened(dictionaries).read_row_groups(groups, columns=names)
        return _part(table, names, first, StoredRows(self, groups))

    def _runs(self) -> Iterator[list[int]]:
        """Give the groups of rows in runs of about as many rows as are read at once."""
        run, rows, sizes = list[int](), 0, self.rows_of_groups()
        for group in self._groups:
            run.append(group)
            rows += sizes[group]
            if rows >= ROWS_AT_ONCE:
                yield run
                run, rows = [], 0
        if run:
            yield run

    def _held_as_dictionaries(self, names: Sequence[str]) -> list[str]:
        """Return the columns of text that seem to hold few different values: each is read and understood once."""
        if not self._metadata.num_row_groups:
            return []
        group = self._metadata.row_group(0)
        chunks = {each.path_in_schema: each for each in map(group.column, range(group.num_columns))}
        texts = (name for name in names if pa.types.is_string(self.schema.field(name).type) and name in chunks)
        return [
            name for name in texts if chunks[name].total_uncompressed_size < MOST_BYTES_OF_REPEATED * group.num_rows
        ]


def _part(table: pa.Table, names: Sequence[str], first: int, rows: StoredRows | pa.Table | None) -> Part:
    cells = {name: table.column(name).combine_chunks() for name in names}
    numbers = pa.arange(first, first + table.num_rows)
    return Part(lines=table.num_rows, numbers=numbers, cells=cells, rows=rows)
