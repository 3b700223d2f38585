"""The dated law: every rulebook file of a folder, resolved for a place and a day.

Here: overlays over their base, versions in time, and what the API shows. One file is read in `files`, values are
checked together in `checks`, hashed and stored in `values`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, Self

from scoring_service.core.errors import RuleError
from scoring_service.core.rulebook import Rulebook
from scoring_service.law.checks import check_dates, check_together
from scoring_service.law.files import DatedValue, Parameter, RulebookError, RulebookFile, read_rulebook_file
from scoring_service.law.values import canonical_values, from_values

__all__ = [
    "DEFAULT_RULEBOOK",
    "RULEBOOKS_DIRECTORY",
    "RulebookError",
    "Rulebooks",
    "from_values",
]

DEFAULT_RULEBOOK = "national"
# How many answers to "which rulebook, there and then" a process remembers.
MOST_READINGS = 20_000
RULEBOOKS_DIRECTORY = Path(__file__).parents[2] / "config" / "rulebooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dated:
    """A rulebook through time: its parameters with those it inherits, and one `Rulebook` a period."""

    file: RulebookFile
    in_force_from: date
    parameters: Mapping[str, Parameter]
    starts: tuple[date, ...]
    versions: tuple[Rulebook, ...]

    def on(self, day: date) -> Rulebook | None:
        position = bisect_right(self.starts, day)
        return self.versions[position - 1] if position else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebooks:
    """All rulebooks, resolved once at start and never changed."""

    _by_id: Mapping[str, _Dated]
    _by_division: Mapping[str, str]
    _prefix_lengths: tuple[int, ...]
    _default: str
    _readings: dict[tuple[str, date], Rulebook] = field(default_factory=dict)

    @classmethod
    def load(cls, directory: Path | None = None, *, default: str = DEFAULT_RULEBOOK) -> Self:
        """Read every `*.yaml` of `directory` (by default the folder `config/rulebooks` of the service).

        `default` is the rulebook of a division without one of its own. Raises RulebookError, whose text gives file,
        line and what to do.
        """
        directory = RULEBOOKS_DIRECTORY if directory is None else directory
        files = {path.stem: read_rulebook_file(path) for path in sorted(directory.glob("*.yaml"))}
        if default not in files:
            raise RulebookError(
                f"{directory}: 缺少 {default}.yaml，请补上 / {default}.yaml is missing; add it"
            )
        return cls._of(files, default)

    @classmethod
    def _of(cls, files: Mapping[str, RulebookFile], default: str) -> Self:
        divisions = _divisions(files.values())
        resolved: dict[str, _Dated] = {}
        for file in files.values():
            _resolve(file, files, resolved, ())
        return cls(
            _by_id=MappingProxyType(resolved),
            _by_division=MappingProxyType(divisions),
            _prefix_lengths=tuple(sorted({len(division) for division in divisions}, reverse=True)),
            _default=default,
        )

    def with_file(self, file: RulebookFile) -> Self:
        """Return all rulebooks with this file in the place of the one of its id. Raises RulebookError."""
        files = {rulebook_id: dated.file for rulebook_id, dated in self._by_id.items()}
        return self._of(files | {file.id: file}, self._default)

    def file(self, rulebook_id: str) -> RulebookFile:
        """Return the file of a rulebook. Raises RuleError `unknown_rulebook`."""
        return self._dated(rulebook_id).file

    def family(self, rulebook_id: str) -> tuple[str, ...]:
        """Return the rulebook and all that inherit from it. Raises RuleError `unknown_rulebook`."""
        above = self._dated(rulebook_id).file.id
        heirs = (key for key, dated in self._by_id.items() if dated.file.based_on == above)
        return (above, *(each for heir in heirs for each in self.family(heir)))

    def versions(self, rulebook_id: str) -> tuple[Rulebook, ...]:
        """Return a rulebook of each period, in their order. Raises RuleError `unknown_rulebook`."""
        return self._dated(rulebook_id).versions

    def parameters(self, rulebook_id: str) -> Mapping[str, Parameter]:
        """Return every parameter by its key, base and overlay resolved. Raises RuleError `unknown_rulebook`."""
        return self._dated(rulebook_id).parameters

    def resolve(self, rulebook_id: str, on: date) -> Rulebook:
        """Return the rulebook as it holds on the day `on`.

        Raises RuleError `unknown_rulebook`, or `no_rulebook` for a day before the first value.
        """
        rulebook = self._dated(rulebook_id).on(on)
        if rulebook is None:
            first = self._dated(rulebook_id).in_force_from
            raise RuleError(
                "no_rulebook",
                f"{on} 尚无规则，规则自 {first} 起施行 / no rulebook on {on}, the first day is {first}",
            )
        return rulebook

    def resolve_for_reading(self, rulebook_id: str, on: date) -> Rulebook:
        """Return the rulebook of the day `on`; before the first value the first (scheme.md 2.6)."""
        dated = self._dated(rulebook_id)
        return dated.on(on) or dated.versions[0]

    def for_reading(self, division: str, on: date) -> Rulebook:
        """Return the rulebook of a division on the day `on`; before the first value the first (scheme.md 2.6)."""
        reading = self._readings.get((division, on))
        if reading is None:
            if len(self._readings) >= MOST_READINGS:
                self._readings.clear()
            reading = self.resolve_for_reading(self.id_for_division(division), on)
            self._readings[division, on] = reading
        return reading

    def days_of_change(self) -> frozenset[date]:
        """Return the days on which one of the rulebooks begins to say something else."""
        return frozenset(day for dated in self._by_id.values() for day in dated.starts)

    def id_for_division(self, division: str) -> str:
        """Return the id of the rulebook with the longest prefix of `division`, else the default's."""
        for length in self._prefix_lengths:
            rulebook_id = self._by_division.get(division[:length])
            if rulebook_id is not None:
                return rulebook_id
        return self._default

    def for_division(self, division: str, on: date) -> Rulebook:
        """Return the rulebook of a division; raises RuleError `no_rulebook` before the first value."""
        return self.resolve(self.id_for_division(division), on)

    def items(self) -> list[dict[str, Any]]:
        """Return one row a rulebook, the default first, for `GET /rulebooks`."""
        ids = sorted(self._by_id, key=lambda rulebook_id: (rulebook_id != self._default, rulebook_id))
        return [_listed(self._by_id[rulebook_id]) for rulebook_id in ids]

    def describe(self, rulebook_id: str, on: date) -> dict[str, Any]:
        """Return what `GET /rulebooks/{id}?on=` shows: parameters with dates and sources, and items.

        Raises RuleError `unknown_rulebook`; a day before the first value shows the first.
        """
        dated = self._dated(rulebook_id)
        day = max(on, dated.in_force_from)
        held = _held(dated.parameters, day)
        rulebook = self.resolve(rulebook_id, day)
        return {
            **_listed(dated),
            **_named(rulebook),
            "on": on.isoformat(),
            "parameters": {
                key: _described(parameter, begun(parameter, day))
                for key, parameter in dated.parameters.items()
                if not key.startswith("items.")
            },
            "items": _catalogue(rulebook, dated, held),
        }

    def _dated(self, rulebook_id: str) -> _Dated:
        dated = self._by_id.get(rulebook_id)
        if dated is None:
            detail = f"没有规则 {rulebook_id} / there is no rulebook {rulebook_id}"
            raise RuleError("unknown_rulebook", detail)
        return dated


