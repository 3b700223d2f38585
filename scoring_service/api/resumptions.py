"""`/resumptions`: the way back from a suspension, applied for, agreed to by an institution, evaluated by the office."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import created, expected_version, tagged, work
from scoring_service.api.schemas.cases import ReasonBody
from scoring_service.api.schemas.consents import ConsentBody, ConsentRefusal
from scoring_service.api.schemas.resumptions import (
    GrantedAnswer,
    NewResumption,
    ResumptionAnswer,
    ResumptionPage,
    ResumptionQuery,
)
from scoring_service.services.proposals import consent as consents
from scoring_service.services.proposals import proposal, resumption_decisions, resumption_reading, resumptions
from scoring_service.services.proposals.resumption_reading import RESUMPTION, ResumptionApplication
from scoring_service.services.unit_of_work.sight import require_known

blueprint = Blueprint("resumptions", __name__, description="恢复 / resumptions")


@blueprint.post("/resumptions")
@blueprint.arguments(NewResumption)
@blueprint.response(201, ResumptionAnswer)
def file_resumption(body: dict[str, Any]) -> Any:
    """File an application: the person, an institution of theirs, which consents by it, or a clerk on paper."""
    filed = resumptions.file_resumption(work(), **body)
    return created(filed, f"/resumptions/{filed.id}")


@blueprint.get("/resumptions")
@blueprint.arguments(ResumptionQuery, location="query")
@blueprint.response(200, ResumptionPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the applications that the caller may know of, the newest first."""
    person = query.get("practitioner")
    applications = resumption_reading.listing(
        work(),
        due_before=query.get("due_before"),
        practitioner_id=require_known(work(), person).id if person else None,
    )
    return page_of(applications, query)


@blueprint.get("/resumptions/<resumption_id>")
@blueprint.response(200, ResumptionAnswer)
def shown(resumption_id: str) -> Any:
    """Show an application."""
    return _answer(proposal.read(work(), RESUMPTION, resumption_id))


@blueprint.post("/resumptions/<resumption_id>/consent")
@blueprint.arguments(ConsentBody)
@blueprint.response(200, ResumptionAnswer)
def consent(body: dict[str, Any], resumption_id: str) -> Any:
    """Consent as an institution of the person's; a clerk records which one has on paper. The evaluation begins."""
    return _answer(consents.consent(work(), RESUMPTION, resumption_id, **body, expected_version=expected_version()))


@blueprint.post("/resumptions/<resumption_id>/refuse-consent")
@blueprint.arguments(ConsentRefusal)
@blueprint.response(200, ResumptionAnswer)
def refuse_consent(body: dict[str, Any], resumption_id: str) -> Any:
    """Refuse consent as an institution of the person's; a clerk records it on paper. The office may then proceed."""
    version = expected_version()
    return _answer(consents.refuse_consent(work(), RESUMPTION, resumption_id, **body, expected_version=version))


@blueprint.post("/resumptions/<resumption_id>/proceed")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, ResumptionAnswer)
def proceed(resumption_id: str, reason: str) -> Any:
    """Go on without consent, once it was refused or its working days are over. The evaluation begins."""
    version = expected_version()
    return _answer(consents.proceed(work(), RESUMPTION, resumption_id, reason=reason, expected_version=version))


@blueprint.post("/resumptions/<resumption_id>/approve")
@blueprint.response(200, GrantedAnswer)
def approve(resumption_id: str) -> Any:
    """Grant an application; one that a change of the file has overtaken lapses, and the refusal says why."""
    return _answer(resumption_decisions.approve(work(), resumption_id, expected_version=expected_version()))


@blueprint.post("/resumptions/<resumption_id>/refuse")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, ResumptionAnswer)
def refuse(resumption_id: str, reason: str) -> Any:
    """Refuse an application; the person may file another."""
    version = expected_version()
    return _answer(
        resumption_decisions.refuse(work(), resumption_id, reason=reason, expected_version=version)
    )


def _answer(application: ResumptionApplication) -> tuple[ResumptionApplication, int, dict[str, str]]:
    return tagged(application, application.version)
