"""Lists of practitioners, answered from the standing cache; each page goes on after an id.

Every condition is one that an index answers, so that a page costs the same in a country as in a town.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, literal, literal_column, or_, select, union_all

from scoring_service.db.tables import (
    institutions,
    persons,
    practitioners,
    registrations,
    standing_affiliations,
    standing_codes,
    standing_sanctions,
    standing_totals,
    standings,
)
from scoring_service.written import as_searched

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, FromClause, ScalarSelect, Select


# A merged file is in no list: its person is found under the file that answers for it.
_STANDS = practitioners.c.merged_into.is_(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearThreshold:
    """Totals of a scoring year from `least` to `most` points."""

    year: int
    least: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWithStanding:
    """A person as on record now, with the profile of the cache and the points of a year, None without any."""

    id: str
    code: str | None
    name: str
    id_number_masked: str | None
    category: str
    revision: int
    version: int
    profile: bytes
    points: int | None


def person_with_standing(conn: Connection, practitioner_id: str, year: int) -> PersonWithStanding:
    """Return a person with the profile of the cache and the points of `year`."""
    query = _people(year).where(practitioners.c.id == practitioner_id)
    return PersonWithStanding(**conn.execute(query).mappings().one())


def ids_of(conditions: Sequence[ColumnElement[bool]], *, year: int) -> Select[Any]:
    """Return the query of the ids of the people who fulfil all conditions, joined with their totals of a year.

    The ids of a page are chosen before the rest is read: a plan that carries whole rows along is ten times slower.
    """
    query = select(practitioners.c.id).outerjoin(standing_totals, _of_year(year))
    return query.where(_STANDS, *conditions)


def people(conn: Connection, ids: Sequence[str], *, year: int) -> list[PersonWithStanding]:
    """Return the people of these ids, in their order."""
    rows = conn.execute(_people(year).where(practitioners.c.id.in_(ids))).mappings() if ids else ()
    by_id = {row["id"]: PersonWithStanding(**row) for row in rows}
    return [by_id[each] for each in ids]


def count(conn: Connection, conditions: Sequence[ColumnElement[bool]]) -> int:
    """Return how many people fulfil all conditions."""
    return conn.execute(select(func.count()).select_from(practitioners).where(_STANDS, *conditions)).scalar_one()


def _people(year: int) -> Select[Any]:
    person, totals = practitioners.c, standing_totals.c
    columns = (person.id, person.code, person.name, person.id_number_masked, person.category)
    return (
        select(*columns, person.revision, person.version, standings.c.profile, totals.points)
        .join(standings, standings.c.practitioner_id == practitioners.c.id)
        .outerjoin(standing_totals, _of_year(year))
    )


def _of_year(year: int) -> ColumnElement[bool]:
    return and_(standing_totals.c.practitioner_id == practitioners.c.id, standing_totals.c.year == year)


def at_institution(
    code: str, day: date, *, person: ColumnElement[str] = practitioners.c.id
) -> ColumnElement[bool]:
    """People registered at an institution on `day`."""
    spans = standing_affiliations.c
    return person.in_(
        select(spans.practitioner_id).where(
            spans.institution_code == code,
            spans.from_on <= day,
            or_(spans.until_on.is_(None), spans.until_on > day),
        )
    )


def working_in(
    division: str, day: date, *, person: ColumnElement[str] = practitioners.c.id
) -> ColumnElement[bool]:
    """People registered on `day` at an institution of a division, each looked up: a page need not wait for all."""
    spans, places = standing_affiliations.alias(), institutions.alias()
    each = select(spans.c.practitioner_id).where(
        spans.c.practitioner_id == person,
        spans.c.from_on <= day,
        or_(spans.c.until_on.is_(None), spans.c.until_on > day),
        places.c.code == spans.c.institution_code,
        places.c.region.startswith(division, autoescape=True),
    )
    return each.offset(literal_column("0")).exists()


def near_threshold(near: NearThreshold) -> ColumnElement[bool]:
    """People whose total of a year lies within the given points.

    The numbers stand in the statement itself: the best plan differs between a few people and very many.
    """
    totals = standing_totals.c
    year, least, most = (
        literal(number, literal_execute=True) for number in (near.year, near.least, near.most)
    )
    return practitioners.c.id.in_(
        select(totals.practitioner_id).where(totals.year == year, totals.points.between(least, most))
    )


def has_status(status: str, day: date) -> ColumnElement[bool]:
    """People whose file is in a state on `day` (scheme.md 2.4)."""
    if status == "not_registered":
        return and_(_not_always_registered(day), ~_registered(day))
    terminated, suspended = _terminated(day), _suspended(day)
    holds = {
        "terminated": _among(terminated),
        "suspended": and_(_among(suspended), ~_has(terminated)),
        "normal": and_(~_has(suspended), ~_has(terminated)),
    }
    return and_(_registered(day), holds[status])


def has_coming_sanction(day: date) -> ColumnElement[bool]:
    """People of whom a sanction is known that begins after `day`."""
    return _among(standing_sanctions.c.from_on > day)


def _terminated(day: date) -> ColumnElement[bool]:
    return _holding("termination", day)


def _suspended(day: date) -> ColumnElement[bool]:
    return _holding("suspension", day)


def _holding(kind: str, day: date) -> ColumnElement[bool]:
    """Sanctions of a kind of which the state holds on `day`, also after their term (scheme.md 2.4)."""
    spans = standing_sanctions.c
    return and_(
        spans.kind == kind,
        spans.from_on <= day,
        or_(spans.state_until_on.is_(None), spans.state_until_on > day),
    )


def _among(sanction: ColumnElement[bool]) -> ColumnElement[bool]:
    """Begin with the sanctions, which are few."""
    return practitioners.c.id.in_(select(standing_sanctions.c.practitioner_id).where(sanction))


def _has(sanction: ColumnElement[bool]) -> ColumnElement[bool]:
    """Begin with the person and look their sanctions up."""
    return exists().where(standing_sanctions.c.practitioner_id == practitioners.c.id, sanction)


def _registered(day: date) -> ColumnElement[bool]:
    return is_registered(practitioners.c.id, day)


def is_registered(person: ColumnElement[str], day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Return the condition that somebody, who may work somewhere without it, is registered on `day`."""
    row, holds = _registration_on(day)
    return exists().where(row.c.practitioner_id == person, holds)


