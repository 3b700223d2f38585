"""The search box of every page: what was typed, what was found, and straight to what has that very code or number."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request, url_for
from flask_babel import lazy_gettext as _

from scoring_service.problems import NotFound
from scoring_service.services.finding import answer, kept_searches, searching
from scoring_service.web.frame.forms import Form, returned
from scoring_service.web.frame.pages import EVERYBODY, get, post, see, work
from scoring_service.web.frame.spreadsheet import download_asked, list_download

PAGE_LENGTH = 25
_KINDS = {"practitioner": _("相关人员"), "institution": _("机构"), "case": _("案件")}


@get("/find", EVERYBODY)
def find_page() -> str:
    """Show the box with what was wrong with what was typed."""
    form = returned()
    return render_template("find.html", typed=form.raw("q"), errors=form.errors, groups=None)


@post("/find", EVERYBODY, page="find_page")
def find() -> Any:
    """Search; the one thing with that very code or number is gone to, else the answer has an address of its own."""
    typed = Form().raw("q")
    hit = searching.exact(work(), typed)
    address = None if hit is None else address_of_found(*hit)
    return see(address or url_for("web.search_results", search_id=kept_searches.keep(work(), typed.strip())))


@get("/find/<search_id>", EVERYBODY)
def search_results(search_id: str) -> Any:
    """Show what was found: the best of each kind, or page by page those of one (`?kind=`, `?start=`)."""
    typed = kept_searches.kept(work(), search_id)
    if typed is None:
        g.form_is_gone = True
        return render_template("find.html", typed="", errors={}, groups=None)
    kind = request.args.get("kind", "")
    if kind not in _KINDS:
        return _shown(search_id, typed, answer.find_kinds(work(), typed), kind=None)
    if kind == searching.PRACTITIONER and (form := download_asked()):
        return list_download(form, "practitioners", answer.found_people(work(), typed))
    start = _start()
    group = answer.find_of_kind(work(), typed, kind, start=start, limit=PAGE_LENGTH)
    return _shown(search_id, typed, [group], kind=kind, start=start, next_start=start + PAGE_LENGTH)


def _shown(search_id: str, typed: str, groups: list[answer.FoundKind], **more: Any) -> str:
    more |= {"search_id": search_id, "typed": typed, "errors": {}, "groups": groups, "kinds": _KINDS}
    return render_template("find.html", address_of_found=address_of_found, **more)


def _start() -> int:
    start = request.args.get("start", "0")
    if not (start.isascii() and start.isdigit() and len(start) <= len(str(searching.MOST_FOUND))):
        raise NotFound("页 / page")
    return int(start)


def address_of_found(kind: str, key: str) -> str | None:
    """Return where the reader sees something that was found; None where no page of theirs shows it."""
    actor = work().actor
    if kind == searching.CASE:
        return url_for("web.case", case_id=key)
    if kind == searching.INSTITUTION:
        return url_for("web.clinic") if actor.has("institution") else url_for("web.institution", code=key)
    if actor.is_office or actor.has("institution"):
        return url_for("web.person", ref=key)
    return url_for("web.my_file") if actor.has("practitioner") else None
