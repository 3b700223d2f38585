"""Letters of many notices as one PDF: asked for with ticks or for a case, followed while it is made, taken along."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request, url_for

from scoring_service.downloads import as_pdf
from scoring_service.services.bundles import asking, records
from scoring_service.terms import BUNDLE_STATES
from scoring_service.web.frame.pages import (
    AUDITOR,
    CLINIC,
    OFFICE,
    PRACTITIONER,
    blueprint,
    get,
    post,
    see,
    work,
)
from scoring_service.web.wording.languages import side

READERS = (OFFICE - AUDITOR) | CLINIC | PRACTITIONER


@blueprint.app_template_filter()
def bundle_state(state: str) -> str:
    """Return the name of a bundle's state."""
    return side(BUNDLE_STATES[state])


@post("/letters/bundles", READERS, page="letters")
def bundle_letters() -> Any:
    """Have the ticked letters joined."""
    waiting = asking.bundle_notices(work(), request.form.getlist("notice"))
    return see(url_for("web.bundle", bundle_id=waiting.id))


@post("/cases/<case_id>/letters", READERS, page="case")
def bundle_case_letters(case_id: str) -> Any:
    """Have all letters of a case joined."""
    waiting = asking.bundle_case(work(), case_id)
    return see(url_for("web.bundle", bundle_id=waiting.id))


@get("/letters/bundles/<bundle_id>", READERS)
def bundle(bundle_id: str) -> str:
    """Show how far a bundle is, its PDF once it is made, and which letters it lacks."""
    shown = records.read_bundle(work(), bundle_id)
    at_work = shown.state in records.AT_WORK
    return render_template("bundle.html", section="web.letters", bundle=shown, at_work=at_work)


@get("/letters/bundles/<bundle_id>/pdf", READERS)
def bundle_pdf(bundle_id: str) -> Response:
    """Send the PDF."""
    return as_pdf(records.read_pdf(work(), bundle_id), f"letters-{bundle_id[:8]}.pdf")
