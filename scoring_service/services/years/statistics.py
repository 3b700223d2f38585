"""Statistics of a scoring year, computed from the ledger and reproducible at any `known_at`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_service.db.ledger import rulebooks_by_sha256
from scoring_service.db.statistics import ScoreCounts, count_sanctions, count_sanctions_then, count_scores
from scoring_service.problems import Forbidden
from scoring_service.services.registry.names import institution_names
from scoring_service.services.standing.reading import check_knowledge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scoring_service.db.statistics import PlaceOfScores
    from scoring_service.services.unit_of_work.transaction import Work

MONTHS = range(1, 13)
# The band of a score whose points lie in none.
OUTSIDE = "outside"


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
    check_knowledge(work, known_at)
    region = _region(work, region)
    year = work.today.year if year is None else year
    counts = count_scores(work.conn, year, region, known_at, most_institutions)
    sanctions = (
        count_sanctions(work.conn, year, region)
        if known_at is None
        else count_sanctions_then(work.conn, year, region, known_at)
    )
    return Statistics(
        year=year,
        region=region,
        known_at=known_at or work.now,
        institutions=counts.institutions,
        person_times=sum(count for *_sort, count in counts.sorts),
        persons=counts.persons,
        suspended=sanctions.get("suspension", 0),
        terminated=sanctions.get("termination", 0),
        measures=sanctions.get("measure", 0),
        by_institution=_named(work, counts.places),
        breakdown=_breakdown(work, counts),
    )


def _region(work: Work, region: str | None) -> str | None:
    bound = work.actor.region
    if bound is None or (region or "").startswith(bound):
        return region
    if bound.startswith(region or ""):
        return bound
    raise Forbidden("outside_region", f"您的账号仅限 {bound} 区划 / your account is bound to division {bound}")


def _named(work: Work, places: Sequence[PlaceOfScores]) -> tuple[InstitutionCount, ...]:
    names = institution_names(work, {code for code, _count in places})
    return tuple(InstitutionCount(code=code, name=names[code], person_times=count) for code, count in places)


def _breakdown(work: Work, counts: ScoreCounts) -> Breakdown:
    by_band: Counter[str] = Counter()
    by_month: Counter[int] = Counter()
    by_category: Counter[str] = Counter()
    rulebooks = rulebooks_by_sha256(work.conn, {row[0] for row in counts.sorts})
    for sha256, points, month, category, count in counts.sorts:
        band = rulebooks[sha256].band_of(points)
        by_band[band.key if band else OUTSIDE] += count
        by_month[month] += count
        by_category[category] += count
    return Breakdown(
        by_band=dict(sorted(by_band.items())),
        by_month=tuple(MonthCount(month=month, person_times=by_month[month]) for month in MONTHS),
        by_category=dict(sorted(by_category.items())),
    )
