"""What changed, numbered without gaps in the order of commits."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.events import EventPage, EventQuery
from scoring_service.services.record import events

blueprint = Blueprint("events", __name__, description="事件 / events")


@blueprint.get("/events")
@blueprint.arguments(EventQuery, location="query")
@blueprint.response(200, EventPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the events behind a number that the caller may see."""
    seen = events.events_after(work(), **query)
    return {"items": seen.items, "next_cursor": None, "last": seen.last}
