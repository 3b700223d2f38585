"""Rulebooks as they are listed and told. Their parameters are free in form: each carries value, dates and source."""

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Day, Page, Strict


class RulebookVersion(Schema):
    """From when on which values hold."""

    valid_from = fields.String()
    sha256 = fields.String()


class RulebookItem(Schema):
    """One rulebook of the list."""

    id = fields.String()
    title = fields.String()
    title_en = fields.String()
    based_on = fields.String(allow_none=True)
    divisions = fields.List(fields.String())
    versions = fields.List(fields.Nested(RulebookVersion))


class RulebookPage(Page):
    """Every rulebook, the default first."""

    items = fields.List(fields.Nested(RulebookItem))


class RulebookQuery(Strict):
    """The day asked for; today when absent. `against`: a day with which it is compared."""

    on = Day(load_default=None)
    against = Day(load_default=None)


class DifferenceAnswer(Schema):
    """A parameter that says something else from the day `on`, in the rulebooks `applies_to`.

    `before` and `after` are null where nothing is stated; those that inherit and have their own are `otherwise`.
    """

    parameter = fields.String()
    title = fields.String(allow_none=True)
    on = fields.String()
    before = fields.Dict(keys=fields.String(), allow_none=True)
    after = fields.Dict(keys=fields.String(), allow_none=True)
    applies_to = fields.List(fields.String())
    otherwise = fields.List(fields.String())


class CatalogueItem(Schema):
    """An item of the catalogue of violations; one that `asks_legal_basis` has none until a finding names it."""

    key = fields.String()
    band = fields.String()
    title = fields.String()
    title_en = fields.String()
    legal_basis = fields.String(allow_none=True)
    asks_legal_basis = fields.Boolean()
    degrees = fields.List(fields.String())
    source = fields.Raw()
    verified = fields.Boolean()
    basis = fields.Raw()
    rulebook = fields.String()
    values = fields.List(fields.Dict())


class RulebookShown(RulebookItem):
    """A rulebook on a day; `differences` where it is compared, from the earlier of the two days to the later."""

    on = fields.String()
    valid_from = fields.String()
    sha256 = fields.String()
    parameters = fields.Dict(keys=fields.String(), values=fields.Dict())
    items = fields.List(fields.Nested(CatalogueItem))
    differences = fields.List(fields.Nested(DifferenceAnswer))