def _registration_on(day: date | ColumnElement[date]) -> tuple[FromClause, ColumnElement[bool]]:
    """Return the registrations, and the condition that one is the present row of its span and covers `day`."""
    row, later = registrations.alias("registered"), registrations.alias("later")
    superseded = exists().where(
        later.c.practitioner_id == row.c.practitioner_id,
        later.c.span_id == row.c.span_id,
        later.c.revision > row.c.revision,
    )
    return row, and_(row.c.from_on <= day, or_(row.c.until_on.is_(None), row.c.until_on > day), ~superseded)


def lacks_commitment(day: date) -> ColumnElement[bool]:
    """People registered on `day` who have signed no commitment letter by then; begin with the letters, few lack one."""
    row, holds = _registration_on(day)
    unsigned = or_(row.c.commitment_signed_on.is_(None), row.c.commitment_signed_on > day)
    return practitioners.c.id.in_(select(row.c.practitioner_id).where(unsigned, holds))


def without_id_number() -> ColumnElement[bool]:
    """People of whom no identity number is on record."""
    return practitioners.c.id_number_digest.is_(None)


def without_code() -> ColumnElement[bool]:
    """People who have no national code."""
    return practitioners.c.code.is_(None)


def with_late_code() -> ColumnElement[bool]:
    """People who had no national code when they were recorded, and have one now."""
    unnamed = select(persons.c.practitioner_id).where(persons.c.code.is_(None))
    return and_(practitioners.c.code.is_not(None), practitioners.c.id.in_(unnamed))


def _not_always_registered(day: date) -> ColumnElement[bool]:
    """The few who ever left, never began or are still to begin; nobody else can be outside every registration."""
    spans = registrations.c
    return practitioners.c.id.in_(
        union_all(
            select(spans.practitioner_id).where(spans.until_on.is_not(None)),
            select(spans.practitioner_id).where(spans.from_on > day),
        )
    )


def named_like(start: str) -> ColumnElement[bool]:
    """People whose name is, or begins with, `start`, as names are looked for (written.as_searched)."""
    return practitioners.c.name_searched.like(_escaped(as_searched(start)) + "%", escape="\\")


def has_code(code: str) -> ColumnElement[bool]:
    """The person who has or had a national code."""
    return practitioners.c.id == called(code)


def has_id(practitioner_id: str) -> ColumnElement[bool]:
    """The person with an id of the service, under the file that answers for it."""
    holder = practitioners.alias("holder")
    standing = func.coalesce(holder.c.merged_into, holder.c.id)
    return practitioners.c.id == select(standing).where(holder.c.id == practitioner_id).scalar_subquery()


def called(code: str) -> ScalarSelect[str]:
    """Return the id of the person who has or had a national code, NULL for nobody's."""
    return select(standing_codes.c.practitioner_id).where(standing_codes.c.code == code).scalar_subquery()


def has_id_number(digests: Collection[bytes]) -> ColumnElement[bool]:
    """The person with an identity number, by the keyed hashes of its forms."""
    holder = practitioners.alias("holder")
    standing = func.coalesce(holder.c.merged_into, holder.c.id)
    return practitioners.c.id.in_(select(standing).where(holder.c.id_number_digest.in_(digests)))


def _escaped(start: str) -> str:
    return start.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
