"""What the institution asks of the registry: registrations of its people, their departures, and what became of it."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _

from scoring_service.services.proposals import registration_requests as use_cases
from scoring_service.services.registry.practitioners import read_practitioner
from scoring_service.services.unit_of_work.sight import sees_practitioner
from scoring_service.web.frame.forms import Form, new_once, returned, version
from scoring_service.web.frame.listing import newest_first
from scoring_service.web.frame.pages import CLINIC, get, post, see, work
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.wording.words import CATEGORY, PRACTICE_FIELD
from scoring_service.written import LONGEST_NAME, LONGEST_PRACTICE

SECTION = "web.clinic_people"


@get("/clinic/requests", CLINIC)
def clinic_requests() -> Any:
    """List the institution's requests, the newest first."""
    listed = use_cases.listing(work())
    if form := download_asked():
        return list_download(form, "registration-requests", listed)
    rows, further = newest_first(listed)
    return render_template("clinic/requests.html", section=SECTION, rows=rows, further=further)


@get("/clinic/requests/<request_id>", CLINIC)
def clinic_request(request_id: str) -> str:
    """Show a request of the institution's and what became of it."""
    shown = use_cases.read(work(), request_id)
    ours = shown.practitioner is not None and sees_practitioner(work(), shown.practitioner)
    return render_template("clinic/request.html", section=SECTION, shown=shown, is_ours=ours)


@get("/clinic/requests/new", CLINIC)
def new_clinic_request() -> str:
    """Show the form that asks for a registration."""
    form = returned()
    once = form.raw("once") or new_once()
    return render_template("clinic/request_new.html", section=SECTION, form=form, errors=form.errors, once=once)


@post("/clinic/requests/new", CLINIC, page="new_clinic_request")
def ask_registration() -> Any:
    """Ask for a registration with the institution."""
    form = Form()
    written = {
        "name": form.line("name", required=False, longest=LONGEST_NAME),
        "code": form.ref("code", required=False, longest=20),
        "id_number": form.ref("id_number", required=False, longest=20),
        "category": form.choice("category", tuple(CATEGORY), required=False),
    }
    written |= {name: form.line(name, required=False, longest=LONGEST_PRACTICE) for name in PRACTICE_FIELD}
    from_on, signed_on = form.day("from"), form.day("commitment_signed_on", required=False)
    form.refuse()
    made = use_cases.request_registration(
        work(), from_on=from_on or work().today, commitment_signed_on=signed_on, **written
    )
    return _to_request(made.id)


def _to_request(request_id: str) -> Any:
    flash(_("申请已提出，等待医保部门办理。"))
    return see(url_for("web.clinic_request", request_id=request_id))


@get("/clinic/people/<ref>/departure", CLINIC)
def new_departure(ref: str) -> str:
    """Show the form that reports somebody's departure."""
    form = returned()
    return render_template(
        "clinic/departure_new.html",
        section=SECTION,
        person=read_practitioner(work(), ref),
        form=form,
        errors=form.errors,
        once=form.raw("once") or new_once(),
    )


@post("/clinic/people/<ref>/departure", CLINIC, page="new_departure")
def ask_departure(ref: str) -> Any:
    """Report that somebody has left, with their last day."""
    form = Form()
    form.day("on")
    away = form.last_day("on", None)
    reason = form.text("reason", longest=500)
    form.refuse()
    made = use_cases.request_departure(work(), practitioner=ref, on=away or work().today, reason=str(reason))
    return _to_request(made.id)


@post("/clinic/requests/<request_id>/withdraw", CLINIC, page="clinic_request")
def withdraw_clinic_request(request_id: str) -> Any:
    """Withdraw a request before it is decided."""
    use_cases.withdraw(work(), request_id, expected_version=version())
    flash(_("申请已撤回。"))
    return see(url_for("web.clinic_request", request_id=request_id))