def _divisions(files: Iterable[RulebookFile]) -> dict[str, str]:
    divisions: dict[str, str] = {}
    for file in files:
        for division in file.divisions:
            if division in divisions:
                file.place.mapping()["divisions"].fail(
                    f"行政区划 {division} 已属于 {divisions[division]}",
                    f"division {division} belongs to {divisions[division]} already; remove one of them",
                )
            divisions[division] = file.id
    return divisions


def _resolve(
    file: RulebookFile, files: Mapping[str, RulebookFile], resolved: dict[str, _Dated], above: tuple[str, ...]
) -> _Dated:
    if file.id in resolved:
        return resolved[file.id]
    base = None
    if file.based_on is not None:
        if file.based_on not in files or file.based_on in (*above, file.id):
            _no_base(file)
        base = _resolve(files[file.based_on], files, resolved, (*above, file.id))
    resolved[file.id] = _dated(file, base)
    return resolved[file.id]


def _no_base(file: RulebookFile) -> NoReturn:
    file.place.mapping()["based_on"].fail(
        f"based_on 所指的 {file.based_on} 不存在或循环引用",
        f"based_on names {file.based_on}, which is not there or is based on this file; name another",
    )


def _dated(file: RulebookFile, base: _Dated | None) -> _Dated:
    in_force_from = base.in_force_from if base else file.in_force_from
    assert in_force_from is not None  # noqa: S101 - the file states it or has a base.
    check_dates(file, in_force_from)
    parameters = dict(base.parameters) if base else {}
    for key, own in file.parameters.items():
        parameters[key] = _laid_over(own, parameters.get(key))
    versions = _versions(file, parameters, in_force_from)
    return _Dated(
        file=file,
        in_force_from=in_force_from,
        parameters=MappingProxyType(parameters),
        starts=tuple(version.valid_from for version in versions),
        versions=versions,
    )


