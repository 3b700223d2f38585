"""The fold: a file's entries, in order, to totals, sanctions and a trace (scheme.md 2.3).

The trace is written by the same evaluation that gives the answer; there is no second one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from scoring_service.core.entries import (
    Correction,
    Entry,
    Measure,
    MeasureLifted,
    PointsCredit,
    Reregistration,
    Resumption,
    Score,
    TermCredit,
    YearClosed,
    carried_value,
)
from scoring_service.core.rulebook import Ground, ResumptionMode
from scoring_service.core.sanctions import (
    Resumed,
    Sanction,
    SanctionKind,
    in_order,
    lift,
    resume,
    shorten,
    start_anew,
    suspend,
    suspend_by_measure,
    terminate,
    terminate_by_measure,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime


class ConsequenceKind(StrEnum):
    """What a step of the fold brought about."""

    WARNING = "warning"
    SUSPENSION = "suspension"
    EXTENSION = "extension"
    TERMINATION = "termination"
    SHORTENED = "shortened"
    RESUMED = "resumed"
    MEASURE = "measure"
    LIFTED = "lifted"
    NEW_START = "new_start"


class Consequence(NamedTuple):
    """A step's effect. `amount` is points of the tier, months, ban years or days, as `kind` says.

    `measure` is what the institution must do at a warning's tier, and of a measure against it the sanction it makes.
    """

    kind: ConsequenceKind
    amount: int
    ground: Ground | None = None
    measure: str | None = None

    def __str__(self) -> str:
        """Return the consequence as the English words that the API's trace carries."""
        return _WORDS[self.kind].format(self.amount, "" if self.amount == 1 else "s", self.measure)


# What gives a year a total; of the rest nothing is counted.
_COUNTED = (Score, PointsCredit, TermCredit, Reregistration)
_WORDS = {
    ConsequenceKind.WARNING: "warning at {0} point{1}: {2}",
    ConsequenceKind.SUSPENSION: "suspension of {0} month{1}",
    ConsequenceKind.EXTENSION: "suspension extended by {0} month{1}",
    ConsequenceKind.TERMINATION: "termination with a ban of {0} year{1}",
    ConsequenceKind.SHORTENED: "sanction shortened by {0} day{1}",
    ConsequenceKind.RESUMED: "resumption {0} day{1} late",
    ConsequenceKind.MEASURE: "{2} by a measure against the institution",
    ConsequenceKind.LIFTED: "measure lifted",
    ConsequenceKind.NEW_START: "new start after a ban",
}


class Step(NamedTuple):
    """One folded entry: the total of its scoring year before and after, and what followed."""

    entry: Entry
    corrected_to: int | None
    year: int
    total_before: int
    total_after: int
    consequence: Consequence | None

    @property
    def counted(self) -> int:
        """Points that the entry moved its year's total by."""
        return self.total_after - self.total_before


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedFile:
    """What the entries give: the trace in fold order and every sanction span, past and future."""

    steps: tuple[Step, ...]
    sanctions: tuple[Sanction, ...]

    def totals(self, as_of: date) -> dict[int, int]:
        """Return the total of each scoring year with entries, from entries effective on or before `as_of`."""
        totals: dict[int, int] = {}
        for step in self.steps:
            if step.entry.effective_on > as_of:
                break
            if isinstance(step.entry, Reregistration):
                totals = dict.fromkeys(totals, 0)
            if isinstance(step.entry, _COUNTED):
                totals[step.year] = step.total_after
        return totals

    def points(self, as_of: date) -> int:
        """Return the total of `as_of`'s year on that day."""
        return self.totals(as_of).get(as_of.year, 0)


