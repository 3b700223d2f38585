"""`/appeals`: filed and countersigned by the parties, heard by experts, decided by the office."""

from __future__ import annotations

from typing import Any

from flask import Response

from scoring_service.api.attachments import FILE_BODY, sent_file
from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import created, expected_version, tagged, work
from scoring_service.api.schemas.appeals import (
    AppealAnswer,
    AppealPage,
    AppealQuery,
    Countersignature,
    DecisionBody,
    EvidenceQuery,
    ExpertsBody,
    Explanation,
    Insistence,
    NewAppeal,
    NewOpinion,
    ReleaseBody,
)
from scoring_service.api.schemas.cases import AttachmentAnswer, AttachmentList, ReasonBody
from scoring_service.core.procedure import Side
from scoring_service.downloads import as_download
from scoring_service.services.appeals import decisions, evidence, experts, explaining, filing, reading
from scoring_service.services.appeals.reading import AppealInDetail
from scoring_service.services.unit_of_work.sight import require_known

blueprint = Blueprint("appeals", __name__, description="申诉 / appeals")

_BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}


@blueprint.post("/appeals")
@blueprint.arguments(NewAppeal)
@blueprint.response(201, AppealAnswer)
def file_appeal(body: dict[str, Any]) -> Any:
    """File an appeal within the filer's own window; a clerk records one on paper for either party."""
    filed = filing.file_appeal(work(), **body)
    return created(filed, f"/appeals/{filed.appeal.id}")


@blueprint.get("/appeals")
@blueprint.arguments(AppealQuery, location="query")
@blueprint.response(200, AppealPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the appeals that the caller may know of, the newest first."""
    person = query.get("practitioner")
    listing = reading.listing(
        work(),
        due_before=query.get("due_before"),
        practitioner_id=require_known(work(), person).id if person else None,
    )
    return page_of(listing, query)


@blueprint.get("/appeals/<appeal_id>")
@blueprint.response(200, AppealAnswer)
def shown(appeal_id: str) -> Any:
    """Show an appeal."""
    return _answer(reading.read_appeal(work(), appeal_id))


@blueprint.post("/appeals/<appeal_id>/countersign")
@blueprint.arguments(Countersignature)
@blueprint.response(200, AppealAnswer)
def countersign(signed: dict[str, Any], appeal_id: str) -> Any:
    """Countersign as the other party, or as a clerk record its signature on paper: the appeal is complete."""
    return _answer(filing.countersign(work(), appeal_id, **signed, expected_version=expected_version()))


@blueprint.post("/appeals/<appeal_id>/refuse-countersignature")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, AppealAnswer)
def refuse_countersignature(appeal_id: str, reason: str) -> Any:
    """Refuse to countersign as the other party; a clerk records a refusal on paper. The office may then proceed."""
    version = expected_version()
    return _answer(
        filing.refuse_countersignature(work(), appeal_id, reason=reason, expected_version=version)
    )


@blueprint.post("/appeals/<appeal_id>/proceed")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, AppealAnswer)
def proceed(appeal_id: str, reason: str) -> Any:
    """Go on without the countersignature, once it was refused or its time is over."""
    return _answer(filing.proceed(work(), appeal_id, reason=reason, expected_version=expected_version()))


@blueprint.post("/appeals/<appeal_id>/explain")
@blueprint.arguments(Explanation, as_kwargs=True)
@blueprint.response(200, AppealAnswer)
def explain(appeal_id: str, text: str) -> Any:
    """Explain to the parties of a complete appeal what is appealed against; whoever scored may explain."""
    version = expected_version()
    return _answer(explaining.explain(work(), appeal_id, text=text, expected_version=version))


@blueprint.post("/appeals/<appeal_id>/insist")
@blueprint.arguments(Insistence, as_kwargs=True)
@blueprint.response(200, AppealAnswer)
def insist(appeal_id: str, grounds: str | None) -> Any:
    """Insist on an appeal after the explanation, as its filer; a clerk for one that they recorded on paper."""
    version = expected_version()
    return _answer(explaining.insist(work(), appeal_id, grounds=grounds, expected_version=version))


@blueprint.post("/appeals/<appeal_id>/accept")
@blueprint.response(200, AppealAnswer)
def accept(appeal_id: str) -> Any:
    """Accept an appeal that its filer insists on for a decision on its merits."""
    return _answer(filing.accept(work(), appeal_id, expected_version=expected_version()))


@blueprint.post("/appeals/<appeal_id>/decline")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, AppealAnswer)
def decline(appeal_id: str, reason: str) -> Any:
    """Decline an appeal that its filer insists on; both sides are told the reason."""
    version = expected_version()
    return _answer(decisions.decline(work(), appeal_id, reason=reason, expected_version=version))


@blueprint.post("/appeals/<appeal_id>/experts")
@blueprint.arguments(ExpertsBody)
@blueprint.response(200, AppealAnswer)
def assign(body: dict[str, Any], appeal_id: str) -> Any:
    """Draw experts by lot from those without a conflict, or name them with the reason."""
    version = expected_version()
    return _answer(experts.assign(work(), appeal_id, **body, expected_version=version))


@blueprint.post("/appeals/<appeal_id>/opinions")
@blueprint.arguments(NewOpinion)
@blueprint.response(200, AppealAnswer)
def give_opinion(body: dict[str, Any], appeal_id: str) -> Any:
    """Give one's opinion on an appeal that is assigned."""
    version = expected_version()
    return _answer(experts.give_opinion(work(), appeal_id, **body, expected_version=version))


@blueprint.post("/appeals/<appeal_id>/recuse")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, AppealAnswer)
def recuse(appeal_id: str, reason: str) -> Any:
    """Recuse oneself from an appeal that is assigned."""
    return _answer(
        experts.recuse(work(), appeal_id, reason=reason, expected_version=expected_version())
    )


