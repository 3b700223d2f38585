"""Statistics of a scoring year, computed from the ledger and reproducible at any `known_at`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scoring_service.core.civil import civil_day
from scoring_service.core.period import Period
from scoring_service.core.rulebook import OUTSIDE
from scoring_service.db.ledger import rulebooks_by_sha256
from scoring_service.db.statistics import Scope, ScoreCounts, count_sanctions, count_scores, last_decided_on
from scoring_service.problems import Forbidden
from scoring_service.services.registry.names import institution_names
from scoring_service.services.standing.reading import check_knowledge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from scoring_service.db.statistics import PlaceOfScores
    from scoring_service.services.unit_of_work.transaction import Work

MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCount:
    """The person-times decided in a month."""

    month: int
    person_times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionCount:
    """The person-times of the cases of an institution."""

    code: str
    name: str
    person_times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """The person-times of a year by band (`outside`: of none), by month, and by the category of the person."""

    by_band: dict[str, int]
    by_month: tuple[MonthCount, ...]
    by_category: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The counts of a scoring year."""

    year: int
    region: str | None
    known_at: datetime
    institutions: int
    person_times: int
    persons: int
    suspended: int
    terminated: int
    measures: int
    by_institution: tuple[InstitutionCount, ...]
    breakdown: Breakdown

    @property
    def months_begun(self) -> tuple[MonthCount, ...]:
        """The person-times of the months that have begun by the civil day of `known_at`; another is no zero."""
        day = civil_day(self.known_at)
        return tuple(each for each in self.breakdown.by_month if date(self.year, each.month, 1) <= day)


def statistics_of(
    work: Work,
    *,
    year: int | None = None,
    region: str | None = None,
    known_at: datetime | None = None,
    most_institutions: int | None = 0,
) -> Statistics:
    """Return the counts of contract.md, Office desk, for the scores whose scoring year is `year` (default: this one).

    Person-times are scores not corrected to 0; `suspended` and `terminated` are persons with such a sanction that
    points brought beginning in the year, `measures` those with a measure beginning in it; `by_institution` are the
    `most_institutions` with the most scores (None for all).
    Raises Invalid for a `known_at` in the future, Forbidden outside the actor's region.
    """
    year = work.today.year if year is None else year
    scope = scope_of(work, Period.of_year(year), region=region, known_at=known_at)
    counts = count_scores(work.conn, scope, most_institutions)
    sanctions = count_sanctions(work.conn, scope)
    return Statistics(
        year=year,
        region=scope.region,
        known_at=known_at or work.now,
        institutions=counts.institutions,
        person_times=sum(count for *_sort, count in counts.sorts),
        persons=counts.persons,
        suspended=sanctions.get("suspension", 0),
        terminated=sanctions.get("termination", 0),
        measures=sanctions.get("measure", 0),
        by_institution=_named(work, counts.places),
        breakdown=breakdown_in(work, counts),
    )


def latest_year(work: Work) -> int:
    """Return the year to look at first: this one, or the last with a score while this one has none."""
    last = last_decided_on(work.conn)
    return work.today.year if last is None else last.year


def scope_of(work: Work, period: Period, *, region: str | None, known_at: datetime | None) -> Scope:
    """Return what the actor may count of a period. Raises as `statistics_of`."""
    check_knowledge(work, known_at)
    return Scope(first=period.first, until=period.until, region=region_told(work, region), known_at=known_at)


def region_told(work: Work, region: str | None) -> str | None:
    """Return the division of which the actor is told the figures when asking for `region`. Raises Forbidden."""
    bound = work.actor.region
    if bound is None or (region or "").startswith(bound):
        return region
    if bound.startswith(region or ""):
        return bound
    raise Forbidden("outside_region", f"您的账号仅限 {bound} 区划 / your account is bound to division {bound}")


def _named(work: Work, places: Sequence[PlaceOfScores]) -> tuple[InstitutionCount, ...]:
    names = institution_names(work, {code for code, _count in places})
    return tuple(InstitutionCount(code=code, name=names[code], person_times=count) for code, count in places)


def breakdown_in(work: Work, counts: ScoreCounts) -> Breakdown:
    """Return scores that were counted by band, month and category."""
    by_band: Counter[str] = Counter()
    by_month: Counter[int] = Counter()
    by_category: Counter[str] = Counter()
    for row in counts.sorts:
        by_month[row.month] += row.scores
        by_category[row.category] += row.scores
    for key, scores, _points in bands_in(work, counts):
        by_band[key] += scores
    return Breakdown(
        by_band=dict(sorted(by_band.items())),
        by_month=tuple(MonthCount(month=month, person_times=by_month[month]) for month in MONTHS),
        by_category=dict(sorted(by_category.items())),
    )


def bands_in(work: Work, counts: ScoreCounts) -> Iterator[tuple[str, int, int]]:
    """Return the band of each sort of scores, how many they are, and their points in all."""
    rulebooks = rulebooks_by_sha256(work.conn, {row.rulebook_sha256 for row in counts.sorts})
    for row in counts.sorts:
        band = rulebooks[row.rulebook_sha256].band_of(row.points)
        yield band.key if band else OUTSIDE, row.scores, row.scores * row.points
