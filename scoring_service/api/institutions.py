"""`/institutions`: the institutions and their agreements in time."""

from __future__ import annotations

from datetime import date
from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import created, expected_version, tagged, work
from scoring_service.api.schemas.institutions import (
    AgreementAnswer,
    AgreementChange,
    InstitutionAnswer,
    InstitutionChanges,
    InstitutionPage,
    InstitutionQuery,
    NewInstitution,
)
from scoring_service.core.standing import Span
from scoring_service.services.registry import institutions

blueprint = Blueprint("institutions", __name__, description="Institutions · 定点医药机构")


@blueprint.post("/institutions")
@blueprint.arguments(NewInstitution)
@blueprint.response(201, InstitutionAnswer)
def post_institution(body: dict[str, Any]) -> Any:
    """Register an institution with its first agreement."""
    agreement = body.pop("agreement")
    span = Span(agreement["from_on"], agreement["until_on"]) if agreement else None
    made = institutions.register_institution(work(), **body, agreement=span)
    return created(made, f"/institutions/{made.code}")


@blueprint.get("/institutions")
@blueprint.arguments(InstitutionQuery, location="query")
@blueprint.response(200, InstitutionPage)
def get_institutions(query: dict[str, Any]) -> dict[str, Any]:
    """The institutions of one's sight, by code."""
    return page_of(institutions.listing(work()), query)


@blueprint.get("/institutions/<code>")
@blueprint.response(200, InstitutionAnswer)
def get_institution(code: str) -> Any:
    """An institution with its agreements."""
    institution = institutions.read_institution(work(), code)
    return tagged(institution, institution.version)


@blueprint.patch("/institutions/<code>")
@blueprint.arguments(InstitutionChanges)
@blueprint.response(200, InstitutionAnswer)
def patch_institution(changes: dict[str, Any], code: str) -> Any:
    """Change name or division; `If-Match` is honoured."""
    changed = institutions.change_institution(
        work(), code, expected_version=expected_version(), changes=changes
    )
    return tagged(changed, changed.version)


@blueprint.post("/institutions/<code>/agreements")
@blueprint.arguments(AgreementChange, as_kwargs=True)
@blueprint.response(201, AgreementAnswer)
def post_agreement(code: str, from_on: date | None, until_on: date | None) -> Any:
    """Add an agreement, or end one: that which begins on `from`, without it the open one."""
    written = institutions.put_agreement(work(), code, from_on=from_on, until_on=until_on)
    return tagged(written, written.version, 201)
