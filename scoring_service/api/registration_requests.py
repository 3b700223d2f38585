"""`/registration-requests`: institutions ask the registry for registrations and departures, the office decides."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import created, expected_version, tagged, work
from scoring_service.api.schemas.cases import ReasonBody
from scoring_service.api.schemas.registration_requests import (
    NewRegistrationRequest,
    RegistrationRequestAnswer,
    RegistrationRequestPage,
    RegistrationRequestQuery,
)
from scoring_service.core.procedure import RequestKind
from scoring_service.problems import Fault, Faulty
from scoring_service.services.proposals import registration_requests as use_cases
from scoring_service.services.proposals.registration_requests import RegistrationRequest

blueprint = Blueprint("registration_requests", __name__, description="登记申请 / registration requests")

_MISSING = "请填写 / this is needed"


@blueprint.post("/registration-requests")
@blueprint.arguments(NewRegistrationRequest)
@blueprint.response(201, RegistrationRequestAnswer)
def ask_for(body: dict[str, Any]) -> Any:
    """Ask for a registration with one's own institution, or report a departure from it."""
    kind, on, reason = body.pop("kind"), body.pop("on"), body.pop("reason")
    if kind == RequestKind.REGISTRATION:
        _need({"from": body["from_on"]})
        made = use_cases.request_registration(work(), **body)
    else:
        _need({"practitioner": body["practitioner"], "on": on, "reason": reason})
        made = use_cases.request_departure(work(), practitioner=body["practitioner"], on=on, reason=reason)
    return created(made, f"/registration-requests/{made.id}")


def _need(given: dict[str, Any]) -> None:
    missing = [Fault(f"/{name}", _MISSING) for name, value in given.items() if value is None]
    if missing:
        raise Faulty(missing)


@blueprint.get("/registration-requests")
@blueprint.arguments(RegistrationRequestQuery, location="query")
@blueprint.response(200, RegistrationRequestPage)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the requests that the caller may know of, the newest first."""
    return page_of(use_cases.listing(work()), query)


@blueprint.get("/registration-requests/<request_id>")
@blueprint.response(200, RegistrationRequestAnswer)
def shown(request_id: str) -> Any:
    """Show a request."""
    return _answer(use_cases.read(work(), request_id))


@blueprint.post("/registration-requests/<request_id>/approve")
@blueprint.response(200, RegistrationRequestAnswer)
def approve(request_id: str) -> Any:
    """Do what was asked; every gate is checked again."""
    return _answer(use_cases.approve(work(), request_id, expected_version=expected_version()))


@blueprint.post("/registration-requests/<request_id>/refuse")
@blueprint.arguments(ReasonBody, as_kwargs=True)
@blueprint.response(200, RegistrationRequestAnswer)
def refuse(request_id: str, reason: str) -> Any:
    """Refuse a request, with a reason that the institution reads."""
    return _answer(use_cases.refuse(work(), request_id, reason=reason, expected_version=expected_version()))


@blueprint.post("/registration-requests/<request_id>/withdraw")
@blueprint.response(200, RegistrationRequestAnswer)
def withdraw(request_id: str) -> Any:
    """Withdraw one's own request before it is decided."""
    return _answer(use_cases.withdraw(work(), request_id, expected_version=expected_version()))


def _answer(request: RegistrationRequest) -> tuple[RegistrationRequest, int, dict[str, str]]:
    return tagged(request, request.version)
