"""`/eligibility`: is this claim line payable? One question, or ten thousand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from flask import Response, request
from marshmallow import ValidationError, missing

from scoring_service.api.blueprint import Blueprint
from scoring_service.api.request import invalid, read_json, work
from scoring_service.api.schemas.base import parse_instant
from scoring_service.api.schemas.eligibility import (
    LONGEST_REF,
    BatchAnswer,
    BatchBody,
    BatchSchema,
    CheckBody,
    EligibilityAnswer,
    EligibilityQuery,
    civil_date,
    decode_batch,
)
from scoring_service.problems import Invalid
from scoring_service.services import eligibility
from scoring_service.services.eligibility_answer import Check

blueprint = Blueprint("eligibility", __name__, description="Eligibility · 支付资格查询")

_encode = msgspec.json.Encoder().encode


@blueprint.get("/eligibility/<path:ref>")
@blueprint.arguments(EligibilityQuery, location="query", as_kwargs=True)
@blueprint.response(200, EligibilityAnswer)
def get_eligibility(ref: str, **question: Any) -> Response:
    """Judge one person."""
    if len(ref) > LONGEST_REF:
        raise Invalid("/path/ref", f"最多 {LONGEST_REF} 个字符 / at most {LONGEST_REF} characters")
    return _answer_one(ref, **question)


@blueprint.get("/eligibility")
@blueprint.arguments(EligibilityQuery, location="query", as_kwargs=True)
@blueprint.response(200, EligibilityAnswer)
def get_pharmacy_eligibility(**question: Any) -> Response:
    """Judge a pharmacy by its principal of the day."""
    if not question["institution"]:
        raise Invalid("/query/institution", "必填 / required")
    return _answer_one(None, **question)


def _answer_one(
    ref: str | None,
    *,
    service_time: str | None,
    institution: str | None,
    emergency: bool,
    known_at: datetime | None,
    revision: int | None,
) -> Response:
    body = CheckBody(ref=ref, service_time=service_time, institution=institution, emergency=emergency)
    answers = eligibility.check_lines(
        work(), [_check(body, work().now)], known_at=known_at, revision=revision
    )
    return _json(answers[0])


@blueprint.post("/eligibility/batch")
@blueprint.response(200, BatchAnswer)
def check_batch() -> Response:
    """Judge 1 to 10,000 lines; a malformed row refuses the batch and is pointed at."""
    body = _read_batch()
    known_at = parse_instant(body.known_at) if body.known_at else None
    now = work().now
    checks = [_check(check, now) for check in body.checks]
    answers = eligibility.check_lines(work(), checks, known_at=known_at, in_body=True)
    return _json({"results": answers, "known_at": answers[0].known_at})


def _read_batch() -> BatchBody:
    raw = request.get_data()
    try:
        if not request.is_json or b"\\u0000" in raw:
            return _as_specified()
        body = decode_batch(raw)
        for check in body.checks:
            if check.service_time is not None:
                civil_date(check.service_time)
        if body.known_at is not None:
            parse_instant(body.known_at)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValidationError):
        return _as_specified()
    return body


def _as_specified() -> BatchBody:
    """Read the batch by its specification, which says what is wrong and where."""
    value = read_json(request)
    try:
        loaded = BatchSchema().load({} if value is missing else value)
    except ValidationError as error:
        raise invalid(ValidationError({"json": error.normalized_messages()})) from None
    known_at = loaded["known_at"]
    return BatchBody(
        checks=[CheckBody(**check) for check in loaded["checks"]],
        known_at=known_at and known_at.isoformat(),
    )


def _check(body: CheckBody, now: datetime) -> Check:
    asked = body.service_time
    service_on = civil_date(asked) if asked else now.date()
    return Check(body.ref, asked or now.isoformat(), service_on, body.institution, bool(body.emergency))


@blueprint.get("/eligibility/decisions/<decision_id>")
@blueprint.response(200, EligibilityAnswer)
def get_decision(decision_id: str) -> Response:
    """A recorded refusal, as it was answered."""
    return _json(eligibility.recorded_decision(work(), decision_id))


def _json(answer: Any) -> Response:
    return Response(_encode(answer), mimetype="application/json")
