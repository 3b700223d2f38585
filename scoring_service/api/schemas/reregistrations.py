"""Re-registrations, as asked and as answered (contract.md, Remediation and return)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Day, OneOf, Page, PageQuery, Strict
from scoring_service.api.schemas.practitioners import AffiliationAnswer, Affiliations
from scoring_service.services.proposals.reregistrations import STATES


class NewReregistration(Strict):
    """A new start after a ban, not before `on`, with a new commitment letter."""

    on = Day(required=True)
    affiliations = Affiliations(load_default=list)
    commitment_signed_on = Day(required=True)


class ReregistrationQuery(PageQuery):
    """The proposals asked for."""

    state = OneOf(*STATES)


class ReregistrationAnswer(Schema):
    """A proposal; `entry` is that of its approval."""

    id = fields.String()
    version = fields.Integer()
    state = fields.String()
    practitioner = fields.String()
    on = fields.String(metadata={"format": "date"})
    affiliations = fields.List(fields.Nested(AffiliationAnswer))
    commitment_signed_on = fields.String(metadata={"format": "date"})
    recorded_by = fields.String()
    recorded_at = fields.String(metadata={"format": "date-time"})
    decided_by = fields.String(allow_none=True)
    decided_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    reason = fields.String(allow_none=True)
    entry = fields.String(allow_none=True)


class ReregistrationPage(Page):
    """Proposals, the newest first."""

    items = fields.List(fields.Nested(ReregistrationAnswer))
