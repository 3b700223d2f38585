"""`/imports`: files brought, followed, committed and cancelled."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from scoring_service.api.attachments import BINARY, FILE_BODY, sent_file
from scoring_service.api.pipeline.access import PREFIX
from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.base import PageQuery
from scoring_service.api.schemas.imports import ImportAnswer, ImportPage, ImportQuery
from scoring_service.services.imports import records, requests
from scoring_service.services.imports.records import Import
from scoring_service.services.imports.workbooks import commented_copy, template
from scoring_service.terms import chinese
from scoring_service.workbooks.writing import MEDIA_TYPES, Form

blueprint = Blueprint("imports", __name__, description="导入 / imports")


@blueprint.get("/imports")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ImportPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the imports of one's sight, the latest first."""
    return page_of(records.listing(work()), query)


@blueprint.post("/imports/<kind>")
@blueprint.arguments(ImportQuery, location="query")
@blueprint.doc(requestBody=FILE_BODY)
@blueprint.response(202, ImportAnswer)
def upload(query: dict[str, Any], kind: str) -> tuple[Import, int, dict[str, str]]:
    """Bring a file (XLSX, XLS, ODS, CSV; one part of a multipart body): it is checked, and written by itself.

    With `dry_run=true`, and where another person has to commit it, it rests as `checked`.
    """
    file = sent_file()
    options = {name: query[name] for name in ("absent", "case") if query[name] is not None}
    brought = requests.upload(
        work(),
        kind,
        filename=file.filename or "",
        content=file.read(),
        dry_run=query["dry_run"],
        options=options,
    )
    return brought, 202, {"Location": f"{PREFIX}/imports/{brought.id}"}


@blueprint.get("/imports/templates/<kind>")
@blueprint.response(200, BINARY, content_type="application/octet-stream")
def read_template(kind: str) -> Response:
    """Send the template of a kind: XLSX with every column explained, or its headings as CSV (`Accept: text/csv`)."""
    best = request.accept_mimetypes.best_match([MEDIA_TYPES[Form.XLSX], MEDIA_TYPES[Form.CSV]])
    form = Form.CSV if best == MEDIA_TYPES[Form.CSV] else Form.XLSX
    return _sent(b"".join(template(requests.kind_named(kind), form, chinese)), form, kind)


@blueprint.get("/imports/<import_id>/workbook")
@blueprint.response(200, BINARY, content_type="application/octet-stream")
def read_workbook(import_id: str) -> Response:
    """Send the file back as XLSX, with a list of what is wrong in front and comments on the cells."""
    return _sent(commented_copy(work(), import_id, chinese), Form.XLSX, f"import-{import_id[:8]}")


@blueprint.get("/imports/<import_id>")
@blueprint.response(200, ImportAnswer)
def read(import_id: str) -> Import:
    """Tell how far an import is, what becomes of its rows, and what is wrong at which cell."""
    return records.read_import(work(), import_id)


@blueprint.post("/imports/<import_id>/commit")
@blueprint.response(200, ImportAnswer)
def commit(import_id: str) -> Import:
    """Let what was checked be written."""
    return requests.commit(work(), import_id)


@blueprint.post("/imports/<import_id>/cancel")
@blueprint.response(200, ImportAnswer)
def cancel(import_id: str) -> Import:
    """Give up an import of which nothing is written yet."""
    return requests.cancel(work(), import_id)


def _sent(content: bytes, form: Form, name: str) -> Response:
    response = Response(content, content_type=MEDIA_TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
