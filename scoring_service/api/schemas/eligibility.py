"""Eligibility questions, twice: the marshmallow schema is the specification, the compiled codec is the fast way.

What the codec refuses is read again by the schema, which words the refusal; a test compares both.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from marshmallow import Schema, ValidationError, fields, validate

from scoring_service.api.schemas.base import DATE, Flag, Instant, QueryFlag, Strict, parse_instant
from scoring_service.api.schemas.standing import SPACE_FOR_PLUS, KnowledgeQuery

LONGEST_REF = 64
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


class ServiceTime(fields.String):
    """A day, or an instant with its offset; kept as it was asked."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        asked = super()._deserialize(value, attr, data, **kwargs)
        civil_date(asked)
        return asked


class QueryServiceTime(ServiceTime):
    """The same in a query string, in which an unescaped `+` arrives as a space."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(SPACE_FOR_PLUS.sub("+", value), attr, data, **kwargs)


def _ref(**kwargs: Any) -> fields.String:
    length = validate.Length(
        max=LONGEST_REF, error=f"最多 {LONGEST_REF} 个字符 / at most {LONGEST_REF} characters"
    )
    return fields.String(validate=length, allow_none=True, load_default=None, **kwargs)


class EligibilityQuery(KnowledgeQuery):
    """One question in a query string."""

    service_time = QueryServiceTime(load_default=None)
    institution = _ref()
    emergency = QueryFlag(load_default=False)


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


Ref = Annotated[str, msgspec.Meta(max_length=LONGEST_REF)]


class CheckBody(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """`CheckSchema`, compiled."""

    ref: Ref | None = None
    service_time: str | None = None
    institution: Ref | None = None
    emergency: bool | None = False


class BatchBody(msgspec.Struct, forbid_unknown_fields=True):
    """`BatchSchema`, compiled."""

    checks: Annotated[list[CheckBody], msgspec.Meta(min_length=1, max_length=MOST_CHECKS)]
    known_at: str | None = None


decode_batch = msgspec.json.Decoder(BatchBody).decode


class EligibilityAnswer(Schema):
    """One answer."""

    ref = fields.String(allow_none=True)
    service_time = fields.String()
    institution = fields.String(allow_none=True)
    emergency = fields.Boolean()
    payable = fields.Boolean()
    reason = fields.String()
    status = fields.String(allow_none=True)
    until = fields.String(allow_none=True)
    may_reapply_from = fields.String(allow_none=True)
    rulebook = fields.String(allow_none=True)
    revision = fields.Integer()
    decision_id = fields.String()
    known_at = fields.String()


class BatchAnswer(Schema):
    """The answers in the order of their questions."""

    results = fields.List(fields.Nested(EligibilityAnswer))
    known_at = fields.String()
