"""The statistics of a year, as asked and as answered (contract.md, Office desk)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Code, Instant, QueryWhole, Strict
from scoring_service.api.schemas.standing import QueryInstant

FIRST_YEAR, LAST_YEAR = 2000, 2999


class StatisticsQuery(Strict):
    """Which scoring year, which division, by the knowledge of when."""

    year = QueryWhole(low=FIRST_YEAR, high=LAST_YEAR, load_default=None)
    region = Code(longest=6, load_default=None)
    known_at = QueryInstant(load_default=None)


class MonthAnswer(Schema):
    """The person-times decided in a month."""

    month = fields.Integer()
    person_times = fields.Integer()


class StatisticsAnswer(Schema):
    """The counts of a scoring year."""

    year = fields.Integer()
    region = fields.String(allow_none=True)
    known_at = Instant()
    institutions = fields.Integer()
    person_times = fields.Integer()
    persons = fields.Integer()
    suspended = fields.Integer()
    terminated = fields.Integer()
    measures = fields.Integer()
    by_band = fields.Dict(attribute="breakdown.by_band", keys=fields.String(), values=fields.Integer())
    by_month = fields.List(fields.Nested(MonthAnswer), attribute="breakdown.by_month")
    by_category = fields.Dict(attribute="breakdown.by_category", keys=fields.String(), values=fields.Integer())
