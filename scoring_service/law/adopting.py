"""A file that is proposed or adopted: laid over what is in force, and what it changes, from which day on, and where.

Whatever is stated for a day before the first on which it differs stays, value by value; from that day on the adopted
file decides, also over what a later release of the service ships. What it does not name stays as it is.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from scoring_service.core.errors import RuleError
from scoring_service.law.files import DatedValue, Parameter, RulebookFile, read_rulebook
from scoring_service.law.rulebooks import Rulebooks, as_stated, begun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A parameter that says something else from the day `on`; None where nothing is stated or the row has ended.

    `applies_to` are the rulebooks in which it does, `otherwise` those of the family that have a value of their own.
    """

    key: str
    title: str | None
    on: date
    before: DatedValue | None
    after: DatedValue | None
    applies_to: tuple[str, ...]
    otherwise: tuple[str, ...] = ()

    @property
    def ends_item(self) -> bool:
        """Whether an item of the catalogue is no longer one."""
        return self.key.startswith("items.") and self.before is not None and self.after is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a file would change: the law with it, the first day of a difference, and each of them."""

    law: Rulebooks
    begins_on: date
    differences: tuple[Difference, ...]


def named_file(rulebook_id: str, content: bytes) -> RulebookFile:
    """Read a file that was sent for a rulebook. Raises RulebookError with file, line and what to do."""
    return read_rulebook(content, Path(f"{rulebook_id}.yaml"))


def examined(law: Rulebooks, file: RulebookFile, today: date) -> Examined:
    """Return what a file would change if it were adopted today.

    Raises RulebookError for a fault of the file or of what it makes of the law, RuleError `unknown_rulebook`,
    `not_from_the_future` for a difference on a day up to today, `changes_nothing`.
    """
    in_force = law.file(file.id)
    _check_same_place(in_force, file)
    days = sorted(_differing(in_force, file))
    if not days:
        raise _nothing()
    begins_on, key, place = days[0]
    if begins_on <= today:
        raise RuleError(
            "not_from_the_future",
            f"{place}: {key} 自 {begins_on} 起的取值与现行规则不同；已施行的取值不得改动，"
            f"新取值须自 {today} 之后的日期起施行 / "
            f"{key} differs from the law in force as of {begins_on}: what was in force stays as it was,"
            f" a new value begins after {today}",
        )
    adopted = law.with_file(laid_over(in_force, file, begins_on))
    differences = differences_of(law, adopted, file.id, begins_on)
    if not differences:
        raise _nothing()
    return Examined(law=adopted, begins_on=begins_on, differences=differences)


def _nothing() -> RuleError:
    detail = "该文件与现行规则没有任何不同 / the file changes nothing of what is in force"
    return RuleError("changes_nothing", detail)


def _check_same_place(in_force: RulebookFile, file: RulebookFile) -> None:
    """Refuse a file for other divisions, on another base, or that leaves a parameter out. Raises RulebookError."""
    for name in ("divisions", "based_on", "in_force_from"):
        if getattr(in_force, name) != getattr(file, name):
            place = file.place.mapping().get(name, file.place)
            place.fail(
                f"{name} 须与现行规则一致，不能通过采纳改变",
                f"{name} must be as it is in force: adoption does not change it",
            )
    missing = [key for key in in_force.parameters if key not in file.parameters]
    if missing:
        file.place.fail(
            f"缺少现行的 {'、'.join(missing)}；请照抄原有取值，要终止的行以 null 结束",
            f"{', '.join(missing)} of the file in force is missing: keep what it says, and end a row with null",
        )


def _differing(in_force: RulebookFile, file: RulebookFile) -> Iterator[tuple[date, str, str]]:
    """Give the day, the parameter and the line of every value that stands in one of the files only."""
    for key, own in file.parameters.items():
        held = _by_start(in_force.parameters.get(key))
        for start, value in _by_start(own).items():
            if start not in held or _words(held.pop(start), dated=True) != _words(value, dated=True):
                yield start, key, f"{value.place.path}:{value.place.line}"
        yield from ((start, key, f"{own.values[0].place.path}:{own.values[0].place.line}") for start in held)


def _by_start(parameter: Parameter | None) -> dict[date, DatedValue]:
    return {value.start: value for value in parameter.values} if parameter else {}


def laid_over(earlier: RulebookFile, adopted: RulebookFile, begins_on: date) -> RulebookFile:
    """Return the file that says what `earlier` says before a day, and what `adopted` says from it on."""
    parameters = dict(earlier.parameters) | {
        key: _continued(earlier.parameters.get(key), own, begins_on)
        for key, own in adopted.parameters.items()
    }
    return replace(
        earlier,
        title=adopted.title,
        title_en=adopted.title_en,
        parameters=MappingProxyType(parameters),
        place=adopted.place,
        content=adopted.content,
    )


def _continued(earlier: Parameter | None, own: Parameter, begins_on: date) -> Parameter:
    # What is wrong with a value is told by its line in the file that was sent, where it stands there too.
    places = {start: value.place for start, value in _by_start(own).items()}
    before = tuple(
        replace(value, place=places.get(value.start, value.place))
        for value in (earlier.values if earlier else ())
        if value.start < begins_on
    )
    after = tuple(value for value in own.values if value.start >= begins_on)
    held = next((value for value in reversed(own.values) if value.start < begins_on), None)
    begins_anew = after and after[0].start == begins_on
    if held and not begins_anew and (not before or _words(before[-1]) != _words(held)):
        after = (replace(held, start=begins_on), *after)
    title = own.title or (earlier.title if earlier else None)
    return Parameter(key=own.key, title=title, values=before + after)


def differences_of(
    before: Rulebooks, after: Rulebooks, rulebook_id: str, begins_on: date
) -> tuple[Difference, ...]:
    """Return what `after` says otherwise than `before` from a day on, in a rulebook and those that inherit from it."""
    family = after.family(rulebook_id)
    grouped: dict[str, Difference] = {}
    for each in family:
        for other in _differences(before.parameters(each), after.parameters(each), begins_on):
            key = json.dumps(
                [other.key, f"{other.on}", _words(other.before), _words(other.after)], sort_keys=True
            )
            known = grouped.get(key, other)
            grouped[key] = replace(known, applies_to=(*known.applies_to, each))
    return tuple(
        replace(each, otherwise=tuple(heir for heir in family if heir not in each.applies_to))
        for each in sorted(grouped.values(), key=lambda each: each.on)
    )


def _differences(
    before: Mapping[str, Parameter], after: Mapping[str, Parameter], begins_on: date
) -> Iterator[Difference]:
    for key in dict(before) | dict(after):
        old, new = before.get(key), after.get(key)
        last = None
        for day in _days(old, new, begins_on):
            stated = _in_force(old, day), _in_force(new, day)
            words = _words(stated[0]), _words(stated[1])
            if words[0] != words[1] and words != last:
                title = (new and new.title) or (old and old.title) or None
                yield Difference(
                    key=key, title=title, on=day, before=stated[0], after=stated[1], applies_to=()
                )
            last = words if words[0] != words[1] else None


def _days(old: Parameter | None, new: Parameter | None, begins_on: date) -> list[date]:
    starts = (value.start for parameter in (old, new) if parameter for value in parameter.values)
    return sorted({begins_on, *(start for start in starts if start > begins_on)})


def _in_force(parameter: Parameter | None, day: date) -> DatedValue | None:
    value = begun(parameter, day) if parameter else None
    return None if value is None or value.value is None else value


def compared(law: Rulebooks, rulebook_id: str, earlier: date, later: date) -> tuple[Difference, ...]:
    """Return what a rulebook says otherwise on the later of two days. Raises RuleError `unknown_rulebook`."""
    both = (
        (parameter, _in_force(parameter, earlier), _in_force(parameter, later))
        for parameter in law.parameters(rulebook_id).values()
    )
    return tuple(
        Difference(
            key=parameter.key,
            title=parameter.title,
            on=after.start if after else later,
            before=before,
            after=after,
            applies_to=(rulebook_id,),
        )
        for parameter, before, after in both
        if _words(before) != _words(after)
    )


def _words(value: DatedValue | None, *, dated: bool = False) -> list[Any] | None:
    """Return all that is stated of a value, without the place where it stands."""
    if value is None:
        return None
    return [f"{value.start}" if dated else "", value.value, value.source, value.verified, value.basis]


def as_told(difference: Difference) -> dict[str, Any]:
    """Return a difference as the API tells it."""
    return {
        "parameter": difference.key,
        "title": difference.title,
        "on": difference.on.isoformat(),
        "before": difference.before and as_stated(difference.before),
        "after": difference.after and as_stated(difference.after),
        "applies_to": list(difference.applies_to),
        "otherwise": list(difference.otherwise),
    }


def digest_of(differences: tuple[Difference, ...]) -> str:
    """Return the SHA-256, in hexadecimal, of what somebody was shown who decides on it."""
    shown = json.dumps([as_told(each) for each in differences], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()
