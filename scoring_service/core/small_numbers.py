"""Small numbers withheld from what is published, so that nobody is recognised by them or works them out from a total.

Of a table that adds up to a published total the counts from 1 to 4 are withheld, and with them the smallest of the
others. A table that would still tell a withheld count is not published at all.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

# A count below this, other than 0, may point at somebody.
FEWEST = 5
_MOST_SMALL = FEWEST - 1


class Withheld(Enum):
    """Why a count is not told: it is from 1 to 4, or such a one could be worked out by it."""

    SMALL = "small"
    BESIDE = "beside"


Told: TypeAlias = int | Withheld


class _Range(NamedTuple):
    """The counts that a reader cannot rule out, both ends included."""

    lowest: int
    highest: int

    @property
    def is_open(self) -> bool:
        return self.highest > self.lowest


def is_small(count: int) -> bool:
    """Tell whether a count is withheld by itself."""
    return 0 < count < FEWEST


def published_count(count: int) -> Told:
    """Return a count that nothing adds up to, as it may be published."""
    return Withheld.SMALL if is_small(count) else count


def published_counts(counts: Sequence[int]) -> list[Told] | None:
    """Return the counts of a table as they may be published beside their total, None if the table may not.

    Whatever table is published or not, each count withheld has at least two values that a reader cannot rule out, who
    knows the total, the counts told and these rules.
    """
    small = [count for count in counts if is_small(count)]
    if not small:
        return list(counts)
    large = [place for place, count in enumerate(counts) if count >= FEWEST]
    # A table of fours alone would be told by its total, were it the only one of that total that is not published.
    if not large or sum(counts) == _MOST_SMALL * len(counts):
        return None
    beside = min(large, key=lambda place: (counts[place], place))
    if not all(each.is_open for each in _ruled_in(counts, len(small), beside)):
        return None
    shown = [published_count(count) for count in counts]
    return [Withheld.BESIDE if place == beside else each for place, each in enumerate(shown)]


def _ruled_in(counts: Sequence[int], many: int, beside: int) -> tuple[_Range, _Range]:
    """Return what a reader cannot rule out of each of the `many` small counts, and of the one `beside` them."""
    both = sum(count for place, count in enumerate(counts) if is_small(count) or place == beside)
    most_beside = min(
        (count - (place < beside) for place, count in enumerate(counts) if count >= FEWEST and place != beside),
        default=both,
    )
    each = _Range(
        max(1, both - most_beside - _MOST_SMALL * (many - 1)), min(_MOST_SMALL, both - FEWEST - (many - 1))
    )
    return each, _Range(max(FEWEST, both - _MOST_SMALL * many), min(most_beside, both - many))
