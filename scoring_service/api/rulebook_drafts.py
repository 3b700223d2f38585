"""`/rulebooks/{id}/drafts`: a file that changes a rulebook, proposed by one person and adopted by another."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Response, request

from scoring_service.api.attachments import BINARY, FILE_BODY, sent_file
from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import created, expected_version, tagged, work
from scoring_service.api.schemas.cases import ReasonBody
from scoring_service.api.schemas.rulebook_drafts import (
    AdoptionBody,
    DraftAnswer,
    DraftPage,
    DraftQuery,
    ListedDraft,
)
from scoring_service.downloads import as_file
from scoring_service.law.adopting import as_told
from scoring_service.services.rulebooks import deciding, drafts

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.services.rulebooks.drafts import ReadDraft

blueprint = Blueprint("rulebook_drafts", __name__, description="规则草案 / drafts of rulebooks")

YAML = "application/yaml"
_YAML_TYPES = frozenset({YAML, "application/x-yaml", "text/yaml", "text/x-yaml"})
_BODY = {
    "required": True,
    "content": {**FILE_BODY["content"], YAML: {"schema": {"type": "string"}}},  # type: ignore[dict-item]
}


@blueprint.get("/rulebooks/<rulebook_id>/drafts")
@blueprint.arguments(DraftQuery, location="query")
@blueprint.response(200, DraftPage)
def listed(query: dict[str, Any], rulebook_id: str) -> dict[str, Any]:
    """List the drafts of a rulebook, the newest first."""
    return page_of(drafts.listing(work(), rulebook_id), query)


@blueprint.post("/rulebooks/<rulebook_id>/drafts")
@blueprint.doc(requestBody=_BODY)
@blueprint.response(201, DraftAnswer)
def propose(rulebook_id: str) -> Any:
    """Propose a file for adoption (one part of a multipart body, or YAML): a whole file of this rulebook.

    What was in force stays in it; values with a later date are what it changes.
    """
    filename, content = _sent(rulebook_id)
    read = drafts.propose(work(), rulebook_id, filename=filename, content=content)
    _draft, status, headers = created(read.draft, f"/rulebooks/{rulebook_id}/drafts/{read.draft.n}")
    return _whole(read), status, headers


@blueprint.get("/rulebooks/<rulebook_id>/drafts/<n>")
@blueprint.response(200, DraftAnswer)
def shown(rulebook_id: str, n: str) -> Any:
    """Show a draft with what it changes: of the law in force, or once it is decided, of that before its decision."""
    return _answer(drafts.read_checked(work(), rulebook_id, n))


@blueprint.get("/rulebooks/<rulebook_id>/drafts/<n>/file")
@blueprint.response(200, BINARY, content_type=YAML)
def download(rulebook_id: str, n: str) -> Response:
    """Send the file byte for byte as it was sent."""
    draft = drafts.read(work(), rulebook_id, n)
    return as_file(BytesIO(draft.content), f"{draft.rulebook}.yaml", YAML)


@blueprint.post("/rulebooks/<rulebook_id>/drafts/<n>/check")
@blueprint.response(200, DraftAnswer)
def check(rulebook_id: str, n: str) -> Any:
    """Check a draft against the law in force now; `fault` says why it could not be adopted."""
    return _answer(drafts.read_checked(work(), rulebook_id, n))


@blueprint.post("/rulebooks/<rulebook_id>/drafts/<n>/approve")
@blueprint.arguments(AdoptionBody, as_kwargs=True)
@blueprint.response(200, DraftAnswer)
def approve(rulebook_id: str, n: str, begins_on: date | None) -> Any:
    """Adopt a draft: known from now on, in force from its first day on, which is later than today."""
    version = expected_version()
    return _answer(deciding.approve(work(), rulebook_id, n, begins_on=begins_on, expected_version=version))


@blueprint.post("/rulebooks/<rulebook_id>/drafts/<n>/reject")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, ListedDraft)
def reject(rulebook_id: str, n: str, reason: str) -> Any:
    """Reject a draft."""
    draft = deciding.reject(work(), rulebook_id, n, reason=reason, expected_version=expected_version())
    return tagged(draft, draft.version)


@blueprint.post("/rulebooks/<rulebook_id>/drafts/<n>/withdraw")
@blueprint.response(200, ListedDraft)
def withdraw(rulebook_id: str, n: str) -> Any:
    """Take back a draft of one's own."""
    draft = deciding.withdraw(work(), rulebook_id, n, expected_version=expected_version())
    return tagged(draft, draft.version)


def _sent(rulebook_id: str) -> tuple[str, bytes]:
    """Return the name and the bytes of the file that was sent. Raises Problem 415, Invalid without a file."""
    if request.mimetype in _YAML_TYPES:
        return f"{rulebook_id}.yaml", request.get_data()
    with closing(sent_file()) as file:
        return file.filename or "", file.read()


def _answer(read: ReadDraft) -> tuple[dict[str, Any], int, dict[str, str]]:
    return tagged(_whole(read), read.draft.version)


def _whole(read: ReadDraft) -> dict[str, Any]:
    checked = read.checked
    return asdict(read.draft) | {
        "differences": [as_told(each) for each in checked.differences] if checked else [],
        "dropped_items": list(checked.dropped) if checked else [],
        "fault": read.fault,
    }
