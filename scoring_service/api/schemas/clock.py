"""The scheme's clock."""

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Instant, Strict


class ClockSetting(Strict):
    """Where the simulated clock shall stand."""

    now = Instant(required=True)


class ClockState(Schema):
    """Where the clock stands."""

    now = Instant()
    simulated = fields.Boolean()
