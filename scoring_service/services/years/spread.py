"""How even-handed a year was: the points of each office's scores, by item and degree, beside those of all offices."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scoring_service.core.spread import Spread, count_apart, spread_of
from scoring_service.db.like_cases import scores_by_office
from scoring_service.services.years.statistics import region_told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scoring_service.db.like_cases import Kind, OfficeScores
    from scoring_service.services.unit_of_work.transaction import Work

_Place = tuple[str, str, str]


class OfficeKind(StrEnum):
    """What an office is: the division of its cases at county level, or the authority that decided."""

    DIVISION = "division"
    AUTHORITY = "authority"


_COLUMNS = {OfficeKind.DIVISION: "region", OfficeKind.AUTHORITY: "authority"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeSpread:
    """The spread of an office's scores of one item and degree, and of those of all offices, its own among them.

    `outside` of its scores lie outside the middle 90 % of everywhere; None where everywhere there are too few.
    """

    office: str
    item: str
    degree: str
    spread: Spread
    everywhere: Spread
    outside: int | None

    @property
    def place(self) -> _Place:
        """Where it stands in the list."""
        return self.office, self.item, self.degree

    @property
    def outside_percent(self) -> float | None:
        """The share of its scores that lie outside, in percent, to a tenth."""
        return None if self.outside is None else round(100 * self.outside / self.spread.n, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeTotal:
    """How many scores an office made, how many of them can be compared, and how many of those lie outside."""

    office: str
    scores: int
    compared: int
    outside: int


@dataclass(frozen=True, slots=True, kw_only=True)
class YearSpread:
    """The spread of a scoring year by office, item and degree."""

    year: int
    by: OfficeKind
    rows: tuple[OfficeSpread, ...]

    @property
    def totals(self) -> tuple[OfficeTotal, ...]:
        """Each office's rows added up, by office."""
        return tuple(_total(office, rows) for office, rows in _by_office(self.rows).items())


def spread_by_office(
    work: Work, *, year: int | None = None, by: OfficeKind = OfficeKind.DIVISION, region: str | None = None
) -> YearSpread:
    """Return the spread of the scores whose scoring year is `year` (default: this one), as they are held now.

    Told are the offices of the actor's region, of `region` with it; they are measured by all that the database holds.
    Raises Forbidden outside the actor's region.
    """
    region, year = region_told(work, region), work.today.year if year is None else year
    scores = scores_by_office(work.conn, year, by=_COLUMNS[by], region=region)
    everywhere = {kind: spread_of(counts) for kind, counts in _everywhere(scores).items()}
    offices: dict[_Place, Counter[int]] = defaultdict(Counter)
    for score in scores:
        if score.office is not None:
            offices[score.office, score.item, score.degree][score.points] += score.scores
    rows = tuple(_row(place, counts, everywhere[place[1:]]) for place, counts in sorted(offices.items()))
    return YearSpread(year=year, by=by, rows=rows)


def spread_page(
    spread: YearSpread, *, after: Sequence[str] | None, limit: int
) -> tuple[Sequence[OfficeSpread], _Place | None]:
    """Return the rows behind a place, and the place to go on from; None at the end."""
    left = [row for row in spread.rows if after is None or row.place > tuple(after)]
    return left[:limit], left[limit - 1].place if len(left) > limit else None


def _everywhere(scores: Iterable[OfficeScores]) -> dict[Kind, Counter[int]]:
    counts: dict[Kind, Counter[int]] = defaultdict(Counter)
    for score in scores:
        counts[score.item, score.degree][score.points] += score.scores
    return counts


def _row(place: _Place, counts: Counter[int], everywhere: Spread) -> OfficeSpread:
    office, item, degree = place
    return OfficeSpread(
        office=office,
        item=item,
        degree=degree,
        spread=spread_of(counts),
        everywhere=everywhere,
        outside=None if everywhere.is_few else count_apart(counts, everywhere),
    )


def _by_office(rows: Iterable[OfficeSpread]) -> dict[str, list[OfficeSpread]]:
    offices: dict[str, list[OfficeSpread]] = defaultdict(list)
    for row in rows:
        offices[row.office].append(row)
    return offices


def _total(office: str, rows: Sequence[OfficeSpread]) -> OfficeTotal:
    compared = [row for row in rows if row.outside is not None]
    return OfficeTotal(
        office=office,
        scores=sum(row.spread.n for row in rows),
        compared=sum(row.spread.n for row in compared),
        outside=sum(row.outside or 0 for row in compared),
    )
