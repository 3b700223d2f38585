"""`/corrections`: an entry is made to count with a lower value, drafted by one person and posted by another."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import created, expected_version, tagged, work
from scoring_service.api.schemas.cases import ReasonBody
from scoring_service.api.schemas.corrections import (
    CorrectionAnswer,
    CorrectionPage,
    CorrectionQuery,
    NewCorrection,
    PostedCorrection,
)
from scoring_service.services.proposals import corrections, proposal
from scoring_service.services.proposals.corrections import CORRECTION, DraftedCorrection

blueprint = Blueprint("corrections", __name__, description="更正 / corrections")


@blueprint.post("/entries/<entry_id>/corrections")
@blueprint.arguments(NewCorrection)
@blueprint.response(201, CorrectionAnswer)
def draft(body: dict[str, Any], entry_id: str) -> Any:
    """Draft that an entry counts with a lower value from the start; 0 voids it."""
    drafted = corrections.draft(work(), entry_id, **body)
    return created(drafted, f"/corrections/{drafted.id}")


@blueprint.get("/corrections")
@blueprint.arguments(CorrectionQuery, location="query")
@blueprint.response(200, CorrectionPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the drafted corrections that the caller may know of, the newest first."""
    return page_of(proposal.listing(work(), CORRECTION), query)


@blueprint.get("/corrections/<correction_id>")
@blueprint.response(200, CorrectionAnswer)
def shown(correction_id: str) -> Any:
    """Show a drafted correction."""
    return _answer(proposal.read(work(), CORRECTION, correction_id))


@blueprint.post("/corrections/<correction_id>/approve")
@blueprint.response(200, PostedCorrection)
def approve(correction_id: str) -> Any:
    """Post a drafted correction; the answer tells what it has affected."""
    return _answer(corrections.approve(work(), correction_id, expected_version=expected_version()))


@blueprint.post("/corrections/<correction_id>/reject")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, CorrectionAnswer)
def reject(correction_id: str, reason: str) -> Any:
    """Reject a drafted correction."""
    version = expected_version()
    rejected = proposal.reject(work(), CORRECTION, correction_id, reason=reason, expected_version=version)
    return _answer(rejected)


def _answer(correction: DraftedCorrection) -> tuple[DraftedCorrection, int, dict[str, str]]:
    return tagged(correction, correction.version)
