"""`/talks`: what scores ask of institutions, and when it was held."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.talks import NewTalk, TalkAnswer, TalkPage, TalkQuery
from scoring_service.services.notices import talks
from scoring_service.services.unit_of_work.sight import require_known

blueprint = Blueprint("talks", __name__, description="谈话提醒 / talks")


@blueprint.get("/talks")
@blueprint.arguments(TalkQuery, location="query")
@blueprint.response(200, TalkPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the talks that are asked for, the newest notice first; `held=false`: those still due."""
    person = query.get("practitioner")
    listing = talks.listing(
        work(),
        practitioner_id=require_known(work(), person).id if person else None,
        institution=query.get("institution"),
        held=query.get("held"),
    )
    return page_of(listing, query)


@blueprint.post("/talks")
@blueprint.arguments(NewTalk)
@blueprint.response(201, TalkAnswer)
def record(talk: dict[str, Any]) -> talks.TalkTask:
    """Record that the talk after a score was held."""
    return talks.record_talk(work(), **talk)
