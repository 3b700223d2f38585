"""`/remediation`: the catalogue, applications filed and decided, and the outlook of a person."""

from __future__ import annotations

from typing import Any

from flask import Response

from scoring_service.api.attachments import BINARY, FILE_BODY, sent_file
from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import created, expected_version, tagged, work
from scoring_service.api.schemas.cases import AttachmentAnswer, AttachmentList, ReasonBody
from scoring_service.api.schemas.consents import ConsentBody, ConsentRefusal
from scoring_service.api.schemas.remediation import (
    ActivityList,
    ApplicationAnswer,
    ApplicationPage,
    ApplicationQuery,
    NewApplication,
    OutlookAnswer,
)
from scoring_service.downloads import as_download
from scoring_service.services.proposals import consent as consents
from scoring_service.services.proposals import proposal, remediation, remediation_reading
from scoring_service.services.proposals.outlook import Outlook, outlook_of
from scoring_service.services.proposals.remediation_reading import APPLICATION, Application, WholeApplication
from scoring_service.services.unit_of_work.sight import require_known

blueprint = Blueprint("remediation", __name__, description="修复 / remediation")


@blueprint.get("/remediation/activities")
@blueprint.response(200, ActivityList)
def activities() -> dict[str, Any]:
    """List the activities and what each gives back."""
    return {"items": remediation_reading.activities(work())}


@blueprint.post("/remediation/applications")
@blueprint.arguments(NewApplication)
@blueprint.response(201, ApplicationAnswer)
def file_application(body: dict[str, Any]) -> Any:
    """File an application: the person, an institution for its people, or a clerk for either on paper."""
    filed = remediation.file_application(work(), **body)
    return created(filed, f"/remediation/applications/{filed.id}")


@blueprint.get("/remediation/applications")
@blueprint.arguments(ApplicationQuery, location="query")
@blueprint.response(200, ApplicationPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the applications that the caller may know of, the newest first."""
    person = query.get("practitioner")
    applications = proposal.listing(
        work(),
        APPLICATION,
        practitioner_id=require_known(work(), person).id if person else None,
    )
    return page_of(applications, query)


@blueprint.get("/remediation/applications/<application_id>")
@blueprint.response(200, ApplicationAnswer)
def shown(application_id: str) -> Any:
    """Show an application."""
    return _answer(remediation_reading.read_application(work(), application_id))


@blueprint.post("/remediation/applications/<application_id>/consent")
@blueprint.arguments(ConsentBody)
@blueprint.response(200, ApplicationAnswer)
def consent(body: dict[str, Any], application_id: str) -> Any:
    """Consent as an institution of the person's; a clerk records which one has on paper. The office then decides."""
    version = expected_version()
    return _whole(consents.consent(work(), APPLICATION, application_id, **body, expected_version=version))


@blueprint.post("/remediation/applications/<application_id>/refuse-consent")
@blueprint.arguments(ConsentRefusal)
@blueprint.response(200, ApplicationAnswer)
def refuse_consent(body: dict[str, Any], application_id: str) -> Any:
    """Refuse consent as an institution of the person's; a clerk records it on paper. The office may then proceed."""
    version = expected_version()
    return _whole(consents.refuse_consent(work(), APPLICATION, application_id, **body, expected_version=version))


@blueprint.post("/remediation/applications/<application_id>/proceed")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, ApplicationAnswer)
def proceed(application_id: str, reason: str) -> Any:
    """Go on without consent, once it was refused or its working days are over."""
    version = expected_version()
    return _whole(consents.proceed(work(), APPLICATION, application_id, reason=reason, expected_version=version))


@blueprint.post("/remediation/applications/<application_id>/approve")
@blueprint.response(200, ApplicationAnswer)
def approve(application_id: str) -> Any:
    """Approve an application: what fits is granted; one for which a gate is closed lapses, and the refusal says why."""
    return _answer(remediation.approve(work(), application_id, expected_version=expected_version()))


@blueprint.post("/remediation/applications/<application_id>/reject")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, ApplicationAnswer)
def reject(application_id: str, reason: str) -> Any:
    """Reject an application."""
    version = expected_version()
    return _whole(proposal.reject(work(), APPLICATION, application_id, reason=reason, expected_version=version))


@blueprint.post("/remediation/applications/<application_id>/attachments")
@blueprint.doc(requestBody=FILE_BODY)
@blueprint.response(201, AttachmentAnswer)
def attach(application_id: str) -> Any:
    """Attach a PDF, PNG or JPEG file of at most 20 MB to an application before its decision (multipart)."""
    file = sent_file()
    stored = remediation.attach(
        work(),
        application_id,
        file_name=file.filename or "",
        content=file.read(),
        expected_version=expected_version(),
    )
    return tagged(stored, stored.version, 201)


@blueprint.get("/remediation/applications/<application_id>/attachments")
@blueprint.response(200, AttachmentList)
def attached(application_id: str) -> dict[str, Any]:
    """List the files beside an application."""
    return {"items": remediation_reading.attachments_of(work(), application_id)}


@blueprint.get("/remediation/applications/<application_id>/attachments/<n>")
@blueprint.response(200, BINARY, content_type="application/octet-stream")
def download(application_id: str, n: str) -> Response:
    """Download a file as it was sent."""
    return as_download(remediation_reading.attachment(work(), application_id, n))


@blueprint.get("/practitioners/<ref>/outlook")
@blueprint.response(200, OutlookAnswer)
def get_outlook(ref: str) -> Outlook:
    """Tell a person's distance to each threshold, what activities would give, and what a next score would do."""
    return outlook_of(work(), ref)


def _whole(application: Application) -> Any:
    return _answer(remediation_reading.with_attachments(work(), application))


def _answer(application: WholeApplication) -> tuple[WholeApplication, int, dict[str, str]]:
    return tagged(application, application.version)
