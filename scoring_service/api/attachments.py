"""Attachments of a case: sent as one part of a multipart body, handed out as downloads only."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from werkzeug.datastructures import FileStorage

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.request import expected_version, tagged, work
from scoring_service.api.schemas.cases import AttachmentAnswer, AttachmentList
from scoring_service.downloads import as_download
from scoring_service.problems import Invalid, Problem
from scoring_service.services.cases import drafting

blueprint = Blueprint("attachments", __name__, description="附件 / attachments")

MULTIPART = "multipart/form-data"
FILE_BODY = {
    "required": True,
    "content": {
        MULTIPART: {
            "schema": {
                "type": "object",
                "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
                "required": ["file"],
            }
        }
    },
}
BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}


@blueprint.post("/cases/<case_id>/attachments")
@blueprint.doc(requestBody=FILE_BODY)
@blueprint.response(201, AttachmentAnswer)
def attach(case_id: str) -> Any:
    """Attach a PDF, PNG or JPEG file of at most 20 MB to a case before its approval."""
    file = sent_file()
    stored = drafting.attach(
        work(),
        case_id,
        file_name=file.filename or "",
        content=file.read(),
        expected_version=expected_version(),
    )
    return tagged(stored, stored.version, 201)


@blueprint.get("/cases/<case_id>/attachments")
@blueprint.response(200, AttachmentList)
def listed(case_id: str) -> dict[str, Any]:
    """List the files beside a case."""
    return {"items": drafting.attachments_of(work(), case_id)}


@blueprint.get("/cases/<case_id>/attachments/<n>")
@blueprint.response(200, BINARY, content_type="application/octet-stream")
def download(case_id: str, n: str) -> Response:
    """Download a file as it was sent."""
    return as_download(drafting.attachment(work(), case_id, n))


def sent_file() -> FileStorage:
    """Return the one file of a multipart body, whatever its part is called.

    Raises Problem 415 for another kind of body, Invalid without a file or with several.
    """
    if request.mimetype != MULTIPART:
        raise Problem(415, "unsupported_media_type", f"请求内容须为 {MULTIPART} / the body must be {MULTIPART}")
    files = [file for _, file in request.files.items(multi=True)]
    if len(files) != 1:
        raise Invalid("/file", "须上传且仅上传一个文件 / exactly one file must be sent")
    return files[0]

