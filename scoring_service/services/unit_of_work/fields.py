"""What a list can be narrowed and sorted by: its fields, each named as in its answer.

Narrowing begins with the list that the actor may see: no filter, count or order reaches beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import and_

from scoring_service.core.civil import midnight

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from scoring_service.services.unit_of_work.listing import Listing
    from scoring_service.services.unit_of_work.transaction import Work

Item = TypeVar("Item")
Condition = Callable[["Work", Any], "ColumnElement[bool]"]
DESCENDING = "-"
WEEK_DAYS = 7


class FieldKind(StrEnum):
    """How a field is asked for: by one of its words, a code, a division's beginning, days, true, an item; or not."""

    CHOICE = "choice"
    CODE = "code"
    DIVISION = "division"
    DAY = "day"
    INSTANT = "instant"
    FLAG = "flag"
    ITEM = "item"
    PLAIN = "plain"


class Due(StrEnum):
    """When something is due, as desks ask for it; a week begins on its Monday."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"


class Bound(StrEnum):
    """An end of days that are asked for, `[from, until)`: what its parameter's name ends with."""

    FROM = "_from"
    UNTIL = "_until"


IN_DAYS = frozenset({FieldKind.DAY, FieldKind.INSTANT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a list, which sorts by its `column`; without one it only narrows.

    A CHOICE is asked for by one of its `choices`. What is not compared with the column itself is asked for by
    `matches`. The values of a `secret` one are names of people, which stand in no address. `gapped` is whether a row
    may lack it, where the column does not say so itself.
    """

    kind: FieldKind = FieldKind.PLAIN
    column: ColumnElement[Any] | None = None
    choices: tuple[str, ...] = ()
    matches: Condition | None = None
    secret: bool = False
    gapped: bool | None = None


Fields = Mapping[str, Field]


def due_field(column: ColumnElement[Any], *, runs: ColumnElement[bool]) -> Field:
    """Return the field `due` of a list: by a last day, of what `runs` towards it still."""

    def matches(work: Work, due: str) -> ColumnElement[bool]:
        first, end = due_days(work.today, Due(due))
        return and_(runs, column >= first, column < end)

    return Field(kind=FieldKind.CHOICE, column=column, choices=tuple(Due), matches=matches)


def own_field(condition: Callable[[Work], ColumnElement[bool]]) -> Field:
    """Return the field `mine` of a list: what the actor has a hand in."""

    def matches(work: Work, is_mine: bool) -> ColumnElement[bool]:  # noqa: FBT001 -- the value of a filter
        return condition(work) if is_mine else ~condition(work)

    return Field(kind=FieldKind.FLAG, matches=matches)


def due_days(today: date, due: Due) -> tuple[date, date]:
    """Return the days `[from, until)` that are overdue, today, or of this week."""
    if due is Due.OVERDUE:
        return date.min, today
    if due is Due.TODAY:
        return today, today + timedelta(days=1)
    monday = today - timedelta(days=today.weekday())
    return monday, monday + timedelta(days=WEEK_DAYS)


def parameters(fields: Fields) -> Iterator[tuple[str, str, Bound | None]]:
    """Return what a list can be asked for: each parameter's name, the field's, and which end of days it is."""
    for name, field in fields.items():
        if field.kind in IN_DAYS:
            yield from ((f"{name}{bound}", name, bound) for bound in Bound)
        elif field.kind is not FieldKind.PLAIN:
            yield name, name, None


def sorts(fields: Fields) -> list[str]:
    """Return what a list can be sorted by: each name rising, and falling behind a `-`."""
    named = [name for name, field in fields.items() if field.column is not None]
    return [direction + name for name in named for direction in ("", DESCENDING)]


def narrowed(work: Work, listing: Listing[Item], filters: Mapping[str, Any]) -> Listing[Item]:
    """Return the list with only those rows that fit all `filters`, by the name of the parameter.

    Days come as dates, a flag as a bool, the rest as text. Raises KeyError for what its fields do not know.
    """
    known = {parameter: (name, bound) for parameter, name, bound in parameters(listing.fields)}
    conditions = []
    for parameter, value in filters.items():
        name, bound = known[parameter]
        conditions.append(_condition(work, listing.fields[name], bound, value))
    return replace(listing, query=listing.query.where(*conditions))


def _condition(work: Work, field: Field, bound: Bound | None, value: Any) -> ColumnElement[bool]:
    if field.matches is not None:
        return field.matches(work, value)
    column = field.column
    assert column is not None  # noqa: S101 -- a field compares its column, or says how it matches
    if bound is not None:
        edge = midnight(value) if field.kind is FieldKind.INSTANT else value
        return column >= edge if bound is Bound.FROM else column < edge
    if field.kind is FieldKind.DIVISION:
        return column.startswith(value, autoescape=True)
    if field.kind is FieldKind.FLAG:
        return column.is_(value)
    return and_(column == value)


def sorted_by(listing: Listing[Item], sort: str) -> Listing[Item]:
    """Return the list in another order: by a field, falling behind a `-`; rows that lack it come last, equals by id.

    Raises KeyError for what its fields do not know.
    """
    name = sort.removeprefix(DESCENDING)
    field = listing.fields[name]
    if field.column is None:
        raise KeyError(name)
    column, query = field.column, listing.query
    if column not in set(query.selected_columns):
        column = column.label(f"by_{name}")
        query = query.add_columns(column)
    return replace(
        listing,
        query=query,
        keys=(column, listing.keys[-1]),
        descending=sort != name,
        gapped=getattr(field.column, "nullable", True) if field.gapped is None else field.gapped,
        secret=field.secret,
    )
