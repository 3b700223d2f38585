"""Consent of an institution to an application of one of its people, as asked and as answered (P38, P39)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Code, Instant, Strict, Text
from scoring_service.written import LONGEST_REF

LONGEST_PROOF = 1000


class ConsentBody(Strict):
    """Nothing from an institution itself; from a clerk, which institution has answered, and what proves it."""

    institution = Code(longest=LONGEST_REF, allow_none=True, load_default=None)
    proof = Text(longest=LONGEST_PROOF, allow_none=True, load_default=None)


class ConsentRefusal(ConsentBody):
    """A consent that is refused, and why."""

    reason = Text(required=True)


class ConsentAnswer(Schema):
    """The answer of an institution: with a reason it is a refusal."""

    institution = fields.String(allow_none=True)
    answered_at = Instant()
    on_paper = fields.Boolean()
    proof = fields.String(allow_none=True)
    refused_because = fields.String(allow_none=True)


class ConsentedAnswer(Schema):
    """An application that an institution consents to, whatever it asks for; `lapsed_because` is the code of a gate."""

    id = fields.String()
    version = fields.Integer()
    state = fields.String()
    practitioner = fields.String()
    filed_by = fields.String()
    filed_institution = fields.String(allow_none=True)
    filed_at = Instant(attribute="recorded_at")
    recorded_by = fields.String(attribute="hands.recorded_by")
    consent = fields.Nested(ConsentAnswer, allow_none=True)
    consent_due_on = fields.Date(allow_none=True)
    consent_provisional = fields.Boolean()
    proceeded_because = fields.String(allow_none=True)
    consented_on = fields.Date(allow_none=True)
    decided_by = fields.String(attribute="hands.decided_by", allow_none=True)
    decided_at = Instant(allow_none=True)
    reason = fields.String(attribute="rejected_because", allow_none=True)
    lapsed_because = fields.String(allow_none=True)
