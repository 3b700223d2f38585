"""Lists of practitioners, answered from the standing cache; each page goes on after an id.

Every condition is one that an index answers, so that a page costs the same in a country as in a town.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, or_, select, union_all

from scoring_service.db.tables import (
    practitioners,
    registrations,
    standing_affiliations,
    standing_sanctions,
    standing_totals,
    standings,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, Row, Select


@dataclass(frozen=True, slots=True, kw_only=True)
class NearThreshold:
    """Totals of a scoring year from `least` to `most` points."""

    year: int
    least: int
    most: int


def person_with_standing(conn: Connection, practitioner_id: str, year: int) -> Row[Any]:
    """Return a person's row with the profile of the cache and the points of `year`."""
    return conn.execute(_people(year).where(practitioners.c.id == practitioner_id)).one()


def page(
    conn: Connection, conditions: Sequence[ColumnElement[bool]], *, year: int, limit: int, after: str | None
) -> Sequence[Row[Any]]:
    """Return up to `limit` people who fulfil all conditions, by id, those after the id `after`."""
    query = _people(year).where(*conditions).order_by(practitioners.c.id).limit(limit)
    return conn.execute(query if after is None else query.where(practitioners.c.id > after)).all()


def _people(year: int) -> Select[Any]:
    totals = standing_totals.c
    return (
        select(practitioners, standings.c.profile, totals.points)
        .join(standings, standings.c.practitioner_id == practitioners.c.id)
        .outerjoin(
            standing_totals, and_(totals.practitioner_id == practitioners.c.id, totals.year == year)
        )
    )


def at_institution(code: str, day: date) -> ColumnElement[bool]:
    """People registered at an institution on `day`."""
    spans = standing_affiliations.c
    return practitioners.c.id.in_(
        select(spans.practitioner_id).where(
            spans.institution_code == code,
            spans.from_on <= day,
            or_(spans.until_on.is_(None), spans.until_on > day),
        )
    )


def near_threshold(near: NearThreshold) -> ColumnElement[bool]:
    """People whose total of a year lies within the given points."""
    totals = standing_totals.c
    return practitioners.c.id.in_(
        select(totals.practitioner_id).where(
            totals.year == near.year, totals.points.between(near.least, near.most)
        )
    )


def has_status(status: str, day: date) -> ColumnElement[bool]:
    """People whose file is in a state on `day` (scheme.md 2.4)."""
    if status == "not_registered":
        return and_(_not_always_registered(day), ~_registered(day))
    terminated, suspended = _terminated(day), _suspended(day)
    holds = {
        "terminated": terminated,
        "suspended": and_(suspended, ~terminated),
        "normal": and_(~suspended, ~terminated),
    }
    return and_(_registered(day), holds[status])


def _terminated(day: date) -> ColumnElement[bool]:
    spans = standing_sanctions.c
    return practitioners.c.id.in_(
        select(spans.practitioner_id).where(
            spans.kind == "termination",
            spans.from_on <= day,
            or_(spans.answered_on.is_(None), spans.answered_on > day),
        )
    )


def _suspended(day: date) -> ColumnElement[bool]:
    spans = standing_sanctions.c
    return practitioners.c.id.in_(
        select(spans.practitioner_id).where(
            spans.kind == "suspension", spans.from_on <= day, spans.until_on > day
        )
    )


def _registered(day: date) -> ColumnElement[bool]:
    row, later = registrations.alias("registered"), registrations.alias("later")
    superseded = exists().where(
        later.c.practitioner_id == row.c.practitioner_id,
        later.c.span_id == row.c.span_id,
        later.c.revision > row.c.revision,
    )
    return exists().where(
        row.c.practitioner_id == practitioners.c.id,
        row.c.from_on <= day,
        or_(row.c.until_on.is_(None), row.c.until_on > day),
        ~superseded,
    )


def _not_always_registered(day: date) -> ColumnElement[bool]:
    """The few who ever left or are still to begin; nobody else can be outside every registration."""
    spans = registrations.c
    return practitioners.c.id.in_(
        union_all(
            select(spans.practitioner_id).where(spans.until_on.is_not(None)),
            select(spans.practitioner_id).where(spans.from_on > day),
        )
    )


def named_like(start: str) -> ColumnElement[bool]:
    """People whose name is, or begins with, `start`."""
    return practitioners.c.name.like(_escaped(start) + "%", escape="\\")


def has_code(code: str) -> ColumnElement[bool]:
    """The person with a national code."""
    return practitioners.c.code == code


def has_id_number(digest: bytes) -> ColumnElement[bool]:
    """The person with an identity number, by its keyed hash."""
    return practitioners.c.id_number_digest == digest


def _escaped(start: str) -> str:
    return start.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
