"""`/notices/{id}/document`: the letter of a notice, as HTML for print or as PDF."""

from __future__ import annotations

from base64 import b64encode

from flask import Response, request

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.request import work
from scoring_service.letters.html import CONTENT_SECURITY_POLICY
from scoring_service.services.notices.handing_out import HTML, PDF, read_document

blueprint = Blueprint("letters", __name__, description="文书全文 / letters")

_LETTER = {
    "description": "The letter as it was issued.",
    "content": {
        HTML: {"schema": {"type": "string"}},
        PDF: {"schema": {"type": "string", "contentMediaType": PDF}},
    },
}


@blueprint.get("/notices/<notice_id>/document")
@blueprint.doc(responses={200: _LETTER})
def document(notice_id: str) -> Response:
    """Show the letter as it was issued: HTML, or PDF when `Accept` prefers `application/pdf`."""
    wanted = request.accept_mimetypes.best_match([HTML, PDF]) or HTML
    stored = read_document(work(), notice_id, media_type=wanted)
    response = Response(stored.content, content_type=stored.media_type)
    if stored.media_type == HTML:
        response.content_type = f"{HTML}; charset=utf-8"
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    ending = "pdf" if stored.media_type == PDF else "html"
    response.headers["Content-Disposition"] = f'inline; filename="letter-{notice_id}.{ending}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "Accept"
    response.headers["Content-Digest"] = _digest(stored.sha256)
    return response


def _digest(sha256: str) -> str:
    """Return the header value of RFC 9530 for a SHA-256 in hexadecimal digits."""
    return f"sha-256=:{b64encode(bytes.fromhex(sha256)).decode()}:"
