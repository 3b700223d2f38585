"""The statistics of a year, as asked and as answered (contract.md, Office desk)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields

from scoring_service.api.schemas.base import (
    Code,
    Instant,
    OneOf,
    Page,
    PageQuery,
    QueryFlag,
    QueryWhole,
    Strict,
)
from scoring_service.api.schemas.standing import QueryInstant
from scoring_service.core.period import Period
from scoring_service.services.years.period_report import Audience
from scoring_service.services.years.ranking import ORDERS

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


class QueryPeriod(fields.Field[Period]):
    """A year, quarter or month: 2025, 2025-Q1, 2025-03; `months` is how long it has to be, if that is not free."""

    def __init__(self, *, months: int | None = None, **kwargs: Any) -> None:
        self.months = months
        super().__init__(**kwargs)
        self.metadata = {"type": "string", **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Period:  # noqa: ARG002
        try:
            period = Period.read(value)
        except (ValueError, TypeError):
            period = None
        if period is None or self.months not in {None, period.months}:
            forms = "2025-03" if self.months == 1 else "2025、2025-Q1、2025-03"
            raise ValidationError(f"期间须写作 {forms} / a period is written as {forms}")
        if not FIRST_YEAR <= period.year <= LAST_YEAR:
            raise ValidationError(f"须在 {FIRST_YEAR} 至 {LAST_YEAR} 年 / from {FIRST_YEAR} to {LAST_YEAR}")
        return period

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str:  # noqa: ARG002
        return str(value)


class PeriodQuery(Strict):
    """Which period (default: this year), which division, by the knowledge of when."""

    period = QueryPeriod(load_default=None)
    region = Code(longest=6, load_default=None)
    known_at = QueryInstant(load_default=None)


class ChangesQuery(Strict):
    """Which month (default: this one), which division, by the knowledge of when."""

    month = QueryPeriod(months=1, load_default=None)
    region = Code(longest=6, load_default=None)
    known_at = QueryInstant(load_default=None)


class FigureChangeAnswer(Schema):
    """A figure in a month, in the month before, and in the same month of the year before."""

    figure = fields.String()
    this_month = fields.Integer()
    last_month = fields.Integer()
    year_before = fields.Integer()


class MovedInstitutionAnswer(Schema):
    """An institution with more person-times than in the month before."""

    institution = fields.String()
    institution_name = fields.String()
    this_month = fields.Integer()
    last_month = fields.Integer()


class ChangesAnswer(Schema):
    """What changed since the month before; `is_whole` is whether the month was over at `known_at`."""

    month = QueryPeriod()
    region = fields.String(allow_none=True)
    known_at = Instant()
    is_whole = fields.Boolean()
    items = fields.List(fields.Nested(FigureChangeAnswer))
    moved = fields.List(fields.Nested(MovedInstitutionAnswer))


class RankingQuery(PageQuery):
    """Which period, division and knowledge; `sort` by a number, falling behind a `-`; `total=true` counts."""

    period = QueryPeriod(load_default=None)
    region = Code(longest=6, load_default=None)
    known_at = QueryInstant(load_default=None)
    sort = OneOf(*ORDERS, *(f"-{order}" for order in ORDERS))
    total = QueryFlag(load_default=False)


class RankedInstitutionAnswer(Schema):
    """An institution with its counts, and the ratio of P30: `sanctioned` of those `registered`, if there are any."""

    institution = fields.String()
    institution_name = fields.String()
    region = fields.String()
    person_times = fields.Integer()
    persons = fields.Integer()
    points = fields.Integer()
    sanctioned = fields.Integer()
    registered = fields.Integer(allow_none=True)
    level = fields.String(allow_none=True)


class RankedInstitutionPage(Page):
    """A page of institutions."""

    items = fields.List(fields.Nested(RankedInstitutionAnswer))


class TallyAnswer(Schema):
    """How many scores are alike on one side: of a division, an item, a degree, a category."""

    side = fields.String()
    key = fields.String()
    person_times = fields.Integer()
    points = fields.Integer()


class CompositionAnswer(Schema):
    """The scores of a period told apart."""

    period = QueryPeriod()
    region = fields.String(allow_none=True)
    known_at = Instant()
    items = fields.List(fields.Nested(TallyAnswer))


class PunctualityAnswer(Schema):
    """Of papers with a last day: how many there are, in time, late, and not done by then."""

    what = fields.String()
    total = fields.Integer()
    in_time = fields.Integer()
    late = fields.Integer()
    waiting = fields.Integer()


class TimelinessAnswer(Schema):
    """The papers of a period by what is due."""

    period = QueryPeriod()
    region = fields.String(allow_none=True)
    known_at = Instant()
    items = fields.List(fields.Nested(PunctualityAnswer))


class ReportQuery(Strict):
    """Which period, division and knowledge a report is of, and for whom it is made."""

    period = QueryPeriod(required=True)
    region = Code(longest=6, load_default=None)
    known_at = QueryInstant(load_default=None)
    audience = OneOf(*Audience, load_default=Audience.FULL)


class ToldCount(fields.Integer):
    """A count, null where it is withheld."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return super()._serialize(value if isinstance(value, int) else None, attr, obj, **kwargs)


class ReportRowAnswer(Schema):
    """A row of a table of a report; a count that is withheld is null."""

    key = fields.String()
    person_times = ToldCount(allow_none=True)
    points = fields.Integer(allow_none=True)


class PunctualRowAnswer(Schema):
    """What was in time of one kind of papers; a count that is withheld is null."""

    what = fields.String()
    total = ToldCount(allow_none=True)
    in_time = ToldCount(allow_none=True)
    late = ToldCount(allow_none=True)
    waiting = ToldCount(allow_none=True)


class ReportAnswer(Schema):
    """The report of a period; a table that is not published is null, institutions are in the full one only."""

    kind = fields.String()
    audience = fields.String()
    period = QueryPeriod()
    region = fields.String(attribute="scope.region", allow_none=True)
    known_at = Instant()
    figures = fields.Dict(keys=fields.String(), values=ToldCount(allow_none=True))
    tables = fields.Dict(
        keys=fields.String(), values=fields.List(fields.Nested(ReportRowAnswer), allow_none=True)
    )
    timeliness = fields.List(fields.Nested(PunctualRowAnswer), attribute="punctual")
    institutions = fields.List(fields.Nested(RankedInstitutionAnswer))
