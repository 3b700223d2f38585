"""What a page lists, taken along as a spreadsheet: the list whole, with the filters of its page, as the API has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, request, url_for

from scoring_service.downloads import as_file
from scoring_service.services.record.exports import Export, Listed, pages_of, write_list
from scoring_service.web.frame.pages import work
from scoring_service.web.wording.languages import language
from scoring_service.workbooks.writing import MEDIA_TYPES, Form

if TYPE_CHECKING:
    from scoring_service.workbooks.writing import Value


_OWN = frozenset({"download", "after"})


def download_asked() -> Form | None:
    """Return the form in which the page is asked for as a file (`?download=`), None for the page itself."""
    wanted = request.args.get("download", "")
    return Form(wanted) if wanted in set(Form) else None


def list_download(form: Form, name: str, listed: Listed, of: object = None) -> Response:
    """Return a whole list as a file in the language of the page; `name` is that of the API's list.

    The file is called by what it is a list of, such as a period, and without it by today.
    """
    file = current_app.extensions["list_file"](
        work(), name, form, pages_of(work(), listed), language=language(), detail=_asked_for()
    )
    return as_file(file, f"{name}-{of or work().today}.{form}", MEDIA_TYPES[form])


def rows_download(form: Form, stem: str, table: PageTable, listed: Listed) -> Response:
    """Return what a page lists and the API does not, as a file called `stem`, on record as an export."""
    export = Export(
        name=table.name,
        title=str(table.title),
        headings=[str(heading) for heading in table.headings],
        pages=(table.rows(items) for items in pages_of(work(), listed)),
        detail=_asked_for(),
    )
    return as_file(write_list(work(), form, export), f"{stem}.{form}", MEDIA_TYPES[form])


def report_download(form: Form, year: int) -> Response:
    """Return the report of a year as a file in the language of the page."""
    make = current_app.extensions["year_report"]
    file = make(work(), form, year=year, region=None, known_at=None, language=language())
    return as_file(file, f"report-{year}.{form}", MEDIA_TYPES[form])


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTable:
    """A table of a page: what it is called on record and at its head, and the rows of a page of what it lists."""

    name: str
    title: Any
    headings: Sequence[Any]
    rows: Callable[[Sequence[Any]], Sequence[Sequence[Value]]]


def download_address(form: str, kind: str | None = None) -> str:
    """Return the address of the page that is shown as a file, with its filters; `kind` is which list of several."""
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name not in _OWN}
    kept |= {"kind": kind} if kind else {}
    return url_for(request.endpoint or "", **(request.view_args or {}), **kept, download=form)


def prepare(app: Flask) -> None:
    """Give templates the addresses of the files."""
    app.add_template_global(download_address)


def _asked_for() -> dict[str, Any]:
    filters = {name: value for name, value in request.args.items() if name not in {"form", *_OWN}}
    return {"path": request.path, "filters": filters}