@blueprint.post("/appeals/<appeal_id>/release")
@blueprint.arguments(ReleaseBody)
@blueprint.response(200, AppealAnswer)
def release(body: dict[str, Any], appeal_id: str) -> Any:
    """Release an expert who gives no opinion; another may be assigned."""
    version = expected_version()
    return _answer(experts.release(work(), appeal_id, **body, expected_version=version))


@blueprint.post("/appeals/<appeal_id>/decide")
@blueprint.arguments(DecisionBody)
@blueprint.response(200, AppealAnswer)
def decide(body: dict[str, Any], appeal_id: str) -> Any:
    """Decide an appeal; a changed outcome posts a correction and tells what is affected."""
    version = expected_version()
    return _answer(decisions.decide(work(), appeal_id, **body, expected_version=version))


@blueprint.post("/appeals/<appeal_id>/withdraw")
@blueprint.response(200, AppealAnswer)
def withdraw(appeal_id: str) -> Any:
    """Withdraw an appeal before its decision, as its filer; a clerk for one that they recorded on paper."""
    return _answer(explaining.withdraw(work(), appeal_id, expected_version=expected_version()))


@blueprint.post("/appeals/<appeal_id>/attachments")
@blueprint.arguments(EvidenceQuery, location="query")
@blueprint.doc(requestBody=FILE_BODY)
@blueprint.response(201, AttachmentAnswer)
def attach(query: dict[str, Any], appeal_id: str) -> Any:
    """Attach a PDF, PNG or JPEG file of at most 20 MB to an appeal before its decision (multipart)."""
    file = sent_file()
    stored = evidence.attach(
        work(),
        appeal_id,
        file_name=file.filename or "",
        content=file.read(),
        side=Side(query["side"]) if "side" in query else None,
        expected_version=expected_version(),
    )
    return tagged(stored, stored.version, 201)


@blueprint.get("/appeals/<appeal_id>/attachments")
@blueprint.response(200, AttachmentList)
def attached(appeal_id: str) -> dict[str, Any]:
    """List the files beside an appeal."""
    return {"items": evidence.attachments_of(work(), appeal_id)}


@blueprint.get("/appeals/<appeal_id>/attachments/<n>")
@blueprint.response(200, _BINARY, content_type="application/octet-stream")
def download(appeal_id: str, n: str) -> Response:
    """Download a file as it was sent."""
    return as_download(evidence.attachment(work(), appeal_id, n))



def _answer(shown: AppealInDetail) -> tuple[AppealInDetail, int, dict[str, str]]:
    return tagged(shown, shown.version)