@dataclass(slots=True)
class _Fold:
    """The state while folding; one method a kind of entry."""

    totals: dict[int, int] = field(default_factory=dict)
    imposed: dict[int, int] = field(default_factory=dict)
    grave: set[int] = field(default_factory=set)
    warned: set[tuple[int, int]] = field(default_factory=set)
    sanctions: list[Sanction] = field(default_factory=list)

    def score(self, entry: Score, points: int) -> tuple[int, int, int, Consequence | None]:
        year = entry.decided_on.year
        before = self.totals.get(year, 0)
        if points == 0:
            return year, before, before, None
        rulebook = entry.rulebook
        after = self.totals[year] = min(rulebook.terminate_at, before + points)
        if points >= rulebook.suspend_at:
            self.grave.add(year)
        if points >= rulebook.terminate_at or before < rulebook.terminate_at <= after:
            return year, before, after, self._terminate(entry, year, points)
        if rulebook.suspend_at <= after < rulebook.terminate_at:
            return year, before, after, self._suspend(entry, year, after)
        return year, before, after, self._warn(entry, year, before, after)

    def _terminate(self, entry: Score, year: int, points: int) -> Consequence:
        rulebook = entry.rulebook
        ground = Ground.SINGLE if points >= rulebook.terminate_at else Ground.ACCUMULATED
        ban_years = rulebook.ban_years[ground]
        self.sanctions = terminate(
            self.sanctions, rulebook.start(entry.effective_on), year, ground, ban_years
        )
        return Consequence(ConsequenceKind.TERMINATION, ban_years, ground)

    def _suspend(self, entry: Score, year: int, after: int) -> Consequence | None:
        rulebook = entry.rulebook
        ground = Ground.SINGLE if year in self.grave else Ground.ACCUMULATED
        due = rulebook.suspension_months[ground][after]
        imposed = self.imposed.get(year, 0)
        if due <= imposed:
            return None
        known = len(self.sanctions)
        start = rulebook.start(entry.effective_on)
        on_application = rulebook.resumption_mode is ResumptionMode.ON_APPLICATION
        self.sanctions = suspend(
            self.sanctions, start, year, ground, due - imposed, on_application=on_application
        )
        self.imposed[year] = due
        grown = len(self.sanctions) == known
        return Consequence(
            ConsequenceKind.EXTENSION if grown else ConsequenceKind.SUSPENSION, due - imposed, ground
        )

    def _warn(self, entry: Score, year: int, before: int, after: int) -> Consequence | None:
        crossed = [tier for tier in entry.rulebook.warnings if before < tier.points <= after]
        if not crossed:
            return None
        tier = max(crossed, key=lambda tier: tier.points)
        if (year, tier.points) in self.warned:
            return None
        self.warned.add((year, tier.points))
        return Consequence(ConsequenceKind.WARNING, tier.points, None, tier.measure)

    def points_credit(self, entry: PointsCredit, points: int) -> tuple[int, int, int, Consequence | None]:
        year = entry.effective_on.year
        before = self.totals.get(year, 0)
        after = self.totals[year] = max(0, before - points)
        return year, before, after, None

    def term_credit(self, entry: TermCredit, days: int) -> tuple[int, int, int, Consequence | None]:
        year = entry.effective_on.year
        total = self.totals.get(year, 0)
        shortened = sum(span.credited_days for span in self.sanctions)
        self.sanctions = shorten(self.sanctions, entry.effective_on, days, entry.rulebook)
        moved = sum(span.credited_days for span in self.sanctions) - shortened
        consequence = Consequence(ConsequenceKind.SHORTENED, moved) if moved else None
        return year, total, total, consequence

    def resumption(self, entry: Resumption) -> Consequence:
        self.sanctions = resume(self.sanctions, Resumed(entry.id, entry.effective_on, entry.late_days))
        return Consequence(ConsequenceKind.RESUMED, entry.late_days)

    def measure(self, entry: Measure) -> Consequence | None:
        start = max(entry.start, entry.rulebook.start(entry.effective_on))
        known = len(self.sanctions)
        if entry.effect is SanctionKind.SUSPENSION:
            self.sanctions = suspend_by_measure(self.sanctions, entry.id, start, entry.until)
        else:
            ban_years = entry.rulebook.ban_years[Ground.MEASURE]
            self.sanctions = terminate_by_measure(self.sanctions, entry.id, start, ban_years)
        if len(self.sanctions) == known:
            return None
        return Consequence(ConsequenceKind.MEASURE, 0, Ground.MEASURE, entry.effect.value)

    def lifting(self, entry: MeasureLifted) -> Consequence | None:
        before, self.sanctions = self.sanctions, lift(self.sanctions, entry.target, entry.effective_on)
        return Consequence(ConsequenceKind.LIFTED, 0) if self.sanctions != before else None

    def reregistration(self, entry: Reregistration) -> tuple[int, int, int, Consequence | None]:
        year = entry.effective_on.year
        before = self.totals.get(year, 0)
        self.sanctions = start_anew(self.sanctions, entry.effective_on)
        for kept in (self.totals, self.imposed, self.grave, self.warned):
            kept.clear()
        return year, before, 0, Consequence(ConsequenceKind.NEW_START, 0)

    def step(self, entry: Entry, corrected_to: int | None) -> Step:
        if isinstance(entry, Score):
            moved = self.score(entry, entry.points if corrected_to is None else corrected_to)
        elif isinstance(entry, PointsCredit):
            moved = self.points_credit(entry, entry.points if corrected_to is None else corrected_to)
        elif isinstance(entry, TermCredit):
            moved = self.term_credit(entry, entry.days if corrected_to is None else corrected_to)
        elif isinstance(entry, Reregistration):
            moved = self.reregistration(entry)
        else:
            moved = self._without_points(entry, self._of_the_state(entry, corrected_to))
        return Step(entry, corrected_to, *moved)

    def _of_the_state(self, entry: Entry, corrected_to: int | None) -> Consequence | None:
        """Fold an entry that moves no points."""
        if isinstance(entry, Resumption):
            return self.resumption(entry)
        if isinstance(entry, Measure):
            return self.measure(entry) if corrected_to is None else None
        if isinstance(entry, MeasureLifted):
            return self.lifting(entry)
        message = f"an entry of kind {type(entry).__name__} is not folded"
        raise TypeError(message)

    def _without_points(
        self, entry: Entry, consequence: Consequence | None
    ) -> tuple[int, int, int, Consequence | None]:
        total = self.totals.get(entry.effective_on.year, 0)
        return entry.effective_on.year, total, total, consequence


