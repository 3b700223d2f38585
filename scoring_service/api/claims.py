"""`/eligibility/claims`: a claim file judged line by line, at once or by the scheduler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, request

from scoring_service.api.attachments import BINARY, FILE_BODY, sent_file
from scoring_service.api.pipeline.access import PREFIX
from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.claims import ClaimsQuery, ScreeningAnswer
from scoring_service.downloads import as_file
from scoring_service.services.claims import records
from scoring_service.services.claims.records import Screening

if TYPE_CHECKING:
    from scoring_service.screening.upload import ScreenedFile

blueprint = Blueprint("claims", __name__, description="明细筛查 · claim files")

_MEDIA_TYPES = {"csv": "text/csv", "csv.gz": "application/gzip", "parquet": "application/vnd.apache.parquet"}


@blueprint.post("/eligibility/claims")
@blueprint.arguments(ClaimsQuery, location="query")
@blueprint.doc(requestBody=FILE_BODY)
@blueprint.response(200, BINARY, content_type="application/octet-stream")
@blueprint.alt_response(202, schema=ScreeningAnswer)
def screen_claims(query: dict[str, Any]) -> Response:
    """Send the rows of a claim file (CSV, CSV.GZ, Parquet; one part of a multipart body) back with what is payable.

    A line that cannot be judged refuses the file, and is pointed at. More than 200,000 lines, two knowledges and what
    prefers `respond-async` are judged by the scheduler: the answer is 202.
    """
    # The readers of files take half a second to load and 60 MB, which a worker that is never sent one can do without.
    from scoring_service.screening.upload import SentFile, screen_upload  # noqa: PLC0415

    file = sent_file()
    sent = SentFile(
        content=file.stream,
        filename=file.filename or "",
        known_at=query["known_at"],
        against=query["against"],
        people=[name for name in (query["people"] or "").split(",") if name.strip()],
    )
    prefers_later = "respond-async" in request.headers.get("Prefer", "").replace(" ", "").lower().split(",")
    screened = screen_upload(work(), sent, later=prefers_later)
    return _as_waiting(screened) if isinstance(screened, Screening) else _as_response(screened)


def _as_waiting(screening: Screening) -> Response:
    response = jsonify(ScreeningAnswer().dump(screening))
    response.status_code = 202
    response.headers["Location"] = f"{PREFIX}/eligibility/claims/{screening.id}"
    return response


def _as_response(screened: ScreenedFile) -> Response:
    response = as_file(screened.content, f"screened.{screened.form}", _MEDIA_TYPES[screened.form])
    response.headers["Known-At"] = screened.summary.known_at
    response.headers["Lines"] = str(screened.summary.lines)
    response.headers["Lines-Payable"] = str(screened.summary.payable)
    return response


@blueprint.get("/eligibility/claims/<screening_id>")
@blueprint.response(200, ScreeningAnswer)
def shown(screening_id: str) -> Screening:
    """Tell how far a file of one's own is, and what it sums up to."""
    return records.read_screening(work(), screening_id)


@blueprint.get("/eligibility/claims/<screening_id>/file")
@blueprint.response(200, BINARY, content_type="application/octet-stream")
def screened_file(screening_id: str) -> Response:
    """Send the rows with what is payable; kept for seven days."""
    return _sent(screening_id, "file", "screened")


@blueprint.get("/eligibility/claims/<screening_id>/rejects")
@blueprint.response(200, BINARY, content_type="application/octet-stream")
def rejects(screening_id: str) -> Response:
    """Send the lines that could not be judged, as CSV with what is wrong; 404 where there are none."""
    kept = records.read_file(work(), screening_id, "rejects")
    return as_file(kept.content, f"rejects-{screening_id[:8]}.csv", _MEDIA_TYPES["csv"])


@blueprint.get("/eligibility/claims/<screening_id>/recover")
@blueprint.response(200, BINARY, content_type="application/octet-stream")
def recover(screening_id: str) -> Response:
    """Send the lines that were payable by the knowledge compared with and are no longer; 404 where none was."""
    return _sent(screening_id, "recover", "recover")


@blueprint.get("/eligibility/claims/<screening_id>/pay")
@blueprint.response(200, BINARY, content_type="application/octet-stream")
def pay(screening_id: str) -> Response:
    """Send the lines that are to be paid after all; 404 where no knowledge was compared with."""
    return _sent(screening_id, "pay", "pay")


def _sent(screening_id: str, name: str, called: str) -> Response:
    kept = records.read_file(work(), screening_id, name)
    return as_file(kept.content, f"{called}-{screening_id[:8]}.{kept.form}", _MEDIA_TYPES[kept.form])
