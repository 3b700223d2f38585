"""The rows of a pack that prove lines payable: where the days of a word, of a place and of its agreement meet."""

from __future__ import annotations

from itertools import product, zip_longest
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring_service.core.screening import Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

# From a day, until another, as numbers of days since 1970.
Days: TypeAlias = "tuple[int, int]"
# `start`, `until`, `word`, `resumes_on`.
WordRow: TypeAlias = "tuple[int, int, str, int | None]"
LENGTH_OF_ID = 36


class Agreed:
    """The days of all institutions under an agreement."""

    def __init__(self, institutions: Iterable[tuple[str, Sequence[Days]]]) -> None:
        """Take in codes, each with disjoint spans."""
        self._days = dict(institutions)
        self._codes = pa.array(self._days, pa.string())
        # The first spans of all institutions, then the second ones; the last place is of those that are not known.
        nths = zip_longest(*self._days.values(), [(0, 0)], fillvalue=(0, 0))
        self._nths: list[NDArray[np.int32]] = [np.array(nth, np.int32) for nth in nths]

    def proofs(
        self, names: Sequence[str], words: Iterable[WordRow], places: Iterable[tuple[str, int, int]]
    ) -> Iterator[tuple[str, str, int, int]]:
        """Give the rows about a person; ids, which are seldom asked about, have none."""
        codes = [name for name in names if len(name) < LENGTH_OF_ID]
        eligible = [row for row in words if row[2] == Word.ELIGIBLE.value and row[3] is None]
        for word, (institution, *there) in product(eligible, places):
            for days in self._days.get(institution, ()):
                start, until = max(word[0], there[0], days[0]), min(word[1], there[1], days[1])
                if start < until:
                    yield from ((code, institution, start, until) for code in codes)

    def proofs_of_many(
        self, ref: pa.Array, institution: pa.Array, spans: Iterable[dict[str, pa.Array]]
    ) -> Iterator[dict[str, pa.Array]]:
        """Give the rows about people, each with one code and one place; `spans` are one of each kind, beside them."""
        starts, untils = zip(*((_numbers(each["start"]), _numbers(each["until"])) for each in spans), strict=True)
        place = pc.fill_null(pc.index_in(institution, self._codes), len(self._codes)).to_numpy()
        for nth in self._nths:
            days = nth[place]
            start, until = np.maximum.reduce([*starts, days[:, 0]]), np.minimum.reduce([*untils, days[:, 1]])
            some = pa.array(start < until)
            rows = {"ref": ref, "institution": institution, "start": _day(start), "until": _day(until)}
            yield {name: column.filter(some) for name, column in rows.items()}


def _numbers(column: pa.Array) -> NDArray[np.int32]:
    numbers: NDArray[np.int32] = column.view(pa.int32()).to_numpy()
    return numbers


def _day(numbers: NDArray[np.int32]) -> pa.Array:
    return pa.array(numbers).view(pa.date32())
