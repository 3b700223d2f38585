"""Statistics of a scoring year, computed from the ledger and reproducible at any `known_at`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from scoring_service.db.ledger import rulebooks_by_sha256
from scoring_service.db.statistics import (
    count_by_institution,
    count_people,
    count_sanctions,
    count_sanctions_then,
    count_scores,
)
from scoring_service.problems import Forbidden
from scoring_service.services.standing import check_knowledge

if TYPE_CHECKING:
    from datetime import datetime

    from scoring_service.services.work import Work

MONTHS = range(1, 13)


def statistics_of(
    work: Work, *, year: int | None = None, region: str | None = None, known_at: datetime | None = None
) -> dict[str, Any]:
    """Return the counts of contract.md, Office desk, for the scores whose scoring year is `year` (default: this one).

    Person-times are scores not corrected to 0; `suspended` and `terminated` are persons with such a sanction
    beginning in the year. Raises Invalid for a `known_at` in the future, Forbidden outside the actor's region.
    """
    check_knowledge(work, known_at)
    region = _region(work, region)
    year = work.today.year if year is None else year
    person_times, persons, institutions = count_people(work.conn, year, region, known_at)
    sanctions = (
        count_sanctions(work.conn, year, region)
        if known_at is None
        else count_sanctions_then(work.conn, year, region, known_at)
    )
    return {
        "year": year,
        "region": region,
        "known_at": (known_at or work.now).isoformat(),
        "institutions": institutions,
        "person_times": person_times,
        "persons": persons,
        "suspended": sanctions.get("suspension", 0),
        "terminated": sanctions.get("termination", 0),
    } | _breakdown(work, year, region, known_at)


def person_times_by_institution(
    work: Work, *, year: int, limit: int | None = None
) -> list[tuple[str, str, int]]:
    """Return (code, name, person-times) of the institutions of the year's cases, the most first."""
    return count_by_institution(work.conn, year, _region(work, None), limit)


def _region(work: Work, region: str | None) -> str | None:
    bound = work.actor.region
    if bound is None or (region or "").startswith(bound):
        return region
    if bound.startswith(region or ""):
        return bound
    raise Forbidden(detail=f"您的账户仅限 {bound} 区划 / your account is bound to division {bound}")


def _breakdown(work: Work, year: int, region: str | None, known_at: datetime | None) -> dict[str, Any]:
    by_band: Counter[str] = Counter()
    by_month: Counter[int] = Counter()
    by_category: Counter[str] = Counter()
    counted = count_scores(work.conn, year, region, known_at)
    rulebooks = rulebooks_by_sha256(work.conn, {row[0] for row in counted})
    for sha256, points, month, category, count in counted:
        band = rulebooks[sha256].band_of(points)
        by_band[band.key if band else "outside"] += count
        by_month[int(month)] += count
        by_category[category] += count
    return {
        "by_band": dict(sorted(by_band.items())),
        "by_month": [{"month": month, "person_times": by_month[month]} for month in MONTHS],
        "by_category": dict(sorted(by_category.items())),
    }
