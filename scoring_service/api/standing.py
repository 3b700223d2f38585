"""`/practitioners/{ref}/standing`: points, state and sanctions of a person on a day."""

from __future__ import annotations

from datetime import date, datetime

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.standing import StandingAnswer, StandingQuery
from scoring_service.services.standing import reading
from scoring_service.services.standing.seen import standing_seen
from scoring_service.services.unit_of_work.sight import require_known

blueprint = Blueprint("standing", __name__, description="Standing · 档案状态")


@blueprint.get("/practitioners/<ref>/standing")
@blueprint.arguments(StandingQuery, location="query", as_kwargs=True)
@blueprint.response(200, StandingAnswer)
def get_standing(
    ref: str, as_of: date | None, known_at: datetime | None, revision: int | None
) -> reading.StandingAnswer:
    """The standing of a person, by today's knowledge or that of a past moment."""
    person = require_known(work(), ref)
    work().look(person.id, "standing")
    return standing_seen(work(), person.id, ref=ref, as_of=as_of, known_at=known_at, revision=revision)
