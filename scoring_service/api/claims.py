"""`/eligibility/claims`: a claim file judged line by line."""

from __future__ import annotations

from datetime import datetime

from flask import Response

from scoring_service.api.attachments import BINARY, FILE_BODY, sent_file
from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.eligibility import ClaimsQuery
from scoring_service.downloads import as_file

blueprint = Blueprint("claims", __name__, description="明细筛查 · claim files")


@blueprint.post("/eligibility/claims")
@blueprint.arguments(ClaimsQuery, location="query", as_kwargs=True)
@blueprint.doc(requestBody=FILE_BODY)
@blueprint.response(200, BINARY, content_type="application/octet-stream")
def screen_claims(known_at: datetime | None, people: str | None) -> Response:
    """Send the rows of a claim file (CSV, CSV.GZ; one part of a multipart body) back with what is payable.

    A line that cannot be judged refuses the file, and is pointed at.
    """
    # The readers of files take half a second to load and 60 MB, which a worker that is never sent one can do without.
    from scoring_service.screening.upload import screen_upload  # noqa: PLC0415

    file = sent_file()
    named = [name for name in (people or "").split(",") if name.strip()]
    screened = screen_upload(work(), file.stream, file.filename or "", known_at=known_at, people=named)
    media_type = "application/gzip" if screened.form == "csv.gz" else "text/csv"
    response = as_file(screened.content, f"screened.{screened.form}", media_type)
    response.headers["Known-At"] = screened.summary.known_at
    response.headers["Lines"] = str(screened.summary.lines)
    response.headers["Lines-Payable"] = str(screened.summary.payable)
    return response
