"""Lines proven payable by one row of the pack: a hash table of whole codes, looked up many lines at a time.

A code of 8 to 16 bytes is told exactly by its first eight bytes, its last eight and its length. Others (who is named by
an id) are never proven here, and are judged by the statement like all that is not plainly payable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scoring_service.screening.cells import text_bytes
from scoring_service.screening.lines import whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

SHORTEST, LONGEST = 8, 16
# So many lines are looked up together that what is worked out of them stays near the processor.
LINES_AT_ONCE = 1 << 15
_ROWS, _BEGINS, _PLACES = "proofs-rows.npy", "proofs-begins.npy", "proofs-places.parquet"
_FIRST, _LAST, _PLACE = (np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))


class _Codes(NamedTuple):
    """Codes as numbers: the first eight bytes, the last eight, how many bytes; 0 where it is told by none."""

    first: Words
    last: Words
    length: Words


class _Sought(NamedTuple):
    """What lines look for: a row's three words, and a day."""

    first: Words
    last: Words
    place: Words
    day: NDArray[np.int32]

    def of(self, lines: NDArray[np.intp]) -> _Sought:
        """Return what some of the lines look for."""
        return _Sought(self.first[lines], self.last[lines], self.place[lines], self.day[lines])


class Proofs:
    """Rows `ref`, `institution`, `start`, `until`: on those days this person is payable there, emergency or not."""

    def __init__(self, table: Words, begins: NDArray[np.int32], institutions: pa.Array) -> None:
        """Take rows in the order of their buckets, one of zeros behind them, and where each bucket begins."""
        self._table, self._begins, self._places = table, begins, institutions
        self._shift = _shift_of(len(table) - 1)

    @classmethod
    def of(cls, rows: Iterable[pa.RecordBatch], institutions: pa.Array, expected: int = 0) -> Proofs:
        """Return the proofs of rows, about as many as are `expected`; their institutions are among `institutions`."""
        table: Words = np.zeros((expected + 1, 4), np.uint64)
        mixed, count = [np.zeros(0, np.uint32)], 0
        for batch in rows:
            if count + len(batch) >= len(table):
                table = np.concatenate([table[:count], np.zeros((count // 2 + len(batch) + 1, 4), np.uint64)])
            mixed.append(_take_in(batch, table[count : count + len(batch)], institutions))
            count += len(batch)
        table = table[: count + 1]
        return cls(table, _put_in_order(table, np.concatenate(mixed)), institutions)

    def keep(self, folder: Path) -> None:
        """Write the rows in their order into a folder, for `kept`."""
        pq.write_table(pa.table({"institution": self._places}), folder / _PLACES)
        for name, array in ((_ROWS, self._table), (_BEGINS, self._begins)):
            np.save(folder / name, array)

    @classmethod
    def kept(cls, folder: Path) -> Proofs:
        """Return what was kept in a folder. It stays in its files, which all processes of a machine share."""
        table, begins = (np.asarray(np.load(folder / name, mmap_mode="r")) for name in (_ROWS, _BEGINS))
        return cls(table, begins, whole(pq.read_table(folder / _PLACES).column(0)))

    def prove(self, person: pa.Array, institution: pa.Array, day: pa.Array) -> NDArray[np.bool_]:
        """Tell which lines are proven; a line that is not may be payable all the same."""
        place = _place_of(institution, self._places)
        days = pc.fill_null(day.view(pa.int32()), np.iinfo(np.int32).min).to_numpy()
        proven = np.zeros(len(days), bool)
        for start in range(0, len(days), LINES_AT_ONCE):
            some = slice(start, start + LINES_AT_ONCE)
            self._prove(proven[some], _codes(person[some]), place[some], days[some])
        return proven

    def _prove(
        self, proven: NDArray[np.bool_], codes: _Codes, place: Words, day: NDArray[np.int32]
    ) -> None:
        bucket = _mixed(codes, place) >> self._shift
        sought = _Sought(codes.first, codes.last, _with_length(place, codes.length), day)
        row = self._begins[bucket]
        # A row of another bucket, where this one has none, proves as well as one of its own.
        np.logical_and(self._proves(row, sought), codes.length > 0, out=proven)
        lines = np.flatnonzero(~proven & (codes.length > 0))
        row, end = row[lines] + 1, self._begins[bucket[lines] + 1]
        while len(lines):
            more = row < end
            lines, row, end = lines[more], row[more], end[more]
            hit = self._proves(row, sought.of(lines))
            proven[lines[hit]] = True
            lines, row, end = lines[~hit], row[~hit] + 1, end[~hit]

    def _proves(self, row: NDArray[np.int32], sought: _Sought) -> NDArray[np.bool_]:
        rows = self._table.take(row, axis=0, mode="clip")
        hit: NDArray[np.bool_] = rows[:, 0] == sought.first
        hit &= rows[:, 1] == sought.last
        hit &= rows[:, 2] == sought.place
        days = rows.view(np.int32)
        hit &= days[:, 6] <= sought.day
        hit &= sought.day < days[:, 7]
        return hit


def _take_in(batch: pa.RecordBatch, table: Words, institutions: pa.Array) -> NDArray[np.uint32]:
    codes, place = _codes(batch.column("ref")), _place_of(batch.column("institution"), institutions)
    for column, words in enumerate((codes.first, codes.last, _with_length(place, codes.length))):
        table[:, column] = words
    for column, name in enumerate(("start", "until"), start=6):
        table.view(np.int32)[:, column] = batch.column(name).view(pa.int32()).to_numpy()
    return _mixed(codes, place)


def _put_in_order(table: Words, mixed: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Put rows of one bucket beside each other; return where each begins, which is where the one before ends.

    All columns at once would need twice the memory.
    """
    count = len(mixed)
    mixed >>= _shift_of(count)
    begins = np.zeros((1 << (32 - int(_shift_of(count)))) + 1, np.int32)
    np.cumsum(np.bincount(mixed, minlength=len(begins) - 1), out=begins[1:])
    order = np.argsort(mixed)
    for column in range(4):
        table[:count, column] = table[order, column]
    table[count:] = 0
    return begins


def _place_of(institution: pa.Array, institutions: pa.Array) -> Words:
    """Return the number of each institution; one that no row has gets a number that no row has."""
    encoded = institution if pa.types.is_dictionary(institution.type) else institution.dictionary_encode()
    unknown = len(institutions)
    numbers = pc.fill_null(pc.index_in(encoded.dictionary.cast(pa.string()), institutions), unknown)
    known = np.append(numbers.to_numpy().astype(np.uint64), np.uint64(unknown))
    indices = pc.fill_null(encoded.indices.cast(pa.int32()), len(known) - 1)
    place: Words = known[indices.to_numpy()]
    return place


def _shift_of(count: int) -> np.uint32:
    """Return how many of the 32 bits of `_mixed` say nothing of the bucket, where there are so many rows."""
    return np.uint32(32 - max(1, count.bit_length()))


def _mixed(codes: _Codes, place: Words) -> NDArray[np.uint32]:
    """Return a number that is spread evenly over codes and places: its highest bits say the bucket."""
    mixed = codes.first * _FIRST ^ codes.last * _LAST ^ place * _PLACE
    mixed ^= mixed >> np.uint64(29)
    mixed *= _LAST
    highest: NDArray[np.uint32] = (mixed >> np.uint64(32)).astype(np.uint32)
    return highest


def _with_length(place: Words, length: Words) -> Words:
    return place << np.uint64(8) | length


def _codes(column: pa.Array) -> _Codes:
    """Return a column of codes as numbers."""
    if pa.types.is_dictionary(column.type):
        indices = pc.fill_null(column.indices.cast(pa.int32()), len(column.dictionary)).to_numpy()
        return _Codes(*(np.append(each, np.uint64(0))[indices] for each in _codes(column.dictionary)))
    begins, content = text_bytes(column)
    length = np.diff(begins)
    fits = (length >= SHORTEST) & (length <= LONGEST)
    # The eight bytes that begin at each place, as a number.
    eights: Words = np.ndarray((max(0, len(content) - 7),), np.uint64, content, strides=(1,))
    if not fits.any():
        return _Codes(*np.zeros((3, len(column)), np.uint64))
    at = np.where(fits, begins[:-1] - begins[0], 0)
    length = np.where(fits, length, SHORTEST)
    return _Codes(eights[at], eights[at + length - 8], length.astype(np.uint64) * fits)
