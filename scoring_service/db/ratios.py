"""The ratio of an institution: persons sanctioned while there, of those registered there (P30, scheme.md 2.6).

Counted of the present from the cache, and of a past moment from the registry as it was known then; what is counted is
said here alone. What a measure brought is left out: it follows from one against an institution.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import ARRAY, Date, Uuid, and_, bindparam, column, func, literal, or_, select

from scoring_service.core.rulebook import Ground
from scoring_service.db.merges import merged_by
from scoring_service.db.practitioner_lists import is_registered
from scoring_service.db.tables import (
    affiliations,
    audit_log,
    institutions,
    registrations,
    standing_affiliations,
    standing_sanctions,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, FromClause, Select, Table

    from scoring_service.core.sanctions import Sanction

Day: TypeAlias = "date | ColumnElement[date]"
_ID = Uuid(as_uuid=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of institutions and of where people are: affiliations, sanctions that count, who is registered."""

    places: FromClause
    there: FromClause
    struck: FromClause
    registered: Callable[[ColumnElement[str], Any], ColumnElement[bool]]

    def struck_there(self) -> Select[Any]:
        """Return the query of what struck persons, for each place where they were then, and registered."""
        there, struck = self.there.c, self.struck.c
        return (
            select(*struck)
            .select_from(self.there.join(self.struck, struck.practitioner_id == there.practitioner_id))
            .where(there.from_on <= struck.from_on, self._open_after(struck.from_on))
            .where(self.registered(there.practitioner_id, struck.from_on))
        )

    def sanctioned(self) -> Select[Any]:
        """Return the query of institutions with how many persons were struck while there and registered."""
        code, persons = self.there.c.institution_code, self.there.c.practitioner_id.distinct()
        return self.struck_there().with_only_columns(code, func.count(persons).label("sanctioned")).group_by(code)

    def registered_by_place(self, places: FromClause, day: Day) -> Select[Any]:
        """Return the query of how many persons are registered on a day at each of `places`, by its code."""
        there, code = self.there.c, places.c.institution_code
        return (
            select(there.institution_code, func.count(there.practitioner_id.distinct()).label("registered"))
            .select_from(self.there.join(places, code == there.institution_code))
            .where(there.from_on <= day, self._open_after(day), self.registered(there.practitioner_id, day))
            .group_by(there.institution_code)
        )

    def registered_at(self, code: ColumnElement[str], day: Day) -> ColumnElement[int]:
        """Return how many persons are registered at an institution on a day."""
        there = self.there.c
        return (
            select(func.count(there.practitioner_id.distinct()))
            .where(there.institution_code == code, there.from_on <= day, self._open_after(day))
            .where(self.registered(there.practitioner_id, day))
            .scalar_subquery()
        )

    def _open_after(self, day: Day) -> ColumnElement[bool]:
        return or_(self.there.c.until_on.is_(None), self.there.c.until_on > day)


def known_now(first: Day, last: Day) -> Known:
    """Return what is known now, with the sanctions that began from `first` to `last`."""
    spans = standing_sanctions.c
    query = select(spans.practitioner_id, spans.kind, spans.from_on, spans.until_on)
    counted = query.where(spans.ground != Ground.MEASURE, spans.from_on.between(first, last))
    return Known(
        places=institutions, there=standing_affiliations, struck=counted.subquery("struck"), registered=is_registered
    )


@cache
def ratios_now() -> Select[Any]:
    """Return the query of the institutions with people sanctioned from the day `first` to `day`, and those there then.

    Every day of a history asks it, so it is put together once.
    """
    first, day = bindparam("first", type_=Date), bindparam("day", type_=Date)
    known = known_now(first, day)
    sanctioned = known.sanctioned().cte("sanctioned")
    registered = known.registered_at(sanctioned.c.institution_code, day)
    query = select(sanctioned, registered.label("registered"), institutions.c.region).join(
        institutions, institutions.c.code == sanctioned.c.institution_code
    )
    return query.order_by(sanctioned.c.institution_code)


def known_then(sanctions: Iterable[tuple[str, Sanction]], known_at: datetime) -> Known:
    """Return what was known at a past moment, with these sanctions, each with whose it is."""
    rows = [(person, span.start) for person, span in sanctions if span.ground is not Ground.MEASURE]
    people, days = [person for person, _start in rows], [start for _person, start in rows]
    columns = column("practitioner_id", _ID), column("from_on", Date)
    given = func.unnest(literal(people, ARRAY(_ID)), literal(days, ARRAY(Date))).table_valued(*columns)

    def registered(person: ColumnElement[str], day: Day) -> ColumnElement[bool]:
        return _registered_then(known_at, person, day)

    return Known(
        places=institutions_then(known_at),
        there=_affiliations_then(known_at),
        struck=given.render_derived("struck"),
        registered=registered,
    )


def institutions_then(known_at: datetime) -> FromClause:
    """Return the institutions with name and division as they were then, by what is on record of later changes."""
    log, row = audit_log.c, institutions.c

    def then(field: str) -> ColumnElement[Any]:
        before = log.detail["before"][field].astext
        changed = select(before).where(
            log.object_kind == "institution", log.object_id == row.code, log.action == "institution.changed"
        )
        first_later = changed.where(log.at > known_at, before.is_not(None)).order_by(log.id).limit(1)
        return func.coalesce(first_later.scalar_subquery(), row[field]).label(field)

    return select(row.code, then("name"), then("region")).cte("institutions_then")


def _affiliations_then(known_at: datetime) -> FromClause:
    """Return the affiliations as they were known, of the files that stood then."""
    row = affiliations.alias("affiliated")
    stood = row.c.practitioner_id.not_in(merged_by(known_at))
    return select(row).where(_was_known(row, affiliations, known_at), stood).subquery("affiliated_then")


def _registered_then(known_at: datetime, person: ColumnElement[str], day: Day) -> ColumnElement[bool]:
    row = registrations.alias("registered")
    holds = and_(row.c.from_on <= day, or_(row.c.until_on.is_(None), row.c.until_on > day))
    known = _was_known(row, registrations, known_at)
    return select(row.c.span_id).where(row.c.practitioner_id == person, holds, known).exists()


def _was_known(row: FromClause, table: Table, known_at: datetime) -> ColumnElement[bool]:
    """Return the condition that a row of a person's table in time was the last known of its span."""
    later = table.alias("later")
    superseded = select(later.c.span_id).where(
        later.c.practitioner_id == row.c.practitioner_id,
        later.c.span_id == row.c.span_id,
        later.c.revision > row.c.revision,
        later.c.recorded_at <= known_at,
    )
    return and_(row.c.recorded_at <= known_at, ~superseded.exists())
