"""`/eligibility`: is this claim line payable? One question, or ten thousand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from flask import Response, request
from marshmallow import ValidationError, missing

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.bodies import read_json
from scoring_service.api.pipeline.negotiation import JSON, LINES, preferred
from scoring_service.api.pipeline.request import invalid, work
from scoring_service.api.schemas.base import parse_instant
from scoring_service.api.schemas.eligibility import (
    BatchAnswer,
    BatchSchema,
    EligibilityAnswer,
    EligibilityQuery,
    Question,
    civil_date,
    decode_batch,
)
from scoring_service.problems import Invalid
from scoring_service.services.eligibility import checks as eligibility
from scoring_service.services.eligibility.answer import Check, make_check
from scoring_service.services.eligibility.message import message_about
from scoring_service.written import LONGEST_REF

blueprint = Blueprint("eligibility", __name__, description="Eligibility · 支付资格查询")

_encode = msgspec.json.Encoder().encode
_encode_lines = msgspec.json.Encoder().encode_lines
LINES_A_CHUNK = 500


@blueprint.get("/eligibility/<anything:ref>")
@blueprint.arguments(EligibilityQuery, location="query", as_kwargs=True)
@blueprint.response(200, EligibilityAnswer)
def get_eligibility(ref: str, **question: Any) -> Response:
    """Judge one person."""
    if not ref.strip() or len(ref) > LONGEST_REF:
        raise Invalid("/path/ref", f"须为 1 至 {LONGEST_REF} 个字符 / must have 1 to {LONGEST_REF} characters")
    return _answer_one(ref, **question)


@blueprint.get("/eligibility")
@blueprint.arguments(EligibilityQuery, location="query", as_kwargs=True)
@blueprint.response(200, EligibilityAnswer)
def get_pharmacy_eligibility(**question: Any) -> Response:
    """Judge a pharmacy by its principal of the day."""
    if question["institution"] is None:
        raise Invalid("/institution", "必填 / required")
    return _answer_one(None, **question)


def _answer_one(
    ref: str | None,
    *,
    service_time: str | None,
    institution: str | None,
    emergency: bool,
    known_at: datetime | None,
    revision: int | None,
    message: bool,
) -> Response:
    check = _check((ref, service_time, institution, emergency), work().now)
    try:
        if message:
            explained = eligibility.explain_lines(work(), [check], known_at=known_at, revision=revision)[0]
            sentence = message_about(explained, check.service_on)
            return _json(msgspec.to_builtins(explained.answer) | {"message": sentence})
        return _json(eligibility.check_lines(work(), [check], known_at=known_at, revision=revision)[0])
    except eligibility.NobodyNamed as refusal:
        raise Invalid("/institution", refusal.detail) from None


@blueprint.post("/eligibility/batch")
@blueprint.response(200, BatchAnswer)
def check_batch() -> Response:
    """Judge 1 to 10,000 lines; a malformed row refuses the batch and is pointed at.

    Whoever prefers `application/x-ndjson` reads one answer a line as it arrives; each tells its `known_at` itself.
    """
    questions, known_text = _read_batch()
    known_at = parse_instant(known_text) if known_text else None
    now = work().now
    checks = [_check(question, now) for question in questions]
    answers = eligibility.check_lines(work(), checks, known_at=known_at)
    if preferred((JSON, LINES)) == LINES:
        chunks = (answers[start : start + LINES_A_CHUNK] for start in range(0, len(answers), LINES_A_CHUNK))
        return Response(map(_encode_lines, chunks), mimetype=LINES)
    return _json({"results": answers, "known_at": answers[0].known_at})


def _read_batch() -> tuple[list[Question], str | None]:
    if not request.is_json:
        return _as_specified()
    try:
        return decode_batch(request.get_data())
    except (msgspec.MsgspecError, UnicodeDecodeError, ValidationError):
        return _as_specified()


def _as_specified() -> tuple[list[Question], str | None]:
    """Read the batch by its specification, which says what is wrong and where."""
    value = read_json(request)
    try:
        loaded = BatchSchema().load({} if value is missing else value)
    except ValidationError as error:
        raise invalid(ValidationError({"json": error.normalized_messages()})) from None
    known_at = loaded["known_at"]
    questions = [
        (check["ref"], check["service_time"], check["institution"], bool(check["emergency"]))
        for check in loaded["checks"]
    ]
    return questions, known_at and known_at.isoformat()


def _check(question: Question, now: datetime) -> Check:
    ref, service_time, institution, emergency = question
    service_on = civil_date(service_time) if service_time else now.date()
    return make_check(ref, service_time or now.isoformat(), service_on, institution, emergency=emergency)


@blueprint.get("/eligibility/decisions/<decision_id>")
@blueprint.response(200, EligibilityAnswer)
def get_decision(decision_id: str) -> Response:
    """A recorded refusal, as it was answered."""
    return _json(eligibility.recorded_decision(work(), decision_id))


def _json(answer: Any) -> Response:
    return Response(_encode(answer), mimetype="application/json")
