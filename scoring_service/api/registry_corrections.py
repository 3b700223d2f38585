"""`/registry-corrections`: a row of the registry was wrong; drafted by one person and approved by another."""

from __future__ import annotations

from datetime import date
from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import created, expected_version, tagged, work
from scoring_service.api.schemas.cases import ReasonBody
from scoring_service.api.schemas.registry_corrections import (
    NewAgreementCorrection,
    NewRegistryCorrection,
    RegistryCorrectionAnswer,
    RegistryCorrectionPage,
    RegistryCorrectionQuery,
)
from scoring_service.services.proposals import proposal, registry_corrections
from scoring_service.services.proposals.registry_corrections import REGISTRY_CORRECTION, RegistryCorrection

blueprint = Blueprint("registry_corrections", __name__, description="登记更正 / registry corrections")


@blueprint.post("/practitioners/<ref>/registry-corrections")
@blueprint.arguments(NewRegistryCorrection)
@blueprint.response(201, RegistryCorrectionAnswer)
def draft(body: dict[str, Any], ref: str) -> Any:
    """Draft that a row of a person's registry is void, or has other days or fields."""
    drafted = registry_corrections.draft(
        work(),
        ref,
        kind=body["kind"],
        number=body["number"],
        void=body["void"],
        span=_span(body),
        fields=body["corrected"],
        reason=body["reason"],
    )
    return created(drafted, f"/registry-corrections/{drafted.id}")


@blueprint.post("/institutions/<code>/registry-corrections")
@blueprint.arguments(NewAgreementCorrection)
@blueprint.response(201, RegistryCorrectionAnswer)
def draft_of_agreement(body: dict[str, Any], code: str) -> Any:
    """Draft that an agreement of an institution is void, or has other days."""
    drafted = registry_corrections.draft_of_agreement(
        work(),
        code,
        agreement=body["agreement"],
        void=body["void"],
        span=_span(body | {"corrected": None}),
        reason=body["reason"],
    )
    return created(drafted, f"/registry-corrections/{drafted.id}")


def _span(body: dict[str, Any]) -> dict[str, date | None]:
    """Return the days that are to change: an `until` of null opens the row only where nothing else is asked."""
    days = {"from": body["from_on"], "until": body.get("until_on")}
    given: dict[str, date | None] = {name: day for name, day in days.items() if day is not None}
    alone = not given and not body["void"] and not body["corrected"]
    return {"until": None} if alone and "until_on" in body else given


@blueprint.get("/registry-corrections")
@blueprint.arguments(RegistryCorrectionQuery, location="query")
@blueprint.response(200, RegistryCorrectionPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the corrections of the registry that the caller may know of, the newest first."""
    return page_of(proposal.listing(work(), REGISTRY_CORRECTION), query)


@blueprint.get("/registry-corrections/<correction_id>")
@blueprint.response(200, RegistryCorrectionAnswer)
def shown(correction_id: str) -> Any:
    """Show a correction of the registry."""
    return _answer(proposal.read(work(), REGISTRY_CORRECTION, correction_id))


@blueprint.post("/registry-corrections/<correction_id>/approve")
@blueprint.response(200, RegistryCorrectionAnswer)
def approve(correction_id: str) -> Any:
    """Write a drafted correction; it is known from now on."""
    return _answer(registry_corrections.approve(work(), correction_id, expected_version=expected_version()))


@blueprint.post("/registry-corrections/<correction_id>/reject")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, RegistryCorrectionAnswer)
def reject(correction_id: str, reason: str) -> Any:
    """Reject a drafted correction."""
    version = expected_version()
    rejected = proposal.reject(
        work(), REGISTRY_CORRECTION, correction_id, reason=reason, expected_version=version
    )
    return _answer(rejected)


def _answer(correction: RegistryCorrection) -> tuple[RegistryCorrection, int, dict[str, str]]:
    return tagged(correction, correction.version)
