"""Corrections, as drafted and as answered (contract.md, Cases)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Day, Instant, Line, OneOf, Page, Strict, Text, Whole
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.api.schemas.standing import SanctionAnswer
from scoring_service.services.proposals.corrections import BASES, CORRECTION

LONGEST_DOCUMENT_NO = 200


class NewCorrection(Strict):
    """The value, in points or days, with which an entry is to count; 0 voids it."""

    value = Whole(required=True, low=0)
    basis = OneOf(*BASES, required=True)
    document_no = Line(required=True, longest=LONGEST_DOCUMENT_NO)
    reason = Text(required=True)


class CorrectionQuery(list_query(CORRECTION.fields)):  # type: ignore[misc]
    """The drafted corrections asked for."""


class CorrectionAnswer(Schema):
    """A drafted correction of the entry `target`; `entry` is the one that was posted."""

    id = fields.String()
    version = fields.Integer()
    state = fields.String()
    practitioner = fields.String()
    target = fields.String()
    value = fields.Integer()
    basis = fields.String()
    document_no = fields.String()
    reason = fields.String()
    recorded_by = fields.String(attribute="hands.recorded_by")
    recorded_at = Instant()
    decided_by = fields.String(attribute="hands.decided_by", allow_none=True)
    decided_at = Instant(allow_none=True)
    rejected_because = fields.String(allow_none=True)
    entry = fields.String(allow_none=True)


class AffectedRefusalAnswer(Schema):
    """A refusal on record whose fee would now be payable."""

    decision_id = fields.String()
    service_on = Day()
    institution = fields.String(allow_none=True)
    reason = fields.String()


class AffectedAnswer(Schema):
    """What a correction has affected: every sanction before and after it, and the refusals."""

    entry = fields.String()
    before = fields.List(fields.Nested(SanctionAnswer))
    after = fields.List(fields.Nested(SanctionAnswer))
    refusals = fields.List(fields.Nested(AffectedRefusalAnswer))


class PostedCorrection(CorrectionAnswer):
    """A posted correction: `affected` are the spans before and after, and the refusals that would now be payable."""

    affected = fields.Nested(AffectedAnswer)


class CorrectionPage(Page):
    """Drafted corrections, the newest first."""

    items = fields.List(fields.Nested(CorrectionAnswer))
