"""Numbered events."""

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import LIMIT_DEFAULT, LIMIT_MAX, Instant, Page, QueryWhole, Strict


class EventQuery(Strict):
    """Go on behind the number that was seen last."""

    after = QueryWhole(low=0, load_default=0)
    limit = QueryWhole(low=1, high=LIMIT_MAX, load_default=LIMIT_DEFAULT)


class Event(Schema):
    """A change; `number` has no gaps but for what the caller may not see."""

    number = fields.Integer()
    kind = fields.String()
    practitioner = fields.String(attribute="practitioner_id", allow_none=True)
    institution = fields.String(attribute="institution_code", allow_none=True)
    region = fields.String(allow_none=True)
    recorded_at = Instant()
    detail = fields.Raw()


class EventPage(Page):
    """Events in their order; ask on with `after` = `last`."""

    items = fields.List(fields.Nested(Event))
    last = fields.Integer()
