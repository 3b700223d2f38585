"""Finding a person, and a person's file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, render_template, request
from flask_babel import lazy_gettext

from scoring_service.services.proposals.merges import waiting_merge
from scoring_service.services.registry.list_fields import PEOPLE_FIELDS
from scoring_service.services.registry.names import institution_names
from scoring_service.services.registry.practitioners import listing
from scoring_service.services.registry.records import ListedPractitioner
from scoring_service.web.frame.listing import people_of_tab
from scoring_service.web.frame.lists import asked_list, shown_list
from scoring_service.web.frame.pages import CLINIC, OFFICE, get, work
from scoring_service.web.frame.questions import ListFace, question_of
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.person.person_file import file_page
from scoring_service.web.person.taken_along import json_download, pdf_download
from scoring_service.web.wording.words import CATEGORY

ALL = "all"
_STATUSES = (ALL, "coming", "suspended", "terminated", "near", "not_registered", "without_commitment")


PEOPLE = ListFace(
    name="practitioners",
    endpoint="web.find_people",
    fields=PEOPLE_FIELDS,
    labels={
        "category": lazy_gettext("类别"),
        "institution": lazy_gettext("执业机构"),
        "region": lazy_gettext("行政区划"),
        "points": lazy_gettext("本年累计记分"),
        "name": lazy_gettext("姓名"),
        "code": lazy_gettext("人员代码"),
    },
    words={"category": CATEGORY},
    own=frozenset({"status"}),
)


@get("/people", OFFICE)
def find_people() -> Any:
    """Show the search, and those in a state (`?status=`)."""
    status = request.args.get("status", "")
    if status not in _STATUSES:
        return render_template("office/people.html", status="", people=None)
    listed, question = listing(work(), **people_of_tab("" if status == ALL else status)), question_of(PEOPLE)
    if kind := download_asked():
        return list_download(kind, "practitioners", asked_list(listed, question))
    shown = shown_list(PEOPLE, listed, question)
    return render_template(
        "office/people.html",
        status=status,
        shown=shown,
        people=shown.items,
        further=shown.further,
        names=_names(shown.items),
    )


def _names(items: Sequence[ListedPractitioner]) -> dict[str, str]:
    return institution_names(work(), {code for item in items for code in item.institutions})


@get("/people/<ref>", OFFICE | CLINIC)
def person(ref: str) -> str:
    """Show one person's file."""
    section = "web.find_people" if work().actor.is_office else "web.clinic_people"
    page = file_page(ref)
    merge = waiting_merge(work(), page["person"].id) if work().actor.is_office else None
    return render_template("office/person.html", section=section, merge=merge, **page)


@get("/people/<ref>/file.pdf", OFFICE | CLINIC)
def person_as_pdf(ref: str) -> Response:
    """Send a person's whole file as PDF."""
    return pdf_download(ref, "file")


@get("/people/<ref>/file.json", OFFICE | CLINIC)
def person_as_json(ref: str) -> Response:
    """Send a person's whole file as JSON."""
    return json_download(ref, "file")
