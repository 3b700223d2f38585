"""Eligibility questions, twice: the marshmallow schema is the specification, the compiled codec is the fast way.

What the codec refuses is read again by the schema, which words the refusal; a test compares both.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from marshmallow import Schema, ValidationError, fields, validate

from scoring_service.api.schemas.base import DATE, Flag, Instant, QueryFlag, Strict, Verbatim, parse_instant
from scoring_service.api.schemas.standing import SPACE_FOR_PLUS, KnowledgeQuery
from scoring_service.written import LONGEST_REF

MOST_CHECKS = 10_000


@lru_cache(maxsize=16_384)
def civil_date(service_time: str) -> date:
    """Return the Shanghai date of an instant or date as it was asked. Raises ValidationError."""
    if DATE.fullmatch(service_time):
        try:
            return date.fromisoformat(service_time)
        except ValueError:
            raise ValidationError("没有这一天 / there is no such day") from None
    return parse_instant(service_time).date()


class ServiceTime(Verbatim):
    """A day, or an instant with its offset; kept as it was asked."""

    def read(self, value: str) -> str:
        civil_date(value)
        return value


class QueryServiceTime(ServiceTime):
    """The same in a query string, in which an unescaped `+` arrives as a space."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(SPACE_FOR_PLUS.sub("+", value), attr, data, **kwargs)


def _ref() -> Verbatim:
    return Verbatim(longest=LONGEST_REF, allow_none=True, load_default=None)


class EligibilityQuery(KnowledgeQuery):
    """One question in a query string."""

    service_time = QueryServiceTime(load_default=None)
    institution = _ref()
    emergency = QueryFlag(load_default=False)
    message = QueryFlag(load_default=False)


class CheckSchema(Strict):
    """One question of a batch."""

    ref = _ref()
    service_time = ServiceTime(allow_none=True, load_default=None)
    institution = _ref()
    emergency = Flag(allow_none=True, load_default=False)


class BatchSchema(Strict):
    """One to ten thousand questions, answered by one knowledge."""

    checks = fields.List(
        fields.Nested(CheckSchema),
        required=True,
        validate=validate.Length(
            min=1,
            max=MOST_CHECKS,
            error=f"须为 1 至 {MOST_CHECKS} 条 / must hold 1 to {MOST_CHECKS} checks",
        ),
    )
    known_at = Instant(allow_none=True, load_default=None)


Asked = Annotated[str, msgspec.Meta(max_length=LONGEST_REF, pattern=r"\S")]


_MEMBERS = (b'"ref"', b'"service_time"', b'"institution"', b'"emergency"', b'"checks"', b'"known_at"')

Question = tuple[str | None, str | None, str | None, bool]
"""Ref, service time, institution, and whether it was an emergency; as asked, None where nothing was said."""


class CheckBody(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """`CheckSchema`, compiled."""

    ref: Asked | msgspec.UnsetType | None = msgspec.UNSET
    service_time: str | msgspec.UnsetType | None = msgspec.UNSET
    institution: Asked | msgspec.UnsetType | None = msgspec.UNSET
    emergency: bool | msgspec.UnsetType | None = msgspec.UNSET


class BatchBody(msgspec.Struct, forbid_unknown_fields=True):
    """`BatchSchema`, compiled."""

    checks: Annotated[list[CheckBody], msgspec.Meta(min_length=1, max_length=MOST_CHECKS)]
    known_at: str | msgspec.UnsetType | None = msgspec.UNSET


_decode = msgspec.json.Decoder(BatchBody).decode


def decode_batch(raw: bytes) -> tuple[list[Question], str | None]:
    """Return the questions of a batch and its `known_at`.

    Raises msgspec.MsgspecError, ValidationError or UnicodeDecodeError for what the specification shall read: what is
    wrong, and what only it can judge, which is a text with escapes and a member named twice.
    """
    if b"\\" in raw:
        raise ValidationError("escapes")
    body = _decode(raw)
    questions = [_question(check) for check in body.checks]
    if _members_named(raw) != _members_held(body):
        raise ValidationError("a member named twice")
    if isinstance(body.known_at, str):
        parse_instant(body.known_at)
    return questions, body.known_at or None


def _question(check: CheckBody) -> Question:
    ref, service_time, institution, emergency = check.ref, check.service_time, check.institution, check.emergency
    if service_time:
        civil_date(service_time)
    elif service_time == "":
        raise ValidationError("empty")
    return (ref or None, service_time or None, institution or None, emergency is True)


def _members_named(raw: bytes) -> list[int]:
    """Return how often each member's name stands in the text, as a name or as a value."""
    return [raw.count(name) for name in _MEMBERS]


def _members_held(body: BatchBody) -> list[int]:
    """Return how many members of each name were read; of two with one name, one."""
    unset = msgspec.UNSET
    held = [0, 0, 0, 0]
    for check in body.checks:
        held[0] += check.ref is not unset
        held[1] += check.service_time is not unset
        held[2] += check.institution is not unset
        held[3] += check.emergency is not unset
    return [*held, 1, int(body.known_at is not unset)]


class EligibilityAnswer(Schema):
    """One answer; `message` where it was asked for."""

    ref = fields.String(allow_none=True)
    service_time = fields.String()
    institution = fields.String(allow_none=True)
    emergency = fields.Boolean()
    payable = fields.Boolean()
    reason = fields.String()
    status = fields.String(allow_none=True)
    until = fields.String(allow_none=True)
    may_resume_from = fields.String(allow_none=True)
    may_reapply_from = fields.String(allow_none=True)
    rulebook = fields.String(allow_none=True)
    revision = fields.Integer()
    decision_id = fields.String()
    known_at = fields.String()
    message = fields.String()


class BatchAnswer(Schema):
    """The answers in the order of their questions."""

    results = fields.List(fields.Nested(EligibilityAnswer))
    known_at = fields.String()
