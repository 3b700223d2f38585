"""`/cases`: violations recorded, submitted by one person and approved by another."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import created, expected_version, tagged, work
from scoring_service.api.schemas.cases import (
    ApprovalBody,
    AssignedCases,
    CaseAnswer,
    CaseAssignment,
    CaseChanges,
    CasePage,
    CaseQuery,
    NewCase,
    ReasonBody,
)
from scoring_service.core.adjustments import Adjustment, AdjustmentKind
from scoring_service.core.procedure import MeasureKind
from scoring_service.services.cases import approval, drafting, reading
from scoring_service.services.cases.assigning import SeenCase, assign_cases
from scoring_service.services.cases.case import Case, Handling, HandlingMeasure
from scoring_service.services.cases.findings import Finding

blueprint = Blueprint("cases", __name__, description="案件 / cases, four eyes")


@blueprint.post("/cases")
@blueprint.arguments(NewCase)
@blueprint.response(201, CaseAnswer)
def draft(body: dict[str, Any]) -> Any:
    """Draft a case."""
    drafted = drafting.draft(
        work(),
        institution=body["institution"],
        handling=Handling(**_handling(body["handling"])),
        summary=body["summary"],
        findings=_findings(body["findings"]),
    )
    return created(drafted, f"/cases/{drafted.id}")


@blueprint.get("/cases")
@blueprint.arguments(CaseQuery, location="query")
@blueprint.response(200, CasePage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the cases that the caller may know of, the newest first; with `notice_due_before` the soonest due."""
    filters = {name: query.get(name) for name in ("practitioner", "notice_due_before")}
    return page_of(reading.listing(work(), **filters), query)


@blueprint.post("/cases/assignments")
@blueprint.arguments(CaseAssignment)
@blueprint.response(200, AssignedCases)
def assign(body: dict[str, Any]) -> dict[str, Any]:
    """Assign cases to a clerk: all of them, or none when one cannot be, every faulty row told."""
    seen = [SeenCase(**case) for case in body["cases"]]
    return {"assigned": assign_cases(work(), seen, body["to"])}


@blueprint.get("/cases/<case_id>")
@blueprint.response(200, CaseAnswer)
def shown(case_id: str) -> Any:
    """Show a case."""
    return _answer(reading.read_case(work(), case_id))


@blueprint.patch("/cases/<case_id>")
@blueprint.arguments(CaseChanges)
@blueprint.response(200, CaseAnswer)
def edit(changes: dict[str, Any], case_id: str) -> Any:
    """Change a draft; `If-Match` is required."""
    if "findings" in changes:
        changes["findings"] = _findings(changes["findings"])
    if "handling" in changes:
        changes["handling"] = _handling(changes["handling"])
    version = expected_version(required=True)
    return _answer(drafting.edit(work(), case_id, expected_version=version, **changes))


@blueprint.post("/cases/<case_id>/submit")
@blueprint.response(200, CaseAnswer)
def submit(case_id: str) -> Any:
    """Submit a draft to the reviewer."""
    return _answer(drafting.submit(work(), case_id, expected_version=expected_version()))


@blueprint.post("/cases/<case_id>/return")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, CaseAnswer)
def give_back(case_id: str, reason: str) -> Any:
    """Return a submitted case to its drafter."""
    return _answer(drafting.give_back(work(), case_id, reason=reason, expected_version=expected_version()))


@blueprint.post("/cases/<case_id>/approve")
@blueprint.arguments(ApprovalBody, as_kwargs=True, required=False)
@blueprint.response(200, CaseAnswer)
def approve(case_id: str, **decision: Any) -> Any:
    """Approve a submitted case: its entries are posted, in one transaction with all that follows from them."""
    return _answer(approval.approve(work(), case_id, expected_version=expected_version(), **decision))


@blueprint.post("/cases/<case_id>/withdraw")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, CaseAnswer)
def withdraw(case_id: str, reason: str) -> Any:
    """Withdraw a case before its approval."""
    return _answer(drafting.withdraw(work(), case_id, reason=reason, expected_version=expected_version()))


def _handling(body: dict[str, Any]) -> dict[str, Any]:
    """Return the members of a decision, its measure as a record."""
    measure = body.get("measure")
    if measure is None:
        return body
    return body | {"measure": HandlingMeasure(**measure | {"kind": MeasureKind(measure["kind"])})}


def _findings(bodies: list[dict[str, Any]]) -> list[Finding]:
    return [Finding(**body | {"adjustment": _adjustment(body["adjustment"])}) for body in bodies]


def _adjustment(body: dict[str, Any] | None) -> Adjustment | None:
    return None if body is None else Adjustment(kind=AdjustmentKind(body["kind"]), ground=body["ground"])


def _answer(case: Case) -> tuple[Case, int, dict[str, str]]:
    return tagged(case, case.version)
