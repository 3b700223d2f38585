"""Institutions by what is told of them in a period: person-times, people, points, sanctions and the ratio of P30."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scoring_service.core.civil import civil_day
from scoring_service.db.ratios import known_now, known_then
from scoring_service.db.statistics import sanctions_then
from scoring_service.db.tallies import ranked_places
from scoring_service.services.registry.institution_people import Ratio
from scoring_service.services.unit_of_work.fields import Field
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.years.statistics import scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy import RowMapping, Select, Subquery

    from scoring_service.core.period import Period
    from scoring_service.core.sanctions import Sanction
    from scoring_service.db.statistics import Scope
    from scoring_service.services.unit_of_work.transaction import Work

RATIO = "ratio"
ORDERS = ("points", "person_times", "persons", "sanctioned", RATIO)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedInstitution:
    """An institution with its counts in a period.

    `sanctioned` are the persons whose suspension or termination began in it while they were there; where there are
    any, `ratio` is that of P30 on the last day that was counted.
    """

    institution: str
    institution_name: str
    region: str
    person_times: int
    persons: int
    points: int
    sanctioned: int
    ratio: Ratio | None

    @property
    def registered(self) -> int | None:
        """How many persons are registered there, where the ratio is told."""
        return self.ratio.registered if self.ratio is not None else None

    @property
    def level(self) -> str | None:
        """The level that the ratio has reached, if it has reached one."""
        return self.ratio.level if self.ratio is not None else None


def ranking_of(
    work: Work,
    period: Period,
    *,
    region: str | None = None,
    known_at: datetime | None = None,
    by_ratio: bool = False,
) -> Listing[RankedInstitution]:
    """Return the list of the institutions with scores or sanctioned people in a period, those with most points first.

    It sorts by ORDERS, and by `ratio` where that was said before. Raises as `scope_of`.
    """
    scope = scope_of(work, period, region=region, known_at=known_at)
    sanctions = [] if known_at is None else sanctions_then(work.conn, replace(scope, region=None), known_at)
    return ranking_in(work, scope, sanctions, by_ratio=by_ratio)


def ranking_in(
    work: Work, scope: Scope, sanctions: Iterable[tuple[str, Sanction]], *, by_ratio: bool = False
) -> Listing[RankedInstitution]:
    """Return the list of a scope; of a past moment with the `sanctions` that were known then, everywhere."""
    last = last_day(work, scope)
    known = known_now(scope.first, last) if scope.known_at is None else known_then(
        ((person, span) for person, span in sanctions if span.start <= last), scope.known_at
    )  # fmt: skip
    places = ranked_places(scope, known, last, by_ratio=by_ratio)
    return Listing(
        query=_query(places),
        keys=(places.c.points, places.c.code),
        show=lambda row: _shown(work, row, last),
        fields={
            name: Field(column=places.c[name], gapped=name == RATIO) for name in ORDERS if by_ratio or name != RATIO
        },
    )


def last_day(work: Work, scope: Scope) -> date:
    """Return the day on which the people of institutions are counted: the last of the scope that is known of."""
    return min(scope.until - timedelta(days=1), civil_day(scope.known_at or work.now))


def _query(places: Subquery) -> Select[Any]:
    return select(*(column for column in places.c if column.name != RATIO))


def _shown(work: Work, row: RowMapping, day: date) -> RankedInstitution:
    return RankedInstitution(
        institution=row["code"],
        institution_name=row["name"],
        region=row["region"],
        person_times=row["person_times"],
        persons=row["persons"],
        points=row["points"],
        sanctioned=row["sanctioned"],
        ratio=_ratio(work, row, day) if row["sanctioned"] else None,
    )


def _ratio(work: Work, row: RowMapping, day: date) -> Ratio:
    rulebook = work.rulebooks.for_reading(row["region"], day)
    return Ratio(
        sanctioned=row["sanctioned"],
        registered=row["registered"],
        alert_percent=rulebook.institution_alert_percent,
        severe_percent=rulebook.institution_severe_percent,
    )
