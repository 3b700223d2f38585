"""`/liftings`: a measure ends, drafted by one person and posted by another."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import created, expected_version, tagged, work
from scoring_service.api.schemas.cases import ReasonBody
from scoring_service.api.schemas.liftings import LiftingAnswer, LiftingPage, LiftingQuery, PostedLifting
from scoring_service.services.proposals import liftings, proposal
from scoring_service.services.proposals.liftings import LIFTING, DraftedLifting

blueprint = Blueprint("liftings", __name__, description="解除措施 / liftings of measures")


@blueprint.post("/entries/<entry_id>/lift")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(201, LiftingAnswer)
def draft(entry_id: str, reason: str) -> Any:
    """Draft that a measure ends."""
    drafted = liftings.draft(work(), entry_id, reason=reason)
    return created(drafted, f"/liftings/{drafted.id}")


@blueprint.get("/liftings")
@blueprint.arguments(LiftingQuery, location="query")
@blueprint.response(200, LiftingPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the drafted liftings that the caller may know of, the newest first."""
    return page_of(proposal.listing(work(), LIFTING), query)


@blueprint.get("/liftings/<lifting_id>")
@blueprint.response(200, LiftingAnswer)
def shown(lifting_id: str) -> Any:
    """Show a drafted lifting."""
    return _answer(proposal.read(work(), LIFTING, lifting_id))


@blueprint.post("/liftings/<lifting_id>/approve")
@blueprint.response(200, PostedLifting)
def approve(lifting_id: str) -> Any:
    """Post the end of a measure; the answer tells what it has affected."""
    return _answer(liftings.approve(work(), lifting_id, expected_version=expected_version()))


@blueprint.post("/liftings/<lifting_id>/reject")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, LiftingAnswer)
def reject(lifting_id: str, reason: str) -> Any:
    """Reject a drafted lifting."""
    version = expected_version()
    return _answer(proposal.reject(work(), LIFTING, lifting_id, reason=reason, expected_version=version))


def _answer(lifting: DraftedLifting) -> tuple[DraftedLifting, int, dict[str, str]]:
    return tagged(lifting, lifting.version)
