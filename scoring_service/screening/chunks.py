"""Claim files by chunks, for an engine of many machines: what a chunk asks, and what is written of its verdicts.

A chunk is some row groups of a Parquet file, or a delimited file. It is read twice, with the same functions as on one
machine: first for what is asked of its lines, then, with the verdicts beside it, for the rows as they stand. What goes
between, through the engine, is narrow: only lines that the pack's proofs do not tell of, each with one number,
`chunk | unit | place | row` from the highest bits. A unit is what is held in memory at once; `place` is the person's
column. Behind the rows of a place stands one that asks nothing and says how many they are: none of them can be lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring_service.problems import Invalid
from scoring_service.screening.cells import AMOUNT
from scoring_service.screening.delimited import DelimitedClaims
from scoring_service.screening.lines import askable, questions_of, rows_at
from scoring_service.screening.parts import ParquetClaims, form_of
from scoring_service.screening.proofs import Proofs
from scoring_service.screening.proven import others
from scoring_service.screening.screen import Outputs, ask, count, judged_parts, write
from scoring_service.screening.summary import TOTALS, Sum, Summary
from scoring_service.screening.unfinished import Unfinished

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_service.screening.columns import Columns
    from scoring_service.screening.parts import Reading
    from scoring_service.screening.screen import Claims, Run

_ROW_BITS, _PLACE_BITS, _UNIT_BITS = 24, 4, 16
# Set where a row says how many there were, which is in the place of its row.
_END = 1 << _ROW_BITS
_PLACE = _ROW_BITS + 1
_UNIT = _PLACE + _PLACE_BITS
CHUNK_BITS = _UNIT + _UNIT_BITS  # of a number of 63 bits the lowest that say no chunk.
MOST_PEOPLE_COLUMNS = 1 << _PLACE_BITS
LINES = pa.schema(
    [
        ("line", pa.int64()),
        ("person", pa.string()),
        ("institution", pa.string()),
        ("pharmacy", pa.string()),
        ("day", pa.date32()),
        ("emergency", pa.bool_()),
    ]
)
SUMS = pa.schema([("kind", pa.string()), ("key", pa.string()), ("lines", pa.int64()), ("amount", AMOUNT)])
_COUNTS = ("lines", "judged", "rejected", "without_amount")
_TOLD = ["line", "reason", "until"]
_GROUPS, _LISTS = ("by_reason", "by_institution", "by_person"), ("recover", "pay")
_BATCH = 100_000
# A chunk costs a tenth of a second whatever it holds, and is the least that a machine can be given.
ROWS_OF_A_CHUNK = 1_000_000


class Chunk(NamedTuple):
    """A file, or some row groups of it."""

    file: Path
    groups: range | None

    def opened(self) -> Claims:
        """Return the claims of the chunk."""
        return DelimitedClaims(self.file) if self.groups is None else ParquetClaims(self.file, self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunked:
    """A run by chunks: what every machine is told. The run's `out` lies in the folder that parts are written to.

    `proofs` are the folders in which those of each knowledge are kept.
    """

    run: Run
    columns: Columns
    pharmacies: frozenset[str]
    proofs: Sequence[Path]
    chunks: Sequence[Chunk]
    empty: Summary


# A run has two at most, and a worker's process goes on from run to run.
_kept = lru_cache(maxsize=2)(Proofs.kept)


def chunks_of(files: Iterable[tuple[Path, Claims]]) -> Iterator[Chunk]:
    """Cut files into chunks: row groups of about `ROWS_OF_A_CHUNK` together."""
    for path, source in files:
        if isinstance(source, DelimitedClaims):
            yield Chunk(path, None)
            continue
        start, rows = 0, 0
        sizes = source.rows_of_groups()
        if max(sizes, default=0) >= 1 << _ROW_BITS:
            detail = "单个行组超过 1600 万行，请重写 / a row group of more than 16,000,000 rows; write smaller ones"
            raise Invalid("/file", f"{path.name}: {detail}")
        for end, size in enumerate(sizes, start=1):
            rows += size
            if rows >= ROWS_OF_A_CHUNK or end == len(sizes):
                yield Chunk(path, range(start, end))
                start, rows = end, 0


def questions(chunked: Chunked, number: int) -> Iterator[pa.RecordBatch]:
    """Give what a chunk asks, in batches of `LINES`."""
    yield _nothing_asked([_line(number, 0, 0)])
    proofs, columns = [_kept(folder) for folder in chunked.proofs], replace(chunked.columns, amount=None)
    places = range(max(1, len(columns.people)))
    for unit, parts in _units(chunked.chunks[number].opened(), columns, whole=False):
        first, ends = 0, [_line(number, unit, place) + _END for place in places]
        for reading in parts:
            lines, _refused = askable(reading(), columns, chunked.pharmacies)
            for place, table in enumerate(questions_of(lines)):
                unproven = rows_at(others(proofs, table), table)
                ends[place] += unproven.num_rows
                numbers = pc.add(unproven.column("line"), _line(number, unit, place) + first)
                yield from unproven.set_column(0, LINES.field("line"), numbers).cast(LINES).to_batches(_BATCH)
            first += len(lines.day)
        yield _nothing_asked(ends)


def _units(source: Claims, columns: Columns, *, whole: bool) -> Iterator[tuple[int, Iterator[Reading]]]:
    """Give the parts of a chunk by units: of row groups all together, of a delimited file one after the other.

    How row groups fall into parts hangs on which of their columns are read; how lines do, does not.
    """
    parts = source.parts(columns.every(), whole=whole)
    if isinstance(source, ParquetClaims):
        yield 1, parts
        return
    for unit, reading in enumerate(parts, start=1):
        yield unit, iter([reading])


def _line(chunk: int, unit: int, place: int) -> int:
    return (((chunk << _UNIT_BITS) + unit) << _UNIT) + (place << _PLACE)


def _nothing_asked(lines: Sequence[int]) -> pa.RecordBatch:
    row: dict[str, Any] = dict.fromkeys(LINES.names) | {"emergency": False}
    return pa.RecordBatch.from_pylist([row | {"line": line} for line in lines], schema=LINES)


def write_chunks(chunked: Chunked, verdicts: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, Summary]]:
    """Write the parts of all chunks that have verdicts here, in ascending order of their units; give their sums.

    Verdicts are `line`, `reason`, `until`, `then` (false: by the knowledge of the run, true: by that compared with).
    Raises RuntimeError where one is missing, or stands twice.
    """
    units = _by_unit(verdicts)
    coming = next(units, None)
    while coming is not None:
        number = coming[0] >> _UNIT_BITS
        of_chunk = _Chained(units)
        yield number, _write_chunk(chunked, number, of_chunk)
        coming = of_chunk.next


class _Chained:
    """The units of one chunk; the first of the next one stays to be taken."""

    def __init__(self, units: Iterator[tuple[int, pa.Table]]) -> None:
        self._units = units
        self.next: tuple[int, pa.Table] | None = next(units, None)

    def take(self, unit: int) -> pa.Table:
        """Return the verdicts of a unit. Raises RuntimeError where another comes next."""
        if self.next is None or self.next[0] != unit:
            raise RuntimeError(f"unit {unit} has no verdicts")
        table, self.next = self.next[1], next(self._units, None)
        return table


def _write_chunk(chunked: Chunked, number: int, units: _Chained) -> Summary:
    file, source = chunked.chunks[number].file, chunked.chunks[number].opened()
    run = replace(chunked.run, out=_part_file(chunked.run.out, number), rejects=None)
    summary = emptied(chunked.empty)
    now, then = (Replay(chunked, knowledge) for knowledge in (False, True))
    engines = (now, None if run.against is None else then)
    with Unfinished() as unfinished:
        with closing(Outputs(run, chunked.columns, [source], unfinished)) as outputs:
            for unit, parts in _units(source, chunked.columns, whole=not run.verdicts):
                table = units.take(number << _UNIT_BITS | unit)
                for engine in (each for each in engines if each is not None):
                    engine.load(table, number, unit)
                for reading in parts:
                    asking = ask(reading, columns=chunked.columns, engines=engines)
                    for judged_part in judged_parts([asking], engines):
                        write(count(judged_part, summary), outputs, summary, (file, source))
                for engine in (each for each in engines if each is not None):
                    engine.check_all_taken()
        unfinished.finish()
    return summary


def _part_file(out: Path, number: int) -> Path:
    """Return the file of a chunk: in the order of the names the parts have the order of the lines."""
    return out.with_name(f"part-{number:06d}.{form_of(out)}")


def _by_unit(verdicts: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, pa.Table]]:
    """Give the verdicts of each unit together; the batches have them beside each other."""
    waiting: list[pa.RecordBatch] = []
    present: int | None = None
    for batch in verdicts:
        for unit, rows in _cut(batch):
            if unit != present and present is not None:
                yield present, pa.Table.from_batches(waiting)
                waiting = []
            present = unit
            waiting.append(rows)
    if present is not None:
        yield present, pa.Table.from_batches(waiting)


def _cut(batch: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
    units = pc.shift_right(batch.column("line"), pa.scalar(_UNIT, pa.int64()))
    runs, start = pc.run_end_encode(units), 0
    for unit, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield unit, batch.slice(start, end - start)
        start = end


class Replay:
    """Answers what is asked of a unit from the verdicts that came with it, and only if they are all there once."""

    def __init__(self, chunked: Chunked, then: bool) -> None:  # noqa: FBT001 -- one of the two knowledges.
        self.at_once, self.together, self.pharmacies = 1, 1, chunked.pharmacies
        self._coming: list[pa.Table] = []
        self._then, self._places, self._asked = then, max(1, len(chunked.columns.people)), 0
        self._of_place: list[_Verdicts] = []

    def load(self, verdicts: pa.Table, chunk: int, unit: int) -> None:
        """Take in the verdicts of a unit. Raises RuntimeError where one is missing, or stands twice."""
        mine = verdicts.filter(pc.equal(verdicts.column("then"), self._then))
        mine = mine.take(pc.sort_indices(mine, [("line", "ascending")]))
        borders = [_line(chunk, unit, place) for place in range(self._places + 1)]
        numbers = mine.column("line").to_numpy()
        ends = np.searchsorted(numbers, borders)
        slices = [slice(*each) for each in pairwise(ends)]
        self._of_place = [
            _Verdicts(numbers[some] - border, mine[some]) for some, border in zip(slices, borders, strict=False)
        ]
        self._asked = 0

    def unproven(self, lines: pa.Table) -> NDArray[np.intp]:
        """Return the places of the lines of the next column on which there are verdicts."""
        of_place = self._of_place[self._asked % self._places]
        self._asked += 1
        places, verdicts = of_place.take(lines.num_rows)
        self._coming.append(verdicts)
        return places

    def judge(self, lines: pa.Table) -> pa.Table:
        """Return `line`, `reason`, `until` of the lines of these places."""
        verdicts, self._coming = pa.concat_tables(self._coming), []
        return pa.table([lines.column("line"), *(verdicts.column(name) for name in ("reason", "until"))], names=_TOLD)

    def check_all_taken(self) -> None:
        """Raise RuntimeError where there are verdicts that nobody asked for."""
        if not all(verdicts.is_taken() for verdicts in self._of_place):
            raise RuntimeError("there are verdicts on lines that nobody asked about")


class _Verdicts:
    """The verdicts on the rows of a place, some of whose rows have none: these are proven."""

    def __init__(self, rows: NDArray[np.int64], verdicts: pa.Table) -> None:
        """Raise RuntimeError where one is missing, or stands twice: the last row says how many they are."""
        end = rows[-1] if len(rows) else -1
        if end != _END + len(rows) - 1 or not (np.diff(rows) > 0).all():
            raise RuntimeError(f"{len(rows) - 1} verdicts came, which are not those that were asked for")
        self._rows, self._verdicts, self._next = rows[:-1], verdicts, 0

    def take(self, count: int) -> tuple[NDArray[np.intp], pa.Table]:
        """Return the places of those of the next rows that have verdicts, and these."""
        start, end = np.searchsorted(self._rows, [self._next, self._next + count])
        places = self._rows[start:end] - self._next
        self._next += count
        return places, self._verdicts[start:end]

    def is_taken(self) -> bool:
        """Tell whether all were taken."""
        return len(self._rows) == 0 or bool(self._rows[-1] < self._next)


def emptied(summary: Summary) -> Summary:
    """Return a summary of the same run that counts nothing yet."""
    kept = {each.name: getattr(summary, each.name) for each in fields(Summary) if each.name in _SAID}
    return Summary(**kept)


_SAID = ("known_at", "last_change", "digest", "against", "columns")


def sums_of(summary: Summary) -> pa.RecordBatch:
    """Return what a summary counts as rows of `SUMS`, which may be added up."""
    rows = [(name, "", getattr(summary, name), 0) for name in _COUNTS]
    rows.append(("without_offset", "", int(summary.without_offset), 0))
    rows += [(name, "", *getattr(summary, name)) for name in _LISTS]
    columns = [pa.array(values, kind) for values, kind in zip(zip(*rows, strict=True), SUMS.types, strict=True)]
    tables = [pa.table(columns, schema=SUMS)]
    for name in _GROUPS:
        totals = getattr(summary, name).table()
        tables.append(totals.add_column(0, SUMS.field("kind"), pa.repeat(name, totals.num_rows)))
    return pa.concat_tables(tables).combine_chunks().to_batches()[0]


def add_sums(summary: Summary, sums: pa.Table) -> None:
    """Add rows of `SUMS` to a summary."""
    of_groups = pc.is_in(sums.column("kind"), pa.array(_GROUPS))
    for name in _GROUPS:
        mine = sums.filter(pc.equal(sums.column("kind"), name))
        getattr(summary, name).add(mine.select(TOTALS.names).cast(TOTALS))
    for kind, _key, lines, amount in zip(*sums.filter(pc.invert(of_groups)).to_pydict().values(), strict=True):
        if kind in _COUNTS:
            setattr(summary, kind, getattr(summary, kind) + lines)
        elif kind == "without_offset":
            summary.without_offset |= lines > 0
        else:
            before = getattr(summary, kind)
            setattr(summary, kind, Sum(before.lines + lines, before.amount + amount))
