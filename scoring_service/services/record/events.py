"""Reading the numbered events. They are written by `Work.event`, in the transaction that causes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Date, and_, cast, exists, false, or_, select, true

from scoring_service.db.tables import events, events_head, institutions, standing_affiliations
from scoring_service.services.unit_of_work.actor import OFFICE_ROLES
from scoring_service.services.unit_of_work.sight import practitioner_filter

if TYPE_CHECKING:
    from scoring_service.services.unit_of_work.transaction import Work

# What changes the state of a file or its sanctions (contract.md, Roles).
REGULATOR_KINDS = (
    *("suspension", "termination", "sanction_began", "sanction_ended", "sanctions_changed"),
    "reregistration",
)


def events_after(work: Work, *, after: int, limit: int) -> dict[str, Any]:
    """Return up to `limit` events numbered above `after` that the actor may see, and where to go on.

    Each person told of is looked at. `last` is the number up to which the actor has now seen everything; it moves on
    past what is hidden from them.
    """
    head = work.conn.execute(select(events_head.c.number)).scalar_one()
    query = select(events).where(events.c.number > after, events.c.number <= head, _visible(work))
    rows = work.conn.execute(query.order_by(events.c.number).limit(limit)).mappings().all()
    for person in {row["practitioner_id"] for row in rows} - {None}:
        work.look(person, "events")
    last = rows[-1]["number"] if len(rows) == limit else max(after, head)
    return {"items": rows, "next_cursor": None, "last": last}


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
            standing_affiliations.c.practitioner_id == events.c.practitioner_id,
            standing_affiliations.c.institution_code == code,
            standing_affiliations.c.from_on <= day,
            or_(standing_affiliations.c.until_on.is_(None), standing_affiliations.c.until_on > day),
        ),
    )


def _to_person(work: Work) -> ColumnElement[bool]:
    if not work.actor.has("practitioner") or work.actor.practitioner_id is None:
        return false()
    return events.c.practitioner_id == work.actor.practitioner_id


def _within_region(work: Work) -> ColumnElement[bool]:
    region, person = work.actor.region, events.c.practitioner_id
    if region is None:
        return true()
    regional = select(institutions.c.code).where(institutions.c.region.startswith(region))
    in_sight = and_(person.is_not(None), practitioner_filter(work, person))
    return or_(events.c.region.startswith(region), events.c.institution_code.in_(regional), in_sight)
