"""How the points of like cases spread, and which points lie apart from them.

Ranks are nearest ranks: of n points in order the p-th percentile is the one at place p·n/100, rounded up. Every figure
is so points that somebody got, and the median of an even number is the lower of the two in the middle. The middle 90 %
are the points from the 5th to the 95th percentile, both included. None of this changes points: it asks for a reason.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_service.core.months import add_months

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

LEAST_COMPARED = 20  # Of fewer cases nothing lies apart, and their middle is told as one of few.
LIKE_MONTHS = 24
_LOW, _MEDIAN, _HIGH = 5, 50, 95


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The points of `n` cases: their median, 5th and 95th percentile; None where there are no cases."""

    n: int
    median: int | None
    p5: int | None
    p95: int | None

    @property
    def is_few(self) -> bool:
        """Whether the cases are too few to measure others by."""
        return self.n < LEAST_COMPARED


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar(Spread):
    """The spread of like cases everywhere, and of those `here` (in the case's division) and `elsewhere` apart."""

    here: Spread
    elsewhere: Spread


def like_days(decided_on: date) -> tuple[date, date]:
    """Return `[since, until)`: the two years before a decision, in which like cases were decided."""
    return add_months(decided_on, -LIKE_MONTHS), decided_on


def spread_of(counts: Mapping[int, int]) -> Spread:
    """Return the spread of cases, `counts` of them by points."""
    n = sum(counts.values())
    median, low, high = (_nearest_rank(counts, n, percent) for percent in (_MEDIAN, _LOW, _HIGH))
    return Spread(n=n, median=median, p5=low, p95=high)


def similar_of(here: Mapping[int, int], elsewhere: Mapping[int, int]) -> Similar:
    """Return the spread of like cases, so many of them by points here and elsewhere."""
    whole = spread_of(Counter(here) + Counter(elsewhere))
    return Similar(
        n=whole.n,
        median=whole.median,
        p5=whole.p5,
        p95=whole.p95,
        here=spread_of(here),
        elsewhere=spread_of(elsewhere),
    )


def lies_apart(points: int, spread: Spread) -> bool:
    """Tell whether points lie outside the middle 90 % of cases; never of fewer than LEAST_COMPARED."""
    if spread.is_few or spread.p5 is None or spread.p95 is None:
        return False
    return not spread.p5 <= points <= spread.p95


def count_apart(counts: Mapping[int, int], spread: Spread) -> int:
    """Return how many cases, `counts` of them by points, lie outside the middle 90 % of a spread."""
    return sum(count for points, count in counts.items() if lies_apart(points, spread))


def _nearest_rank(counts: Mapping[int, int], n: int, percent: int) -> int | None:
    place = -(-percent * n // 100)
    for points in sorted(counts):
        place -= counts[points]
        if place <= 0 < n:
            return points
    return None
