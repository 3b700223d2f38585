"""Liftings of measures, as drafted and as answered (contract.md, Cases)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Instant, Page
from scoring_service.api.schemas.corrections import AffectedAnswer
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.services.proposals.liftings import LIFTING


class LiftingQuery(list_query(LIFTING.fields)):  # type: ignore[misc]
    """The drafted liftings asked for."""


class LiftingAnswer(Schema):
    """A drafted lifting of the measure `target`; `entry` is the one that was posted."""

    id = fields.String()
    version = fields.Integer()
    state = fields.String()
    practitioner = fields.String()
    target = fields.String()
    reason = fields.String()
    recorded_by = fields.String(attribute="hands.recorded_by")
    recorded_at = Instant()
    decided_by = fields.String(attribute="hands.decided_by", allow_none=True)
    decided_at = Instant(allow_none=True)
    rejected_because = fields.String(allow_none=True)
    entry = fields.String(allow_none=True)


class PostedLifting(LiftingAnswer):
    """A posted lifting: `affected` are the spans before and after, and the refusals that would now be payable."""

    affected = fields.Nested(AffectedAnswer)


class LiftingPage(Page):
    """Drafted liftings, the newest first."""

    items = fields.List(fields.Nested(LiftingAnswer))
