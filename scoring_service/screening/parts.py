"""Claim files a part at a time: what is read of each line, and the line as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from scoring_service.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROWS_AT_ONCE = 500_000
# Values that stand again and again take few bytes a row: their number, and a share of the list of them.
MOST_BYTES_OF_REPEATED = 8


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some lines of a file: their numbers, the cells that are read by heading, the rows as they stand.

    A row is the bytes of its line in a delimited file, a row of a table in a Parquet file (None where only the cells
    are wanted). `refused` are lines among them that are no row; `lines` is how many they are together, counted before
    anything in them was read.
    """

    lines: int
    numbers: pa.Array
    cells: dict[str, pa.Array]
    rows: pa.Array | pa.Table | None
    refused: Sequence[Refused] = ()

    def chosen(self, mask: pa.Array) -> Part:
        """Return the rows of which `mask` is true."""
        return Part(
            lines=self.lines,
            numbers=self.numbers.filter(mask),
            cells={name: column.filter(mask) for name, column in self.cells.items()},
            rows=None if self.rows is None else self.rows.filter(mask),
        )


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
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowInvalid, OSError) as error:
            raise Invalid("/file", f"{path.name}: 不是 Parquet 文件 / not a Parquet file") from error
        self._path = path
        self._groups = range(self._file.num_row_groups) if groups is None else groups
        self.schema = self._file.schema_arrow
        self.headings = list(self.schema.names)
        self.share_read = 0.0

    def rows_of_groups(self) -> list[int]:
        """Return how many rows each row group of the file has."""
        return [self._file.metadata.row_group(number).num_rows for number in range(self._file.num_row_groups)]

    def parts(self, wanted: Sequence[str], *, whole: bool) -> Iterator[Part]:
        """Give the rows in their order, with the cells of the `wanted` headings; `whole` rows too, or those alone."""
        names, sizes = list(dict.fromkeys(wanted)), self.rows_of_groups()
        first, rows, read = 1 + sum(sizes[: self._groups.start]), sum(sizes[number] for number in self._groups), 0
        file = pq.ParquetFile(self._path, read_dictionary=[] if whole else self._held_as_dictionaries(names))
        for batch in file.iter_batches(ROWS_AT_ONCE, list(self._groups), columns=None if whole else names):
            table = pa.Table.from_batches([batch])
            cells = {name: table.column(name).combine_chunks() for name in names}
            numbers = pa.arange(first + read, first + read + table.num_rows)
            read += table.num_rows
            self.share_read = read / (rows or 1)
            yield Part(lines=table.num_rows, numbers=numbers, cells=cells, rows=table if whole else None)

    def _held_as_dictionaries(self, names: Sequence[str]) -> list[str]:
        """Return the columns of text that seem to hold few different values: each is read and understood once."""
        if not self._file.num_row_groups:
            return []
        group = self._file.metadata.row_group(0)
        chunks = {each.path_in_schema: each for each in map(group.column, range(group.num_columns))}
        texts = (name for name in names if pa.types.is_string(self.schema.field(name).type) and name in chunks)
        return [
            name for name in texts if chunks[name].total_uncompressed_size < MOST_BYTES_OF_REPEATED * group.num_rows
        ]
