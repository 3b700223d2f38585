"""What was done and who looked: the auditor's list, and a person's own."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import NOT_FILTERS, page_of
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.audit import AccessLogPage, AuditPage, AuditQuery
from scoring_service.api.schemas.base import PageQuery
from scoring_service.services.record import audit

blueprint = Blueprint("audit", __name__, description="审计 / audit")


@blueprint.get("/audit")
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, AuditPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List writes and looks, the newest first."""
    filters = {name: value for name, value in query.items() if name not in NOT_FILTERS}
    return page_of(audit.audit(work(), **filters), query)


@blueprint.get("/practitioners/<ref>/access-log")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, AccessLogPage)
def access_log(query: dict[str, Any], ref: str) -> dict[str, Any]:
    """List who looked at a person, when, and in what role."""
    return page_of(audit.access_log(work(), ref), query)
