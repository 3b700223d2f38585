"""Claim files by chunks, for an engine of many machines: what a chunk asks, and what is written of its verdicts.

A chunk is some row groups of a Parquet file, or a delimited file. It is read twice, with the same functions as on one
machine: first for what is asked of its lines, then, with the verdicts beside it, for the rows as they stand. What goes
between, through the engine, is narrow: each line has one number, `chunk | unit | place | row` from the highest bits. A
unit is what is held in memory at once; `place` is the person's column; row 0 of each unit asks nothing and shows that
the unit is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from scoring_service.problems import Invalid
from scoring_service.screening.cells import AMOUNT
from scoring_service.screening.delimited import DelimitedClaims
from scoring_service.screening.lines import askable, plain
from scoring_service.screening.parts import ROWS_AT_ONCE, ParquetClaims, form_of
from scoring_service.screening.screen import Outputs, judge_part, take_in
from scoring_service.screening.summary import Sum, Summary
from scoring_service.screening.unfinished import Unfinished

if TYPE_CHECKING:
    from scoring_service.screening.columns import Columns
    from scoring_service.screening.parts import Part
    from scoring_service.screening.screen import Claims, Run

_ROW_BITS, _PLACE_BITS, _UNIT_BITS = 24, 4, 16
_UNIT = _ROW_BITS + _PLACE_BITS
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
_GROUPS, _LISTS = ("by_reason", "by_institution", "by_person"), ("recover", "pay")
_BATCH = 100_000


class Chunk(NamedTuple):
    """A file, or some row groups of it."""

    file: Path
    groups: range | None

    def opened(self) -> Claims:
        """Return the claims of the chunk."""
        return DelimitedClaims(self.file) if self.groups is None else ParquetClaims(self.file, self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunked:
    """A run by chunks: what every machine is told. The run's `out` lies in the folder that parts are written to."""

    run: Run
    columns: Columns
    pharmacies: frozenset[str]
    chunks: Sequence[Chunk]
    empty: Summary


def chunks_of(files: Iterable[tuple[Path, Claims]]) -> Iterator[Chunk]:
    """Cut files into chunks: row groups of up to a million rows together, or of one row group that has more."""
    for path, source in files:
        if isinstance(source, DelimitedClaims):
            yield Chunk(path, None)
            continue
        start, rows = 0, 0
        sizes = source.rows_of_groups()
        if max(sizes, default=0) >= 1 << _ROW_BITS:
            detail = "单个行组超过 1600 万行，请重写 / a row group of more than 16,000,000 rows; write smaller ones"
            raise Invalid("/file", f"{path.name}: {detail}")
        for number, size in enumerate(sizes):
            if rows and rows + size > ROWS_AT_ONCE:
                yield Chunk(path, range(start, number))
                start, rows = number, 0
            rows += size
        yield Chunk(path, range(start, len(sizes)))


def questions(chunked: Chunked, number: int) -> Iterator[pa.RecordBatch]:
    """Give what a chunk asks, in batches of `LINES`."""
    yield _shown(number, 0)
    for unit, parts in _units(chunked.chunks[number].opened(), chunked.columns, whole=False):
        yield _shown(number, unit)
        first = 1
        for part in parts:
            lines, _refused = askable(part, chunked.columns, chunked.pharmacies)
            count = len(lines.day)
            for place, person in enumerate(lines.people or [pa.nulls(count, pa.string())]):
                numbers = pc.add(pa.arange(first, first + count), _line(number, unit, place))
                pharmacy = pa.nulls(count, pa.string()) if place else lines.pharmacy
                columns = [numbers, plain(person), plain(lines.institution), pharmacy, lines.day, lines.emergency]
                yield from pa.Table.from_arrays(columns, schema=LINES).to_batches(_BATCH)
            first += count


def _units(source: Claims, columns: Columns, *, whole: bool) -> Iterator[tuple[int, Iterator[Part]]]:
    """Give the parts of a chunk by units: of row groups all together, of a delimited file one after the other.

    How row groups fall into parts hangs on which of their columns are read; how lines do, does not.
    """
    parts = source.parts(columns.every(), whole=whole)
    if isinstance(source, ParquetClaims):
        yield 1, parts
        return
    for unit, part in enumerate(parts, start=1):
        yield unit, iter([part])


