"""What institutions ask of the registry: the list, what doing it would change, and the decision."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from scoring_service.core.procedure import RequestState
from scoring_service.services.proposals import registration_requests as use_cases
from scoring_service.services.registry.names import institution_names, practitioner_names
from scoring_service.web.frame.forms import Form, returned, version
from scoring_service.web.frame.listing import newest_first
from scoring_service.web.frame.pages import ADMIN, OFFICE, get, post, see, work
from scoring_service.web.frame.spreadsheet import download_asked, list_download


@get("/registrations/requests", OFFICE)
def registration_requests() -> Any:
    """List the requests in a state (`?state=`), those that wait without one."""
    state = request.args.get("state", "")
    state = state if state in set(RequestState) else RequestState.REQUESTED.value
    listed = use_cases.listing(work(), state=state)
    if form := download_asked():
        return list_download(form, "registration-requests", listed)
    rows, further = newest_first(listed)
    people = practitioner_names(work(), {row.practitioner for row in rows if row.practitioner}, use_cases.REQUEST.name)
    return render_template(
        "office/requests.html",
        section=_section(),
        rows=rows,
        further=further,
        names=institution_names(work(), {row.institution for row in rows}),
        people=people,
        state=state,
    )


def _section() -> str:
    return "web.registry_desk" if work().actor.has(*ADMIN) else "web.today"


@get("/registrations/requests/<request_id>", OFFICE)
def registration_request(request_id: str) -> str:
    """Show a request; to the administrator, what doing it will change or why it cannot be done."""
    form = returned()
    shown = use_cases.read(work(), request_id)
    decides = shown.state == RequestState.REQUESTED and work().actor.has(*ADMIN)
    effect, hindrance = use_cases.foresee(work(), request_id) if decides else (None, None)
    shown = use_cases.read(work(), request_id)
    return render_template(
        "office/request.html",
        section=_section(),
        shown=shown,
        institution=institution_names(work(), {shown.institution})[shown.institution],
        decides=decides,
        effect=effect,
        hindrance=hindrance,
        errors=form.errors,
        form=form,
    )


@post("/registrations/requests/<request_id>/approve", ADMIN, page="registration_request")
def approve_request(request_id: str) -> Any:
    """Do what was asked."""
    use_cases.approve(work(), request_id, expected_version=version())
    flash(_("已办理，立即生效。"))
    return see(url_for("web.registration_request", request_id=request_id))


@post("/registrations/requests/<request_id>/refuse", ADMIN, page="registration_request")
def refuse_request(request_id: str) -> Any:
    """Refuse a request, with a reason that the institution reads."""
    expected = version()
    form = Form()
    reason = form.text("reason", longest=500)
    form.refuse()
    use_cases.refuse(work(), request_id, reason=str(reason), expected_version=expected)
    flash(_("已告知机构，并附上您的理由。"))
    return see(url_for("web.registration_request", request_id=request_id))
