"""`/practitioners`: people, their way through the registry, their file and ledger."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from flask import Response, after_this_request

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page, page_of, place_of
from scoring_service.api.pipeline.exports import varying
from scoring_service.api.pipeline.negotiation import JSON, language_asked, preferred
from scoring_service.api.pipeline.request import created, expected_version, tagged, work
from scoring_service.api.schemas.base import PageQuery
from scoring_service.api.schemas.practitioners import (
    AffiliationChange,
    Deregistration,
    FileAnswer,
    LedgerPage,
    NewCode,
    NewCommitment,
    NewPractitioner,
    PractitionerAnswer,
    PractitionerChanges,
    PractitionerPage,
    PractitionerQuery,
    Return,
    Search,
)
from scoring_service.api.tables.person_document import person_pdf
from scoring_service.core.standing import Span
from scoring_service.downloads import as_file
from scoring_service.services.desks.ledger import ledger_of
from scoring_service.services.desks.practitioner_file import PractitionerFile, file_of
from scoring_service.services.registry import person_codes, persons, practitioners, registrations
from scoring_service.services.registry.affiliations import AskedAffiliation

PDF = "application/pdf"
blueprint = Blueprint("practitioners", __name__, description="Practitioners · 相关人员")


@blueprint.post("/practitioners")
@blueprint.arguments(NewPractitioner)
@blueprint.response(201, PractitionerAnswer)
def post_practitioner(body: dict[str, Any]) -> Any:
    """Register a person with their first affiliations."""
    body["affiliations"] = _affiliations(body["affiliations"])
    made = practitioners.register_practitioner(work(), **body)
    return created(made, f"/practitioners/{made.id}")


@blueprint.get("/practitioners")
@blueprint.arguments(PractitionerQuery, location="query")
@blueprint.response(200, PractitionerPage)
def get_practitioners(query: dict[str, Any]) -> dict[str, Any]:
    """The people of one's sight, by id: of an institution, in a state, near the threshold, without what is lacking."""
    listed = practitioners.listing(
        work(),
        near_points=query["near_threshold"],
        without_commitment=query["without_commitment"],
        lacking=query["lacking"],
    )
    return page_of(listed, query)


@blueprint.post("/practitioners/search")
@blueprint.arguments(PageQuery, location="query")
@blueprint.arguments(Search)
@blueprint.response(200, PractitionerPage)
def search_practitioners(query: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Find people by name (or its beginning), identity number or code; all that is given must fit."""
    after = place_of(query["cursor"])
    return page(*practitioners.search_practitioners(work(), **body, limit=query["limit"], after=after))


@blueprint.get("/practitioners/<ref>")
@blueprint.response(200, PractitionerAnswer)
def get_practitioner(ref: str) -> Any:
    """A person, with registrations and affiliations as known now."""
    practitioner = practitioners.read_practitioner(work(), ref)
    return tagged(practitioner, practitioner.version)


@blueprint.patch("/practitioners/<ref>")
@blueprint.arguments(PractitionerChanges)
@blueprint.response(200, PractitionerAnswer)
def patch_practitioner(changes: dict[str, Any], ref: str) -> Any:
    """Change a person; `If-Match` is required."""
    version = expected_version(required=True)
    changed = persons.change_practitioner(work(), ref, expected_version=version, changes=changes)
    return tagged(changed, changed.version)


@blueprint.post("/practitioners/<ref>/affiliations")
@blueprint.arguments(AffiliationChange, as_kwargs=True)
@blueprint.response(201, PractitionerAnswer)
def post_affiliation(ref: str, institution: str, from_on: date | None, until_on: date | None) -> Any:
    """Add an affiliation, or end one: that which begins on `from`, without it the open one."""
    written = registrations.put_affiliation(
        work(), ref, institution=institution, from_on=from_on, until_on=until_on
    )
    return tagged(written, written.version, 201)


@blueprint.post("/practitioners/<ref>/commitment")
@blueprint.arguments(NewCommitment, as_kwargs=True)
@blueprint.response(201, PractitionerAnswer)
def post_commitment(ref: str, signed_on: date) -> Any:
    """Add the commitment letter that a registered person lacks; it counts from the day of its signature on."""
    written = persons.add_commitment(work(), ref, signed_on=signed_on)
    return tagged(written, written.version, 201)


@blueprint.post("/practitioners/<ref>/codes")
@blueprint.arguments(NewCode, as_kwargs=True)
@blueprint.response(201, PractitionerAnswer)
def post_code(ref: str, code: str, from_on: date, reason: str, category: str | None) -> Any:
    """Give a person a further code from a day on: one file, all of whose codes answer."""
    written = person_codes.add_code(work(), ref, code=code, from_on=from_on, reason=reason, category=category)
    return tagged(written, written.version, 201)


@blueprint.post("/practitioners/<ref>/deregistration")
@blueprint.arguments(Deregistration, as_kwargs=True)
@blueprint.response(200, PractitionerAnswer)
def post_deregistration(ref: str, on: date, reason: str) -> Any:
    """Let a person leave the registry: totals, sanctions and bans stay."""
    written = registrations.deregister(work(), ref, on=on, reason=reason)
    return tagged(written, written.version)


@blueprint.post("/practitioners/<ref>/registrations")
@blueprint.arguments(Return, as_kwargs=True)
@blueprint.response(201, PractitionerAnswer)
def post_registration(
    ref: str, from_on: date, affiliations: list[dict[str, Any]], commitment_signed_on: date | None
) -> Any:
    """Register a person again who had left; not after a ban."""
    written = registrations.return_to_registry(
        work(),
        ref,
        from_on=from_on,
        affiliations=_affiliations(affiliations),
        commitment_signed_on=commitment_signed_on,
    )
    return tagged(written, written.version, 201)


@blueprint.get("/practitioners/<ref>/file")
@blueprint.response(200, FileAnswer)
def get_file(ref: str) -> PractitionerFile | Response:
    """One person, one file: everything that is known of a person; as PDF where `Accept` prefers `application/pdf`."""
    after_this_request(varying)
    if preferred((JSON, PDF)) == JSON:
        return file_of(work(), ref)
    return as_file(BytesIO(person_pdf(work(), ref, language_asked())), f"file-{work().today}.pdf", PDF)


@blueprint.get("/practitioners/<ref>/ledger")
@blueprint.arguments(PageQuery, location="query", as_kwargs=True)
@blueprint.response(200, LedgerPage)
def get_ledger(ref: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """The entries of a person's ledger, in order."""
    return page(*ledger_of(work(), ref, limit=limit, after=place_of(cursor)))


def _affiliations(bodies: list[dict[str, Any]]) -> list[AskedAffiliation]:
    return [
        AskedAffiliation(institution=each["institution"], span=Span(each["from_on"], each["until_on"]))
        for each in bodies
    ]
