"""Imports: choose a kind, bring a file, see what would become of it, let it be written, and follow it meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, flash, render_template, request, url_for
from flask_babel import gettext as _

from scoring_service.problems import Forbidden
from scoring_service.services.imports import records, requests
from scoring_service.services.imports.kinds import KINDS
from scoring_service.services.imports.records import AT_WORK
from scoring_service.services.imports.workbooks import commented_copy, template
from scoring_service.web.frame.forms import new_once, returned
from scoring_service.web.frame.listing import newest_first
from scoring_service.web.frame.pages import ADMIN, CLERK, OFFICE, REVIEWER, get, post, see, work
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.frame.uploads import about_the_file, sent_file
from scoring_service.web.wording.languages import side
from scoring_service.workbooks.writing import MEDIA_TYPES, Form

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoring_service.services.imports.kind import ImportKind

BRINGS = ADMIN | CLERK
FILE_LIMIT = requests.LARGEST_BYTES + 1024 * 1024
FAULTS_SHOWN = 100


@get("/imports", OFFICE)
def imports() -> Any:
    """List the imports, the newest first."""
    listed = records.listing(work())
    if form := download_asked():
        return list_download(form, "imports", listed)
    items, further = newest_first(listed)
    return render_template("office/imports.html", items=items, further=further, known=KINDS, kinds=_brought_kinds())


@get("/imports/new", BRINGS)
def choose_import() -> str:
    """Ask what the file is of."""
    return render_template("office/import_kinds.html", kinds=_brought_kinds(), known=list(KINDS.values()))


@get("/imports/new/<kind>", BRINGS)
def new_import(kind: str) -> str:
    """Show what a file of a kind has to hold, its template, and the form that takes it."""
    form = returned()
    given = {"case": form.raw("case") or request.args.get("case", ""), "absent": form.raw("absent")}
    return render_template(
        "office/import_new.html",
        kind=_brought(kind),
        given=given,
        errors=form.errors,
        once=new_once(),
        largest_megabytes=requests.LARGEST_BYTES // 1024**2,
    )


@post("/imports/new/<kind>", BRINGS, page="new_import", body_limit=FILE_LIMIT)
def bring_import(kind: str) -> Any:
    """Take a file in; it is checked, and nothing is written yet."""
    options = {name: value for name in _brought(kind).options if (value := request.form.get(name))}
    with about_the_file():
        sent = sent_file()
        brought = requests.upload(
            work(), kind, filename=sent["file_name"], content=sent["content"], dry_run=True, options=options
        )
    return see(url_for("web.show_import", import_id=brought.id))


@get("/imports/templates/<kind>.<suffix>", OFFICE)
def import_template(kind: str, suffix: str) -> Response:
    """Send the template of a kind, as XLSX or CSV."""
    wanted = Form.CSV if suffix == Form.CSV else Form.XLSX
    content = b"".join(template(requests.kind_named(kind), wanted, side))
    return _download(content, MEDIA_TYPES[wanted], f"{kind}.{wanted}")


@get("/imports/<import_id>", OFFICE)
def show_import(import_id: str) -> str:
    """Show how far an import is, what becomes of its rows, and what is wrong at which cell."""
    shown = records.read_import(work(), import_id)
    kind = requests.kind_named(shown.kind)
    form = returned()
    return render_template(
        "office/import.html",
        shown=shown,
        kind=kind,
        at_work=shown.state in AT_WORK,
        faults=shown.errors[:FAULTS_SHOWN],
        warnings=shown.warnings[:FAULTS_SHOWN],
        may_commit=work().actor.has(*(kind.commits or kind.uploads)),
        may_cancel=work().actor.has(*kind.uploads, *kind.commits),
        errors=form.errors,
        form=form,
    )


@get("/imports/<import_id>/workbook", OFFICE)
def import_workbook(import_id: str) -> Response:
    """Send the file back as XLSX, with comments on the cells in which something is wrong."""
    content = commented_copy(work(), import_id, side)
    return _download(content, MEDIA_TYPES[Form.XLSX], f"import-{import_id[:8]}.xlsx")


@post("/imports/<import_id>/commit", ADMIN | CLERK | REVIEWER, page="show_import")
def commit_import(import_id: str) -> Any:
    """Let what was checked be written."""
    requests.commit(work(), import_id)
    flash(_("已开始写入。可以离开本页，写入会继续。"))
    return see(url_for("web.show_import", import_id=import_id))


@post("/imports/<import_id>/cancel", ADMIN | CLERK | REVIEWER, page="show_import")
def cancel_import(import_id: str) -> Any:
    """Give an import up, of which nothing is written yet."""
    requests.cancel(work(), import_id)
    flash(_("已取消，什么也没有写入。"))
    return see(url_for("web.show_import", import_id=import_id))


def _brought_kinds() -> list[ImportKind]:
    return [kind for kind in KINDS.values() if _may_bring(kind)]


def _brought(name: str) -> ImportKind:
    kind = requests.kind_named(name)
    if not _may_bring(kind):
        raise Forbidden
    return kind


def _may_bring(kind: ImportKind) -> bool:
    roles: Iterable[str] = kind.uploads
    return work().actor.has(*roles)


def _download(content: bytes, media_type: str, name: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
