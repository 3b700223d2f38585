"""The registry's desk: find somebody, see what is missing in files, fill it in, register somebody again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from scoring_service.core.standing import Span
from scoring_service.problems import Fault, Faulty, Invalid
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.names import institution_names
from scoring_service.services.registry.persons import change_practitioner
from scoring_service.services.registry.practitioners import (
    GAPS,
    count_gaps,
    list_practitioners,
)
from scoring_service.services.registry.records import ListedPractitioner
from scoring_service.services.registry.registrations import return_to_registry
from scoring_service.web.frame.forms import Form, version
from scoring_service.web.frame.pages import ADMIN, get, post, see, work
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.written import is_id

PAGE_LENGTH = 25


@get("/registrations", ADMIN)
def registry_desk() -> Any:
    """Show the search, and those of whom something is missing (`?lacking=`)."""
    lacking = request.args.get("lacking", "")
    if lacking not in GAPS:
        return _desk(None)
    listed = partial(list_practitioners, work(), lacking=lacking)
    if kind := download_asked():
        return list_download(kind, "practitioners", listed)
    after = request.args.get("after", "")
    people, further = listed(limit=PAGE_LENGTH, after=after if is_id(after) else None)
    return _desk(people, lacking=lacking, further=further)


def _desk(people: Sequence[ListedPractitioner] | None, **shown: Any) -> str:
    codes = {code for person in people or () for code in person.institutions}
    return render_template(
        "office/registry_desk.html",
        section="web.registry_desk",
        people=people,
        counts=count_gaps(work()),
        names=institution_names(work(), codes),
        today=work().today,
        **({"lacking": "", "further": None} | shown),
    )


@post("/registrations/<ref>/numbers", ADMIN, page="change_registration")
def add_numbers(ref: str) -> Any:
    """Fill in the identity number or the code that a file lacks."""
    expected = version()
    form = Form()
    typed = {name: form.ref(name, required=False, longest=20) for name in ("id_number", "code")}
    changes = {name: value for name, value in typed.items() if value}
    form.refuse()
    if not changes:
        raise Invalid("/id_number", "请填写证件号或人员代码 / fill in an identity number or a code")
    change_practitioner(work(), ref, expected_version=expected, changes=changes)
    flash(_("登记已更新。"))
    return see(url_for("web.change_registration", ref=ref))


@post("/registrations/<ref>/return", ADMIN, page="change_registration")
def register_again(ref: str) -> Any:
    """Register somebody again who had left, or who was never registered."""
    form = Form()
    from_on, signed_on = form.day("back_on"), form.day("commitment_signed_on", required=False)
    place = form.ref("affiliations/0/institution", longest=12)
    form.refuse()
    start = from_on or work().today
    try:
        return_to_registry(
            work(),
            ref,
            from_on=start,
            affiliations=[AskedAffiliation(institution=str(place), span=Span(start, None))],
            commitment_signed_on=signed_on,
        )
    except Faulty as problem:
        raise Faulty([_of_form(fault) for fault in problem.errors], problem.code) from None
    flash(_("登记已更新。"))
    return see(url_for("web.change_registration", ref=ref))


def _of_form(fault: Fault) -> Fault:
    return Fault("/back_on", fault.detail) if fault.pointer in {"/from", "/affiliations/0/from"} else fault
