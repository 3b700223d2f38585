"""`/letters/bundles`: the letters of many notices as one PDF, made by the scheduler and handed to who asked for it."""

from __future__ import annotations

from typing import Any

from flask import Response

from scoring_service.api.attachments import BINARY
from scoring_service.api.pipeline.access import PREFIX
from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.bundles import BundleAnswer, NewBundle
from scoring_service.downloads import as_pdf
from scoring_service.services.bundles import asking, records
from scoring_service.services.bundles.records import Bundle

blueprint = Blueprint("bundles", __name__, description="合并的文书 / letters as one PDF")


@blueprint.post("/letters/bundles")
@blueprint.arguments(NewBundle)
@blueprint.response(202, BundleAnswer)
def ask(body: dict[str, Any]) -> tuple[Bundle, int, dict[str, str]]:
    """Have the letters of up to 1,000 notices, or all of a case, joined in one PDF."""
    by_case = body["case"] is not None
    bundle = asking.bundle_case(work(), body["case"]) if by_case else asking.bundle_notices(work(), body["notices"])
    return bundle, 202, {"Location": f"{PREFIX}/letters/bundles/{bundle.id}"}


@blueprint.get("/letters/bundles/<bundle_id>")
@blueprint.response(200, BundleAnswer)
def shown(bundle_id: str) -> Bundle:
    """Tell how far a bundle of one's own is, and which letters it lacks."""
    return records.read_bundle(work(), bundle_id)


@blueprint.get("/letters/bundles/<bundle_id>/pdf")
@blueprint.response(200, BINARY, content_type="application/pdf")
def pdf(bundle_id: str) -> Response:
    """Send the PDF, each letter's pages as they were issued; kept for seven days."""
    return as_pdf(records.read_pdf(work(), bundle_id), f"letters-{bundle_id[:8]}.pdf")
