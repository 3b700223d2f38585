"""The standing, as asked and as answered (contract.md, Standing)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Day, Instant, QueryWhole, Strict

SPACE_FOR_PLUS = re.compile(r" (?=[0-9]{2}:[0-9]{2}$)")


class QueryInstant(Instant):
    """An instant in a query string, in which an unescaped `+` of the offset arrives as a space."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        return super()._deserialize(SPACE_FOR_PLUS.sub("+", value), attr, data, **kwargs)


class KnowledgeQuery(Strict):
    """By whose knowledge a question is answered."""

    known_at = QueryInstant(load_default=None)
    revision = QueryWhole(low=0, load_default=None)


class StandingQuery(KnowledgeQuery):
    """The day that a standing is asked for."""

    as_of = Day(load_default=None)


class PersonAnswer(Schema):
    """A person as an answer names them."""

    id = fields.String()
    code = fields.String(allow_none=True)
    name = fields.String()


class SanctionAnswer(Schema):
    """A half-open span of a sanction."""

    class Meta:
        """`from` is no name for an attribute."""

        include = {"from": Day(attribute="start")}  # noqa: RUF012 - marshmallow's way to name a field `from`.

    kind = fields.String()
    ground = fields.String()
    until = Day(allow_none=True)
    state_until = Day(allow_none=True)


class TotalAnswer(Schema):
    """The total of a scoring year."""

    year = fields.Integer()
    points = fields.Integer()


class Totals(fields.List):
    """The totals of a file by year, the first year first."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.Nested(TotalAnswer), **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> list[Any] | None:
        listed = [{"year": year, "points": points} for year, points in sorted(value.items())]
        return super()._serialize(listed, attr, obj, **kwargs)


class ThresholdAnswer(TotalAnswer):
    """The next total with a consequence."""

    class Meta:
        """A threshold belongs to no year."""

        exclude = ("year",)

    remaining = fields.Integer()
    consequence = fields.String()


class RulebookAnswer(Schema):
    """The rulebook that an answer was given under."""

    id = fields.String()
    valid_from = Day()
    sha256 = fields.String()


class StepAnswer(Schema):
    """One folded entry."""

    entry = fields.String(attribute="entry.id")
    seq = fields.Integer(attribute="entry.seq")
    kind = fields.String(attribute="entry.kind")
    points = fields.Integer(attribute="entry.points", dump_default=None, allow_none=True)
    days = fields.Integer(attribute="entry.days", dump_default=None, allow_none=True)
    counted = fields.Integer()
    corrected_to = fields.Integer(allow_none=True)
    effective_on = Day(attribute="entry.effective_on")
    year = fields.Integer()
    total_before = fields.Integer()
    total_after = fields.Integer()
    consequence = fields.String(allow_none=True)


class StandingAnswer(Schema):
    """A file on a day, by the knowledge of a moment."""

    practitioner = fields.Nested(PersonAnswer)
    as_of = Day(attribute="standing.as_of")
    known_at = Instant()
    revision = fields.Integer()
    scoring_year = fields.Integer(attribute="standing.as_of.year")
    points = fields.Integer(attribute="standing.points")
    totals = Totals(attribute="standing.totals")
    status = fields.String(attribute="standing.state.status")
    may_reapply = fields.Boolean(attribute="standing.state.may_reapply")
    may_reapply_from = Day(attribute="standing.state.may_reapply_from", allow_none=True)
    may_resume_from = Day(attribute="standing.state.may_resume_from", allow_none=True)
    may_apply_from = Day(allow_none=True)
    current_sanction = fields.Nested(SanctionAnswer, attribute="standing.state.sanction", allow_none=True)
    sanctions = fields.List(fields.Nested(SanctionAnswer), attribute="standing.sanctions")
    next_threshold = fields.Nested(ThresholdAnswer, attribute="standing.next_threshold", allow_none=True)
    rulebook = fields.Nested(RulebookAnswer, attribute="standing.rulebook")
    trace = fields.List(fields.Nested(StepAnswer), attribute="standing.trace")
