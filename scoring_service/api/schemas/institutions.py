"""Institutions and agreements, as asked and as answered (contract.md, Registry)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Code, Day, Instant, Line, OneOf, Page, Strict
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.services.registry.codes import INSTITUTION_KINDS
from scoring_service.services.registry.list_fields import INSTITUTION_FIELDS
from scoring_service.written import LONGEST_NAME

LONGEST_CODE = 32


class NewSpan(Strict):
    """A half-open span of dates; open without `until`."""

    from_on = Day(data_key="from", required=True)
    until_on = Day(data_key="until", allow_none=True, load_default=None)


class NewInstitution(Strict):
    """An institution with its first agreement."""

    code = Code(required=True, longest=LONGEST_CODE)
    name = Line(required=True, longest=LONGEST_NAME)
    kind = OneOf(*INSTITUTION_KINDS, required=True)
    region = Code(required=True, longest=6)
    agreement = fields.Nested(NewSpan, allow_none=True, load_default=None)


class InstitutionChanges(Strict):
    """What may change of an institution."""

    name = Line(longest=LONGEST_NAME)
    region = Code(longest=6)


class AgreementChange(Strict):
    """An agreement to add; or to end: the one that begins on `from`, without it the open one."""

    from_on = Day(data_key="from", allow_none=True, load_default=None)
    until_on = Day(data_key="until", allow_none=True, load_default=None)


class SpanAnswer(Schema):
    """A half-open span; `until` is null while it is open."""

    class Meta:  # noqa: D106 - marshmallow's options.
        # `from` cannot be the name of an attribute.
        include = {"from": Day(attribute="start")}  # noqa: RUF012 - marshmallow's way.

    until = Day(allow_none=True)


class InstitutionAnswer(Schema):
    """An institution with its agreements, as known now."""

    code = fields.String()
    name = fields.String()
    kind = fields.String()
    region = fields.String()
    agreements = fields.List(fields.Nested(SpanAnswer))
    recorded_at = Instant()
    version = fields.Integer()


class MeasureQuestionAnswer(Schema):
    """Asked where an agreement was ended: a case with one of these `kinds` of measure from `from` on tells who follows.

    The end itself suspends and terminates nobody (P34).
    """

    class Meta:  # noqa: D106 - marshmallow's options.
        include = {"from": Day(attribute="start")}  # noqa: RUF012 - marshmallow's way.

    institution = fields.String()
    kinds = fields.List(fields.String())


class AgreementAnswer(InstitutionAnswer):
    """An institution with its agreements as they were just changed."""

    measure_question = fields.Nested(MeasureQuestionAnswer, allow_none=True)


class InstitutionPage(Page):
    """A page of institutions, by code."""

    items = fields.List(fields.Nested(InstitutionAnswer))


class InstitutionQuery(list_query(INSTITUTION_FIELDS)):  # type: ignore[misc]
    """The institutions asked for."""
