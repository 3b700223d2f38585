"""The law in force: rulebooks with their parameters, sources and catalogue of items."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.rulebooks import RulebookPage, RulebookQuery, RulebookShown
from scoring_service.law.adopting import as_told
from scoring_service.services.desks import law

blueprint = Blueprint("rulebooks", __name__, description="规则 / rulebooks")


@blueprint.get("/rulebooks")
@blueprint.response(200, RulebookPage)
def listed() -> dict[str, Any]:
    """List the rulebooks."""
    return page(work().rulebooks.items(), None)


@blueprint.get("/rulebooks/<rulebook_id>")
@blueprint.arguments(RulebookQuery, location="query")
@blueprint.response(200, RulebookShown)
def shown(query: dict[str, Any], rulebook_id: str) -> dict[str, Any]:
    """Show a rulebook on a day: parameters, each with dates, source and `verified`, and the items.

    `against=DATE` adds what is other on the later of the two days.
    """
    described = law.describe_rulebook(work(), rulebook_id, on=query["on"])
    if query["against"] is None:
        return described
    differences = law.compare_days(work(), rulebook_id, query["on"] or work().today, query["against"])
    return described | {"differences": [as_told(each) for each in differences]}
