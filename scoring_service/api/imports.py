"""`/imports`: files brought, followed, committed and cancelled."""

from __future__ import annotations

from typing import Any

from scoring_service.api.attachments import FILE_BODY, sent_file
from scoring_service.api.pipeline.access import PREFIX
from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.base import PageQuery
from scoring_service.api.schemas.imports import ImportAnswer, ImportPage, ImportQuery
from scoring_service.services.imports import records, requests
from scoring_service.services.imports.records import Import

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
