"""Counts of a simulated year before and after: as a whole, by band of points, by institution, by category."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from scoring_service.core.rulebook import OUTSIDE
from scoring_service.core.sanctions import SanctionKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring_service.core.sanctions import Sanction
    from scoring_service.core.simulation import Simulated, YearOfFile


class Place(NamedTuple):
    """Where a score came from: the institution of its case and the category of the person, in its finding."""

    institution: str
    category: str


class Group(NamedTuple):
    """What is counted together: `by` a dimension, one `key` of it. Both are empty for the whole."""

    by: str
    key: str


WHOLE = Group("", "")


@dataclass(slots=True, kw_only=True)
class Counts:
    """How many scores; how many persons were warned, suspended, terminated by points, and for how many days.

    `measures` are persons with a sanction that a measure against their institution brought.
    """

    person_times: int = 0
    warned: int = 0
    suspended: int = 0
    suspended_days: int = 0
    terminated: int = 0
    terminated_days: int = 0
    measures: int = 0


_OF_KIND = {SanctionKind.SUSPENSION: "suspended", SanctionKind.TERMINATION: "terminated"}


class Source(NamedTuple):
    """The band of a score's points and its place: what was counted of one source is counted in four groups."""

    band: str
    place: Place


@dataclass(slots=True)
class Side:
    """The counts under one law. A person counts once in each group in which a score of theirs brought it."""

    # Scores, days, and persons whom one source alone brought it; the rest by the group.
    _of_source: Counter[tuple[Source, str]] = field(default_factory=Counter)
    _of_group: Counter[tuple[Group, str]] = field(default_factory=Counter)

    def add(self, held: YearOfFile, places: Sequence[Place]) -> None:
        """Count a file; `places` has the place of each entry in the order of the fold."""
        of_source = self._of_source
        sources = {position: Source(band or OUTSIDE, places[position]) for position, band in held.scores}
        for source in sources.values():
            of_source[source, "person_times"] += 1
        if held.warnings or held.brought:
            self._add_persons(held, sources)

    def _add_persons(self, held: YearOfFile, sources: Mapping[int, Source]) -> None:
        brought = {"warned": [sources[warning.position] for warning in held.warnings]}
        for position, sanction in held.brought:
            if sanction.measure is None:
                what = _OF_KIND[sanction.kind]
                brought.setdefault(what, []).append(sources[position])
                self._of_source[sources[position], f"{what}_days"] += _length(sanction)
        for what, by in brought.items():
            if len(by) == 1:
                self._of_source[by[0], what] += 1
            else:
                self._of_group.update({(group, what) for source in by for group in _groups(source)})
        if any(sanction.measure is not None for _position, sanction in held.brought):
            self._of_group[WHOLE, "measures"] += 1

    def reduce(self) -> None:
        """Keep what was counted by the group alone: there are fewer groups than sources."""
        of_kind: Counter[tuple[str, str, str]] = Counter()
        of_place: Counter[tuple[str, str]] = Counter()
        for (source, what), amount in self._of_source.items():
            of_kind[source.band, source.place.category, what] += amount
            of_place[source.place.institution, what] += amount
        self._of_source.clear()
        for (band, category, what), amount in of_kind.items():
            for group in (WHOLE, Group("band", band), Group("category", category)):
                self._of_group[group, what] += amount
        for (institution, what), amount in of_place.items():
            self._of_group[Group("institution", institution), what] += amount

    def join(self, other: Side) -> None:
        """Count what another has counted of other files; both are reduced."""
        self._of_group.update(other._of_group)

    def groups(self) -> dict[Group, Counts]:
        """Return the counts of each group that has any, when it is reduced; the whole always is one."""
        groups = {WHOLE: Counts()}
        for (group, what), amount in self._of_group.items():
            counts = groups.setdefault(group, Counts())
            setattr(counts, what, getattr(counts, what) + amount)
        return groups


def _groups(source: Source) -> tuple[Group, ...]:
    band, (institution, category) = source
    return WHOLE, Group("band", band), Group("institution", institution), Group("category", category)


def _length(sanction: Sanction) -> int:
    return 0 if sanction.until is None else (sanction.until - sanction.start).days


@dataclass(slots=True)
class Tally:
    """What a simulation has counted: files as recorded and under the other law, and those of one and the same.

    `persons` are the files, `changed` those whose warnings or sanctions would have been others, `outside` the scores
    whose points lie outside every band of the other law.
    """

    persons: int = 0
    changed: int = 0
    outside: int = 0
    _before: Side = field(default_factory=Side)
    _after: Side = field(default_factory=Side)
    _same: Side = field(default_factory=Side)

    def add(self, simulated: Simulated, places: Sequence[Place]) -> None:
        """Count a file."""
        self.persons += 1
        if simulated.before is simulated.after:
            self._same.add(simulated.before, places)
            return
        self._before.add(simulated.before, places)
        self._after.add(simulated.after, places)
        self.outside += sum(scored.band is None for scored in simulated.after.scores)
        self.changed += simulated.is_changed

    def reduce(self) -> None:
        """Keep what was counted by the group alone; nothing can be told of it before, nor joined with another's."""
        for side in (self._before, self._after, self._same):
            side.reduce()

    def join(self, other: Tally) -> None:
        """Count what another has counted of other files; both are reduced."""
        for name in ("persons", "changed", "outside"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self._before.join(other._before)
        self._after.join(other._after)
        self._same.join(other._same)

    def compared(self) -> dict[Group, tuple[Counts, Counts]]:
        """Return the counts of each group as recorded and under the other law, when they are reduced."""
        sides = Side(), Side()
        for side, own in zip(sides, (self._before, self._after), strict=True):
            side.join(own)
            side.join(self._same)
        before, after = (side.groups() for side in sides)
        groups = sorted({*before, *after})
        return {group: (before.get(group, Counts()), after.get(group, Counts())) for group in groups}
