"""A person's file taken along: as PDF in the language of the page, and as JSON; the look and the export on record."""

from __future__ import annotations

import json
from io import BytesIO

from flask import Response, current_app

from scoring_service.downloads import as_file
from scoring_service.services.desks.practitioner_file import file_of
from scoring_service.services.record.exports import put_on_record
from scoring_service.web.frame.pages import work
from scoring_service.web.wording.languages import language


def pdf_download(ref: str, stem: str) -> Response:
    """Return a person's whole file as PDF, as far as the actor may know it. Raises NotFound, Unavailable."""
    document = current_app.extensions["person_pdf"](work(), ref, language())
    return as_file(BytesIO(document), f"{stem}-{work().today}.pdf", "application/pdf")


def json_download(ref: str, stem: str) -> Response:
    """Return the same file as JSON. Raises NotFound."""
    file = file_of(work(), ref)
    put_on_record(work(), "file", "json", rows=1, detail={"practitioner": file.practitioner.id})
    body = json.dumps(current_app.extensions["file_as_json"](file), ensure_ascii=False, indent=2)
    return as_file(BytesIO(body.encode()), f"{stem}-{work().today}.json", "application/json")
