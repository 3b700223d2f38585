"""The figures of a period, what changed from one to the next, by what they are told apart, and what was in time.

What each figure counts is said in docs/statistics.md.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_service.core.period import Period
from scoring_service.core.procedure import AppealState, Outcome, ResumptionState
from scoring_service.core.rulebook import Degree
from scoring_service.db.statistics import MEASURE, count_sanctions, count_scores, counted_sanctions
from scoring_service.db.tallies import (
    Punctuality,
    Tally,
    count_procedures,
    count_punctuality,
    moved_places,
    tally_scores,
)
from scoring_service.services.registry.names import institution_names
from scoring_service.services.years.statistics import scope_of
from scoring_service.terms import FIGURES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from scoring_service.core.sanctions import Sanction
    from scoring_service.db.statistics import Scope, ScoreCounts
    from scoring_service.services.unit_of_work.transaction import Work

__all__ = ["Punctuality", "Tally"]

MOST_MOVED = 10
YEAR_MONTHS = 12
PUNCTUAL = ("issue", "delivery", "evaluation", "appeal_decision")
# What the figures of procedures are counted as.
_PROCEDURES = {
    "appeals_filed": ("filed", ""),
    "appeals_upheld": ("appeal", Outcome.UPHELD),
    "appeals_reduced": ("appeal", Outcome.REDUCED),
    "appeals_revoked": ("appeal", Outcome.REVOKED),
    "appeals_declined": ("appeal", AppealState.DECLINED),
    "resumptions_granted": ("resumption", ResumptionState.APPROVED),
    "resumptions_refused": ("resumption", ResumptionState.REFUSED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChange:
    """A figure in a month, in the month before, and in the same month of the year before."""

    figure: str
    this_month: int
    last_month: int
    year_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedInstitution:
    """An institution with more person-times in a month than in the month before."""

    institution: str
    institution_name: str
    this_month: int
    last_month: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed in a month; `is_whole` is whether the month was over at `known_at`."""

    month: Period
    region: str | None
    known_at: datetime
    is_whole: bool
    items: tuple[FigureChange, ...]
    moved: tuple[MovedInstitution, ...]


def figures_of(
    work: Work,
    scope: Scope,
    counts: ScoreCounts | None = None,
    spans: Iterable[tuple[str, Sanction]] | None = None,
) -> dict[str, int]:
    """Return each of FIGURES as it is counted in a scope; `counts` and `spans` are of it where they are at hand."""
    counts = counts or count_scores(work.conn, scope)
    sanctions = count_sanctions(work.conn, scope) if spans is None else counted_sanctions(spans)
    procedures = count_procedures(work.conn, scope)
    counted = {
        "person_times": sum(row.scores for row in counts.sorts),
        "persons": counts.persons,
        "points": sum(row.scores * row.points for row in counts.sorts),
        "institutions": counts.institutions,
        "suspended": sanctions.get("suspension", 0),
        "terminated": sanctions.get("termination", 0),
        "measures": sanctions.get(MEASURE, 0),
        "corrections": sum(many for (what, _how), many in procedures.items() if what == "correction"),
    }
    counted |= {name: procedures.get(key, 0) for name, key in _PROCEDURES.items()}
    return {name: counted[name] for name in FIGURES}


def changes_of(
    work: Work, *, month: Period | None = None, region: str | None = None, known_at: datetime | None = None
) -> Changes:
    """Return the figures of a month (default: this one) beside those of the last and of the year before.

    With the institutions whose person-times rose most. Raises as `scope_of`.
    """
    month = month or Period.of_month(work.today)
    months = [month, month.earlier(1), month.earlier(YEAR_MONTHS)]
    scopes = [scope_of(work, each, region=region, known_at=known_at) for each in months]
    this, last, before = (figures_of(work, scope) for scope in scopes)
    then = known_at or work.now
    return Changes(
        month=month,
        region=scopes[0].region,
        known_at=then,
        is_whole=month.until <= then.date(),
        items=tuple(
            FigureChange(figure=name, this_month=this[name], last_month=last[name], year_before=before[name])
            for name in FIGURES
        ),
        moved=_moved(work, month, region, known_at),
    )


def _moved(
    work: Work, month: Period, region: str | None, known_at: datetime | None
) -> tuple[MovedInstitution, ...]:
    both = Period(first=month.earlier(1).first, months=2)
    scope = scope_of(work, both, region=region, known_at=known_at)
    rows = moved_places(work.conn, scope, month.first, MOST_MOVED)
    names = institution_names(work, [code for code, _last, _this in rows])
    return tuple(
        MovedInstitution(institution=code, institution_name=names[code], this_month=this, last_month=last)
        for code, last, this in rows
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """The scores of a period by division, item, degree and category, and the figures of its procedures."""

    scope: Scope
    known_at: datetime
    sides: dict[str, list[Tally]]
    procedures: dict[str, int]


def composition_of(
    work: Work, period: Period, *, region: str | None = None, known_at: datetime | None = None
) -> Composition:
    """Return the scores of a period told apart, the most first, degrees in their order. Raises as `scope_of`."""
    scope = scope_of(work, period, region=region, known_at=known_at)
    procedures = count_procedures(work.conn, scope)
    counted = Counter({name: procedures.get(key, 0) for name, key in _PROCEDURES.items()})
    counted["corrections"] = sum(many for (what, _how), many in procedures.items() if what == "correction")
    return Composition(
        scope=scope,
        known_at=known_at or work.now,
        sides=sides_of(work, scope),
        procedures=dict(counted),
    )


def sides_of(work: Work, scope: Scope) -> dict[str, list[Tally]]:
    """Return the scores of a scope by each side, the most first, degrees in their order."""
    sides: dict[str, list[Tally]] = {"county": [], "item": [], "degree": [], "category": []}
    for row in tally_scores(work.conn, scope):
        sides[row.side].append(row)
    order = list(Degree)
    sides["degree"].sort(key=lambda row: order.index(Degree(row.key)))
    return sides


def punctuality_of(
    work: Work, period: Period, *, region: str | None = None, known_at: datetime | None = None
) -> tuple[Scope, list[Punctuality]]:
    """Return how many papers of a period were in time, each kind with its last days. Raises as `scope_of`."""
    scope = scope_of(work, period, region=region, known_at=known_at)
    return scope, punctual_in(work, scope)


def punctual_in(work: Work, scope: Scope) -> list[Punctuality]:
    """Return the same in a scope, kinds without any paper too."""
    by_paper = {row.what: row for row in count_punctuality(work.conn, scope)}
    return [by_paper.get(what) or Punctuality(what, 0, 0, 0, 0) for what in PUNCTUAL]
