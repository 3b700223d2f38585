"""`/reregistrations`: the way back after a ban, proposed by one person and approved by another."""

from __future__ import annotations

from datetime import date
from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import created, expected_version, tagged, work
from scoring_service.api.schemas.cases import ReasonBody
from scoring_service.api.schemas.reregistrations import (
    NewReregistration,
    ReregistrationAnswer,
    ReregistrationPage,
    ReregistrationQuery,
)
from scoring_service.core.standing import Span
from scoring_service.services.proposals import proposal, reregistrations
from scoring_service.services.proposals.reregistrations import REREGISTRATION, ProposedReregistration
from scoring_service.services.registry.affiliations import AskedAffiliation

blueprint = Blueprint("reregistrations", __name__, description="重新登记 / re-registrations")


@blueprint.post("/practitioners/<ref>/reregistrations")
@blueprint.arguments(NewReregistration, as_kwargs=True)
@blueprint.response(201, ReregistrationAnswer)
def propose(
    ref: str, on: date, affiliations: list[dict[str, Any]], commitment_signed_on: date, statement: str | None
) -> Any:
    """Propose that a person be registered anew after a ban."""
    planned = [
        AskedAffiliation(institution=each["institution"], span=Span(each["from_on"], each["until_on"]))
        for each in affiliations
    ]
    proposed = reregistrations.propose(
        work(),
        ref,
        on=on,
        affiliations=planned,
        commitment_signed_on=commitment_signed_on,
        statement=statement,
    )
    return created(proposed, f"/reregistrations/{proposed.id}")


@blueprint.get("/reregistrations")
@blueprint.arguments(ReregistrationQuery, location="query")
@blueprint.response(200, ReregistrationPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the proposals that the caller may know of, the newest first."""
    return page_of(proposal.listing(work(), REREGISTRATION), query)


@blueprint.get("/reregistrations/<reregistration_id>")
@blueprint.response(200, ReregistrationAnswer)
def shown(reregistration_id: str) -> Any:
    """Show a proposal."""
    return _answer(proposal.read(work(), REREGISTRATION, reregistration_id))


@blueprint.post("/reregistrations/<reregistration_id>/approve")
@blueprint.response(200, ReregistrationAnswer)
def approve(reregistration_id: str) -> Any:
    """Approve a proposal: it takes effect today."""
    return _answer(reregistrations.approve(work(), reregistration_id, expected_version=expected_version()))


@blueprint.post("/reregistrations/<reregistration_id>/reject")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, ReregistrationAnswer)
def reject(reregistration_id: str, reason: str) -> Any:
    """Reject a proposal."""
    version = expected_version()
    rejected = proposal.reject(
        work(), REREGISTRATION, reregistration_id, reason=reason, expected_version=version
    )
    return _answer(rejected)


def _answer(proposed: ProposedReregistration) -> tuple[ProposedReregistration, int, dict[str, str]]:
    return tagged(proposed, proposed.version)
