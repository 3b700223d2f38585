"""The entries of a practitioner's ledger (scheme.md 2.1). They are never changed and never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from datetime import date, datetime

    from scoring_service.core.rulebook import Degree, Rulebook
    from scoring_service.core.sanctions import SanctionKind


class EntryKind(StrEnum):
    """The nine kinds of entry."""

    SCORE = "score"
    POINTS_CREDIT = "points_credit"
    TERM_CREDIT = "term_credit"
    RESUMPTION = "resumption"
    MEASURE = "measure"
    MEASURE_LIFTED = "measure_lifted"
    CORRECTION = "correction"
    REREGISTRATION = "reregistration"
    YEAR_CLOSED = "year_closed"


# What a correction lowers, and an appeal may be about.
CORRECTABLE = frozenset({EntryKind.SCORE, EntryKind.POINTS_CREDIT, EntryKind.TERM_CREDIT, EntryKind.MEASURE})


class Basis(StrEnum):
    """What a correction rests on."""

    APPEAL = "appeal"
    CLERICAL = "clerical"
    RECONSIDERATION = "reconsideration"
    COURT = "court"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What every entry carries: its place in the file, its two dates and its rulebook.

    `seq` counts 1, 2, 3 … within the file; `revision` counts every change of the file, registry rows included.
    """

    id: str
    seq: int
    revision: int
    effective_on: date
    recorded_at: datetime
    rulebook: Rulebook
    kind: ClassVar[EntryKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Entry):
    """A violation scored: `points` 1–12, counted in the calendar year of `decided_on`."""

    points: int
    decided_on: date
    finding: str
    item: str
    degree: Degree
    kind: ClassVar[EntryKind] = EntryKind.SCORE


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsCredit(Entry):
    """Points earned back: lowers the total of the year of `effective_on`."""

    points: int
    application: str
    kind: ClassVar[EntryKind] = EntryKind.POINTS_CREDIT


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCredit(Entry):
    """Days earned back: shortens the sanction in force on `effective_on`."""

    days: int
    application: str
    kind: ClassVar[EntryKind] = EntryKind.TERM_CREDIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption(Entry):
    """The evaluation was passed: the suspensions then in force end with their term, or `late_days` after it (P39)."""

    application: str
    late_days: int
    kind: ClassVar[EntryKind] = EntryKind.RESUMPTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Entry):
    """What a measure against the institution or a department makes of its responsible persons (P34); no points.

    `effect` holds from `start`; `until` None: no end is known.
    """

    effect: SanctionKind
    start: date
    until: date | None
    case: str
    kind: ClassVar[EntryKind] = EntryKind.MEASURE


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureLifted(Entry):
    """The measure `target` ends on `effective_on`."""

    target: str
    kind: ClassVar[EntryKind] = EntryKind.MEASURE_LIFTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(Entry):
    """The `target` entry counts with `value` from the start; 0 is as if it had never been."""

    target: str
    value: int
    basis: Basis
    kind: ClassVar[EntryKind] = EntryKind.CORRECTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Reregistration(Entry):
    """A new start after a ban."""

    kind: ClassVar[EntryKind] = EntryKind.REREGISTRATION


@dataclass(frozen=True, slots=True, kw_only=True)
class YearClosed(Entry):
    """Bookkeeping of a year's final total; changes no arithmetic."""

    year: int
    total: int
    kind: ClassVar[EntryKind] = EntryKind.YEAR_CLOSED


def scoring_year(entry: Entry) -> int:
    """Return the year whose total an entry moves: of a score that of its decision, else that of its effect."""
    return entry.decided_on.year if isinstance(entry, Score) else entry.effective_on.year


def carried_value(entry: Entry) -> int:
    """Return what a correction of `entry` would lower: points of a score or credit, days of a term credit.

    A measure holds or does not: it counts 1. Raises TypeError for an entry that cannot be corrected.
    """
    if isinstance(entry, Score | PointsCredit):
        return entry.points
    if isinstance(entry, TermCredit):
        return entry.days
    if isinstance(entry, Measure):
        return 1
    message = f"an entry of kind {type(entry).__name__} carries no value to correct"
    raise TypeError(message)