def _laid_over(own: Parameter, inherited: Parameter | None) -> Parameter:
    """From the first day of its own on, a file's values hold and those of its base no longer."""
    if inherited is None:
        return own
    earlier = tuple(value for value in inherited.values if value.start < own.values[0].start)
    return Parameter(key=own.key, title=own.title or inherited.title, values=earlier + own.values)


def _held(parameters: Mapping[str, Parameter], day: date) -> dict[str, DatedValue]:
    """Return the value of each parameter on `day`; a row not yet begun or ended is left out."""
    stated = {key: begun(parameter, day) for key, parameter in parameters.items()}
    return {key: value for key, value in stated.items() if value is not None and value.value is not None}


def begun(parameter: Parameter, day: date) -> DatedValue | None:
    """Return what a file states for `day`: the last value begun by then, which is null for a row that has ended."""
    position = bisect_right(parameter.values, day, key=lambda value: value.start)
    return parameter.values[position - 1] if position else None


def _versions(
    file: RulebookFile, parameters: Mapping[str, Parameter], in_force_from: date
) -> tuple[Rulebook, ...]:
    """Return one rulebook for each period in which the values are the same."""
    days = {in_force_from} | {value.start for parameter in parameters.values() for value in parameter.values}
    versions: list[Rulebook] = []
    for day in sorted(days):
        held = _held(parameters, day)
        check_together(file, day, held)
        stated = canonical_values({key: value.value for key, value in held.items()})
        version = from_values(file.id, day, stated)
        if not versions or versions[-1].values != version.values:
            versions.append(version)
    return tuple(versions)


def _listed(dated: _Dated) -> dict[str, Any]:
    return {
        "id": dated.file.id,
        "title": dated.file.title,
        "title_en": dated.file.title_en,
        "based_on": dated.file.based_on,
        "divisions": list(dated.file.divisions),
        "versions": [_named(version) for version in dated.versions],
    }


def _named(version: Rulebook) -> dict[str, Any]:
    return {"valid_from": version.valid_from.isoformat(), "sha256": version.sha256}


def _described(parameter: Parameter, held: DatedValue | None) -> dict[str, Any]:
    now = as_stated(held) if held else dict.fromkeys(_STATED)
    return {"title": parameter.title} | now | {"values": [as_stated(value) for value in parameter.values]}


_STATED = ("from", "value", "source", "verified", "basis", "rulebook")


def as_stated(value: DatedValue) -> dict[str, Any]:
    """Return a value as the API tells it, with its date, its source and its file."""
    return {
        "from": value.start.isoformat(),
        "value": value.value,
        "source": value.source,
        "verified": value.verified,
        "basis": value.basis,
        "rulebook": value.rulebook,
    }


def _catalogue(rulebook: Rulebook, dated: _Dated, held: Mapping[str, DatedValue]) -> list[dict[str, Any]]:
    return [
        {
            "key": item.key,
            "band": item.band,
            "title": item.title,
            "title_en": held[f"items.{item.key}"].value["title_en"],
            "legal_basis": item.legal_basis,
            "asks_legal_basis": item.asks_legal_basis,
            "degrees": [degree.value for degree in item.degrees],
            "source": held[f"items.{item.key}"].source,
            "verified": held[f"items.{item.key}"].verified,
            "basis": held[f"items.{item.key}"].basis,
            "rulebook": held[f"items.{item.key}"].rulebook,
            "values": [as_stated(value) for value in dated.parameters[f"items.{item.key}"].values],
        }
        for item in rulebook.items
    ]
