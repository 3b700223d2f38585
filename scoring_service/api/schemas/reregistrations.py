"""Re-registrations, as asked and as answered (contract.md, Remediation and return)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Day, Instant, Page, Strict, Text
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.api.schemas.practitioners import Affiliations
from scoring_service.services.proposals.reregistrations import REREGISTRATION


class NewReregistration(Strict):
    """A new start after a ban, not before `on`, with a new commitment letter."""

    on = Day(required=True)
    affiliations = Affiliations(load_default=list)
    commitment_signed_on = Day(required=True)
    statement = Text(load_default=None, allow_none=True)


class ReregistrationQuery(list_query(REREGISTRATION.fields)):  # type: ignore[misc]
    """The proposals asked for."""


class PlannedAffiliation(Schema):
    """A span at an institution, as it is proposed."""

    institution = fields.String()
    from_on = fields.Date(data_key="from", attribute="span.start")
    until = fields.Date(attribute="span.until", allow_none=True)


class ReregistrationAnswer(Schema):
    """A proposal; `entry` is that of its approval."""

    id = fields.String()
    version = fields.Integer()
    state = fields.String()
    practitioner = fields.String()
    on = fields.Date()
    affiliations = fields.List(fields.Nested(PlannedAffiliation))
    commitment_signed_on = fields.Date()
    statement = fields.String(allow_none=True)
    recorded_by = fields.String(attribute="hands.recorded_by")
    recorded_at = Instant()
    decided_by = fields.String(attribute="hands.decided_by", allow_none=True)
    decided_at = Instant(allow_none=True)
    reason = fields.String(attribute="rejected_because", allow_none=True)
    entry = fields.String(allow_none=True)


class ReregistrationPage(Page):
    """Proposals, the newest first."""

    items = fields.List(fields.Nested(ReregistrationAnswer))
