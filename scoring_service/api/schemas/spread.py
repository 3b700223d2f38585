"""How the points of a year spread by office, as asked and as answered (contract.md, Office desk)."""

from __future__ import annotations

from typing import ClassVar

from marshmallow import fields

from scoring_service.api.schemas.base import Code, Layered, OneOf, Page, PageQuery, QueryWhole
from scoring_service.api.schemas.cases import SpreadAnswer
from scoring_service.api.schemas.statistics import FIRST_YEAR, LAST_YEAR
from scoring_service.services.years.spread import OfficeKind


class SpreadQuery(PageQuery):
    """Which scoring year, by division or by deciding authority, in which division."""

    year = QueryWhole(low=FIRST_YEAR, high=LAST_YEAR, load_default=None)
    by = OneOf(*OfficeKind, load_default=OfficeKind.DIVISION)
    region = Code(longest=6, load_default=None)


class OfficeSpreadAnswer(Layered, SpreadAnswer):
    """The points of an office's scores of one item and degree, beside those of all offices, `everywhere`.

    `few`: fewer than 20 of its own. `outside` of them, `outside_percent`, lie outside the middle 90 % of everywhere;
    both are null where everywhere there are fewer than 20.
    """

    holds: ClassVar[str] = "spread"
    office = fields.String()
    item = fields.String()
    degree = fields.String()
    few = fields.Boolean(attribute="is_few")
    outside = fields.Integer(allow_none=True)
    outside_percent = fields.Float(allow_none=True)
    everywhere = fields.Nested(SpreadAnswer)


class SpreadPage(Page):
    """The spread of a year's points by office, item and degree."""

    year = fields.Integer()
    by = fields.String()
    items = fields.List(fields.Nested(OfficeSpreadAnswer))
