"""`/merges`: two files of one person become one; proposed by one person and approved by another, for good."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import created, expected_version, tagged, work
from scoring_service.api.schemas.cases import ReasonBody
from scoring_service.api.schemas.merges import MergeAnswer, MergePage, MergeQuery, NewMerge
from scoring_service.services.proposals import merges, proposal
from scoring_service.services.proposals.merges import MERGE, ProposedMerge

blueprint = Blueprint("merges", __name__, description="并档 / merges")


@blueprint.post("/practitioners/<ref>/merge")
@blueprint.arguments(NewMerge, as_kwargs=True)
@blueprint.response(201, MergeAnswer)
def draft(ref: str, into: str, reason: str) -> Any:
    """Propose that a person's file closes and another one of theirs answers for both."""
    drafted = merges.draft(work(), ref, into=into, reason=reason)
    return created(drafted, f"/merges/{drafted.id}")


@blueprint.get("/merges")
@blueprint.arguments(MergeQuery, location="query")
@blueprint.response(200, MergePage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the merges that the caller may know of, the newest first."""
    return page_of(proposal.listing(work(), MERGE), query)


@blueprint.get("/merges/<merge_id>")
@blueprint.response(200, MergeAnswer)
def shown(merge_id: str) -> Any:
    """Show a merge; while it waits, with what it would make of both files."""
    return _answer(merges.read(work(), merge_id))


@blueprint.post("/merges/<merge_id>/approve")
@blueprint.response(200, MergeAnswer)
def approve(merge_id: str) -> Any:
    """Merge the two files, for good."""
    return _answer(merges.approve(work(), merge_id, expected_version=expected_version()))


@blueprint.post("/merges/<merge_id>/reject")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, MergeAnswer)
def reject(merge_id: str, reason: str) -> Any:
    """Reject a proposed merge."""
    version = expected_version()
    return _answer(proposal.reject(work(), MERGE, merge_id, reason=reason, expected_version=version))


def _answer(merge: ProposedMerge) -> tuple[ProposedMerge, int, dict[str, str]]:
    return tagged(merge, merge.version)
