"""`/search`: people, institutions and cases by one line of what is typed."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.finding import FoundAnswer, SearchBody, SearchQuery
from scoring_service.services.finding import answer
from scoring_service.services.finding.searching import check_free_of_id_number

blueprint = Blueprint("search", __name__, description="Search · 查找")


@blueprint.get("/search")
@blueprint.arguments(SearchQuery, location="query")
@blueprint.response(200, FoundAnswer)
def get_search(query: dict[str, Any]) -> answer.Found:
    """What fits a name, pinyin, code or document number, the best first; a name is better asked for by POST."""
    check_free_of_id_number(query["q"])
    return answer.find(work(), query["q"], limit=query["limit"])


@blueprint.post("/search")
@blueprint.arguments(SearchBody)
@blueprint.response(200, FoundAnswer)
def post_search(body: dict[str, Any]) -> answer.Found:
    """What fits a name, pinyin, code, identity or document number, the best first; it stands in no address."""
    return answer.find(work(), body["q"], limit=body["limit"])
