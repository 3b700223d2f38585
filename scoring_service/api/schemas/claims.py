"""Claim files: by which knowledge they are judged, and how far one is that the scheduler judges."""

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Instant, Strict, Verbatim
from scoring_service.api.schemas.standing import QueryInstant
from scoring_service.core.procedure import ScreeningState
from scoring_service.written import LONGEST_LINE


class ClaimsQuery(Strict):
    """By which knowledge a claim file is judged, compared with which; the columns of people who must all be payable."""

    known_at = QueryInstant(load_default=None)
    against = QueryInstant(load_default=None)
    people = Verbatim(longest=LONGEST_LINE, load_default=None)


class SumAnswer(Schema):
    """How many lines, and what they come to; null where no column of amounts is known."""

    lines = fields.Integer()
    amount = fields.String(allow_none=True)


class NamedSumAnswer(SumAnswer):
    """Of a reason, or of an institution."""

    name = fields.String()


class SummaryAnswer(Schema):
    """What a claim file comes to; of institutions the 1,000 with the most lines that are not payable."""

    lines = fields.Integer()
    payable = fields.Integer()
    rejected = fields.Integer()
    without_amount = fields.Integer()
    without_offset = fields.Boolean()
    by_reason = fields.List(fields.Nested(NamedSumAnswer))
    not_payable_by_institution = fields.List(fields.Nested(NamedSumAnswer))
    recover = fields.Nested(SumAnswer, allow_none=True)
    pay = fields.Nested(SumAnswer, allow_none=True)


class ScreeningAnswer(Schema):
    """A claim file at the scheduler's: `done` of the lines `of` it, null where the file does not tell."""

    id = fields.String()
    state = fields.String(metadata={"enum": [state.value for state in ScreeningState]})
    done = fields.Integer()
    of = fields.Integer(allow_none=True)
    rows_per_second = fields.Integer(allow_none=True)
    seconds_left = fields.Integer(allow_none=True)
    known_at = Instant()
    against = Instant(allow_none=True)
    summary = fields.Nested(SummaryAnswer, allow_none=True)
    error = fields.String(allow_none=True)
    created_at = Instant()
    finished_at = Instant(allow_none=True)
    cleared_at = Instant(allow_none=True)
