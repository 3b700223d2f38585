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
    """The day asked for; today when absent."""

    on = Day(load_default=None)


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
    """A rulebook on a day."""

    on = fields.String()
    valid_from = fields.String()
    sha256 = fields.String()
    parameters = fields.Dict(keys=fields.String(), values=fields.Dict())
    items = fields.List(fields.Nested(CatalogueItem))
