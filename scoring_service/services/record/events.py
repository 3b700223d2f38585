"""Reading the numbered events. They are written by `Work.event`, in the transaction that causes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Date, and_, cast, exists, false, or_, select, true

from scoring_service.db.merges import of_one_file, standing_id
from scoring_service.db.tables import events, events_head, institutions, standing_affiliations
from scoring_service.services.unit_of_work.actor import OFFICE_ROLES
from scoring_service.services.unit_of_work.sight import merged_filter

if TYPE_CHECKING:
    from datetime import datetime

    from scoring_service.json_values import JsonObject
    from scoring_service.services.unit_of_work.transaction import Work

# What changes the state of a file or its sanctions (contract.md, Roles).
REGULATOR_KINDS = (
    *("suspension", "termination", "sanction_began", "sanction_ended", "sanctions_changed"),
    *("measure", "measure_lifted", "reregistration"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A change; `number` has no gaps but for what the caller may not see."""

    number: int
    kind: str
    practitioner_id: str | None
    institution_code: str | None
    region: str | None
    recorded_at: datetime
    detail: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenEvents:
    """Events in their order; `last` is the number up to which the actor has now seen everything.

    It moves on past what is hidden from them.
    """

    items: tuple[Event, ...]
    last: int


def events_after(work: Work, *, after: int, limit: int) -> SeenEvents:
    """Return up to `limit` events numbered above `after` that the actor may see; each person told of is looked at."""
    head = work.conn.execute(select(events_head.c.number)).scalar_one()
    query = select(events).where(events.c.number > after, events.c.number <= head, _visible(work))
    rows = work.conn.execute(query.order_by(events.c.number).limit(limit)).mappings()
    seen = tuple(Event(**row) for row in rows)
    for person in {event.practitioner_id for event in seen}:
        if person is not None:
            work.look(person, "events")
    return SeenEvents(items=seen, last=seen[-1].number if len(seen) == limit else max(after, head))


def _visible(work: Work) -> ColumnElement[bool]:
    parts = [_to_office(work), _to_regulator(work), _to_institution(work), _to_person(work)]
    return or_(*parts)


def _to_office(work: Work) -> ColumnElement[bool]:
    return _within_region(work) if work.actor.has(*OFFICE_ROLES) else false()


def _to_regulator(work: Work) -> ColumnElement[bool]:
    if not work.actor.has("regulator"):
        return false()
    return and_(events.c.kind.in_(REGULATOR_KINDS), _within_region(work))


def _to_institution(work: Work) -> ColumnElement[bool]:
    """An institution is told of what names it, and of the people who were its own on the day of the event."""
    code = work.actor.institution_code
    if not work.actor.has("institution") or code is None:
        return false()
    day = cast(events.c.recorded_at, Date)
    return or_(
        events.c.institution_code == code,
        exists().where(
            standing_affiliations.c.practitioner_id == standing_id(events.c.practitioner_id),
            standing_affiliations.c.institution_code == code,
            standing_affiliations.c.from_on <= day,
            or_(standing_affiliations.c.until_on.is_(None), standing_affiliations.c.until_on > day),
        ),
    )


def _to_person(work: Work) -> ColumnElement[bool]:
    if not work.actor.has("practitioner") or work.actor.practitioner_id is None:
        return false()
    return of_one_file(events.c.practitioner_id, work.actor.practitioner_id)


def _within_region(work: Work) -> ColumnElement[bool]:
    region, person = work.actor.region, events.c.practitioner_id
    if region is None:
        return true()
    regional = select(institutions.c.code).where(institutions.c.region.startswith(region))
    in_sight = and_(person.is_not(None), merged_filter(work, person))
    return or_(events.c.region.startswith(region), events.c.institution_code.in_(regional), in_sight)