def _line(chunk: int, unit: int, place: int) -> int:
    return (((chunk << _UNIT_BITS) + unit) << _UNIT) + (place << _ROW_BITS)


def _shown(chunk: int, unit: int) -> pa.RecordBatch:
    row: dict[str, Any] = dict.fromkeys(LINES.names) | {"line": _line(chunk, unit, 0), "emergency": False}
    return pa.RecordBatch.from_pylist([row], schema=LINES)


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
        outputs = Outputs(run, chunked.columns, [source], unfinished)
        for unit, parts in _units(source, chunked.columns, whole=not run.verdicts):
            table = units.take(number << _UNIT_BITS | unit)
            for engine in (each for each in engines if each is not None):
                engine.load(table, number, unit)
            for part in parts:
                take_in(judge_part(part, columns=chunked.columns, engines=engines), outputs, summary, (file, source))
            for engine in (each for each in engines if each is not None):
                engine.check_all_taken()
        outputs.close()
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
        self.at_once, self.pharmacies = 1, chunked.pharmacies
        self._places, self._then, self._asked = max(1, len(chunked.columns.people)), then, 0
        self._verdicts: list[pa.Table] = []
        self._taken: list[int] = []

    def load(self, verdicts: pa.Table, chunk: int, unit: int) -> None:
        """Take in the verdicts of a unit."""
        mine = verdicts.filter(pc.equal(verdicts.column("then"), self._then))
        mine = mine.take(pc.sort_indices(mine, [("line", "ascending")]))
        ends = [0]
        for place in range(self._places):
            border = _line(chunk, unit, place + 1)
            ends.append(pc.sum(pc.less(mine.column("line"), border)).as_py() or 0)
        self._verdicts = [mine.slice(start, end - start) for start, end in pairwise(ends)]
        self._firsts = [_line(chunk, unit, place) for place in range(self._places)]
        self._taken, self._asked = [0] * self._places, 0
        self._take(0, 1, row=0)

    def judge(self, lines: pa.Table) -> pa.Table:
        """Return `line`, `reason`, `until` of each line of the next column. Raises RuntimeError for other lines."""
        place = self._asked % self._places
        self._asked += 1
        before = self._taken[place] + (1 if place else 0)
        verdicts = self._take(place, lines.num_rows, row=before)
        return pa.table(
            [lines.column("line"), verdicts.column("reason"), verdicts.column("until")],
            names=["line", "reason", "until"],
        )

    def _take(self, place: int, count: int, row: int) -> pa.Table:
        verdicts = self._verdicts[place].slice(self._taken[place], count)
        first = self._firsts[place] + row
        if not verdicts.column("line").combine_chunks().equals(pa.arange(first, first + count)):
            raise RuntimeError(f"{count} lines from {first} were judged {verdicts.num_rows} times, or not in order")
        self._taken[place] += count
        return verdicts

    def check_all_taken(self) -> None:
        """Raise RuntimeError where there are verdicts that nobody asked for."""
        if self._taken != [table.num_rows for table in self._verdicts]:
            raise RuntimeError("there are verdicts on lines that nobody asked about")


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
    rows += [(name, key, *total) for name in _GROUPS for key, total in getattr(summary, name).items()]
    columns = [pa.array(values, kind) for values, kind in zip(zip(*rows, strict=True), SUMS.types, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=SUMS)


def add_sums(summary: Summary, rows: Iterable[tuple[str, str, int, Any]]) -> None:
    """Add rows of `SUMS` to a summary."""
    for kind, key, lines, amount in rows:
        if kind in _COUNTS:
            setattr(summary, kind, getattr(summary, kind) + lines)
        elif kind == "without_offset":
            summary.without_offset |= lines > 0
        elif kind in _LISTS:
            before = getattr(summary, kind)
            setattr(summary, kind, Sum(before.lines + lines, before.amount + amount))
        else:
            sums = getattr(summary, kind)
            sums[key] = Sum(sums[key].lines + lines, sums[key].amount + amount)
