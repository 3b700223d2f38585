"""Evidence on the page of an appeal: every side adds to it, whoever may see the appeal takes it along."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, url_for
from flask_babel import gettext as _

from scoring_service.core.procedure import Side
from scoring_service.downloads import as_download
from scoring_service.services.appeals import evidence
from scoring_service.web.frame.forms import Form, version
from scoring_service.web.frame.pages import CLINIC, OFFICE, PRACTITIONER, UPLOAD_LIMIT, get, post, see, work
from scoring_service.web.frame.uploads import about_the_file, sent_file


@post("/appeals/<appeal_id>/attachments", evidence.ATTACHING, page="appeal", body_limit=UPLOAD_LIMIT)
def attach_to_appeal(appeal_id: str) -> Any:
    """Attach evidence; a clerk says whose it is that came on paper."""
    form = Form()
    side = form.choice("side", tuple(Side), required=False)
    form.refuse()
    expected = version()
    with about_the_file():
        evidence.attach(work(), appeal_id, side=Side(side) if side else None, expected_version=expected, **sent_file())
    flash(_("证据已上传，各方和评审专家都能看到。"))
    return see(url_for("web.appeal", appeal_id=appeal_id, _anchor="evidence"))


@get("/appeals/<appeal_id>/attachments/<n>", OFFICE | CLINIC | PRACTITIONER | frozenset({"expert"}))
def appeal_attachment(appeal_id: str, n: str) -> Response:
    """Send a piece of evidence as a download."""
    return as_download(evidence.attachment(work(), appeal_id, n))
