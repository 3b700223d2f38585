"""What a year would have brought under another law: a file folded as recorded, and once more under that law.

The other law stands in the place of the rulebook of each entry of the scoring year; entries of other years keep
theirs. Points are left as they were decided, and so is all that people did: credits, resumptions, re-registrations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from operator import is_
from typing import TYPE_CHECKING, NamedTuple

from scoring_service.core.entries import Correction, Score, YearClosed, scoring_year
from scoring_service.core.fold import ConsequenceKind, FoldedFile, fold
from scoring_service.core.sanction_changes import SanctionChange, sanction_changes
from scoring_service.core.touched import step_of_sanction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scoring_service.core.entries import Entry
    from scoring_service.core.rulebook import Rulebook
    from scoring_service.core.sanctions import Sanction


class Scored(NamedTuple):
    """A score of the year that counts, by its place in the order of the fold; `band` is None outside all bands."""

    position: int
    band: str | None


class Warned(NamedTuple):
    """A warning of the year: the place of its score in the order of the fold, its day, the points of its tier."""

    position: int
    on: date
    points: int


class Sanctioned(NamedTuple):
    """A sanction that the year brought, and the place of the score or measure that last made or moved it."""

    position: int
    sanction: Sanction


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOfFile:
    """What a scoring year brought to a file under one law, and every sanction that the file then has."""

    scores: tuple[Scored, ...]
    warnings: tuple[Warned, ...]
    brought: tuple[Sanctioned, ...]
    sanctions: tuple[Sanction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """The year of a file as recorded and under the other law; both are one where the law changes nothing at all."""

    before: YearOfFile
    after: YearOfFile

    @property
    def is_changed(self) -> bool:
        """Whether a warning or a sanction would have been another."""
        return self.before.warnings != self.after.warnings or bool(self.changes())

    def changes(self) -> tuple[SanctionChange, ...]:
        """Return the sanctions that would have been others."""
        if self.before.sanctions == self.after.sanctions:
            return ()
        return sanction_changes(self.before.sanctions, self.after.sanctions)


def simulate(entries: Iterable[Entry], year: int, law: Mapping[str, Rulebook]) -> Simulated:
    """Fold all entries of one file as recorded and under another law; `law` has by SHA-256 what stands for a rulebook.

    A rulebook that is not in `law` stands for itself.
    """
    entries = list(entries)
    return compare(entries, [under(entry, year, law) for entry in entries], year)


def compare(recorded: Sequence[Entry], others: Sequence[Entry], year: int) -> Simulated:
    """Fold the entries of one file as recorded, and as they are under another law: each the same or `under` it."""
    before = _year_of(fold(recorded), year)
    if all(map(is_, recorded, others)):
        return Simulated(before=before, after=before)
    after = _year_of(fold(others), year)
    return Simulated(before=before, after=before if after == before else after)


def under(entry: Entry, year: int, law: Mapping[str, Rulebook]) -> Entry:
    """Return an entry under another law; the entry itself where that leaves it as it is."""
    other = law.get(entry.rulebook.sha256)
    if other is None or other.sha256 == entry.rulebook.sha256 or scoring_year(entry) != year:
        return entry
    return replace(entry, rulebook=other)


def in_fold_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that the fold makes a step of, at their places in its order."""
    folded = (entry for entry in entries if not isinstance(entry, Correction | YearClosed))
    return sorted(folded, key=lambda entry: (entry.effective_on, entry.seq))


def _year_of(folded: FoldedFile, year: int) -> YearOfFile:
    scores, warnings, position_of = [], [], {}
    for position, step in enumerate(folded.steps):
        if step.year != year:
            continue
        position_of[step.entry.id] = position
        if isinstance(step.entry, Score) and step.corrected_to != 0:
            scores.append(Scored(position, _band(step.entry, step.corrected_to)))
        if step.consequence is not None and step.consequence.kind is ConsequenceKind.WARNING:
            warnings.append(Warned(position, step.entry.effective_on, step.consequence.amount))
    return YearOfFile(
        scores=tuple(scores),
        warnings=tuple(warnings),
        brought=tuple(_brought(folded, position_of)) if folded.sanctions else (),
        sanctions=folded.sanctions,
    )


def _band(score: Score, corrected_to: int | None) -> str | None:
    band = score.rulebook.band_of(score.points if corrected_to is None else corrected_to)
    return None if band is None else band.key


def _brought(folded: FoldedFile, position_of: Mapping[str, int]) -> Iterator[Sanctioned]:
    """Give the sanctions whose last cause lies in the year: of those that points brought, a score of it."""
    for span in folded.sanctions:
        cause = span.measure or step_of_sanction(folded, span).entry.id
        if cause in position_of:
            yield Sanctioned(position_of[cause], span)
