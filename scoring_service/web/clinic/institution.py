"""The institution's first page, its own people with the distance to a suspension, and who works there since when."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import render_template, request

from scoring_service.services.desks.institution_today import SHOWN, today_at
from scoring_service.services.registry import institution_people
from scoring_service.services.registry.institutions import read_institution
from scoring_service.services.registry.names import practitioner_names
from scoring_service.services.registry.practitioners import list_practitioners
from scoring_service.web.frame.listing import people_of_tab
from scoring_service.web.frame.pages import CLINIC, get, work
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.written import is_id

PAGE_LENGTH = 25
_STATUSES = ("coming", "suspended", "terminated", "near", "without_commitment")


def own_code() -> str:
    """Return the code of the institution that the account is bound to."""
    return work().actor.institution_code or ""


@get("/clinic", CLINIC)
def clinic() -> str:
    """Show what waits for the institution, and its ratio."""
    shown = read_institution(work(), own_code())
    today = today_at(work(), own_code())
    coming, _further = list_practitioners(work(), institution=own_code(), coming=True, limit=SHOWN, after=None)
    people = {row.practitioner_id for rows in (today.letters, today.talks, today.states) for row in rows}
    people |= {application.practitioner for application in today.applications}
    return render_template(
        "clinic/today.html",
        institution=shown,
        found=today,
        coming=coming,
        names=practitioner_names(work(), people, "today"),
        ratio=institution_people.ratio_of(work(), own_code(), shown.region),
        sanctioned=institution_people.sanctioned_people(work(), own_code()),
        day_of_today=work().today,
    )


@get("/clinic/people", CLINIC)
def clinic_people() -> Any:
    """List the people who are registered here today, or those in a state (`?status=`)."""
    status = request.args.get("status", "")
    status = status if status in _STATUSES else ""
    after = request.args.get("after", "")
    listed = partial(list_practitioners, work(), institution=own_code(), **people_of_tab(status))
    if kind := download_asked():
        return list_download(kind, "practitioners", listed)
    people, further = listed(limit=PAGE_LENGTH, after=after if is_id(after) else None)
    return render_template(
        "clinic/people.html", section="web.clinic_people", people=people, further=further, status=status
    )


@get("/clinic/affiliations", CLINIC)
def affiliations() -> str:
    """List who works or worked here, from when and until when."""
    person, _, span = request.args.get("after", "").partition("~")
    rows, further = institution_people.affiliations_at(
        work(), own_code(), limit=PAGE_LENGTH, after=(person, span) if is_id(person) and is_id(span) else None
    )
    return render_template(
        "clinic/affiliations.html",
        section="web.clinic_people",
        rows=rows,
        further=further and "~".join(further),
        today=work().today,
    )