def known(entries: Iterable[Entry], known_at: datetime, revision: int | None = None) -> list[Entry]:
    """Return the entries recorded up to `known_at`, and among the first `revision` changes of the file."""
    return [
        entry
        for entry in entries
        if entry.recorded_at <= known_at and (revision is None or entry.revision <= revision)
    ]


def present_values(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the value to which each corrected entry now stands, by the corrected entry's id."""
    corrections = sorted(
        (entry for entry in entries if isinstance(entry, Correction)), key=lambda entry: entry.seq
    )
    return {correction.target: correction.value for correction in corrections}


def value_of(entry: Entry, entries: Iterable[Entry]) -> int:
    """Return what `entry` counts now among the `entries` of its file: points, or days of a term credit.

    Raises TypeError for an entry that cannot be corrected.
    """
    return present_values(entries).get(entry.id, carried_value(entry))


def fold(entries: Iterable[Entry]) -> FoldedFile:
    """Fold all `entries` of one file in the order of (`effective_on`, `seq`), corrections applied first."""
    entries = list(entries)
    corrected = present_values(entries)
    folded = [entry for entry in entries if not isinstance(entry, Correction | YearClosed)]
    if len(folded) > 1:
        folded.sort(key=lambda entry: (entry.effective_on, entry.seq))
    state = _Fold()
    steps = tuple(state.step(entry, corrected.get(entry.id)) for entry in folded)
    return FoldedFile(steps=steps, sanctions=in_order(state.sanctions))
