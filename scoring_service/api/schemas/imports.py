"""Imports: what is asked of one, and how it is told."""

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Instant, OneOf, Page, QueryFlag, Ref, Strict
from scoring_service.core.procedure import ImportState


class ImportQuery(Strict):
    """`dry_run`: check only. `absent=end`: people whom the file leaves out are ended. `case`: for findings."""

    dry_run = QueryFlag(load_default=False)
    absent = OneOf("end", load_default=None)
    case = Ref(longest=64, load_default=None)


class CellFaultAnswer(Schema):
    """A fault at its cell: `column` by its letters, null where it is the whole row's; `value` is what stands there."""

    sheet = fields.String()
    row = fields.Integer()
    column = fields.String(allow_none=True)
    value = fields.String()
    expected = fields.String()


class ImportSummaryAnswer(Schema):
    """An import; `rows` is null while its file is being read. Rates and rest are those of the present phase."""

    id = fields.String()
    kind = fields.String()
    state = fields.String(metadata={"enum": [state.value for state in ImportState]})
    dry_run = fields.Boolean()
    filename = fields.String()
    options = fields.Dict(keys=fields.String(), values=fields.String())
    rows = fields.Integer(allow_none=True)
    rows_done = fields.Integer()
    rows_per_second = fields.Integer(allow_none=True)
    seconds_left = fields.Integer(allow_none=True)
    created = fields.Integer()
    changed = fields.Integer()
    left = fields.Integer()
    refused = fields.Integer()
    ended = fields.Integer()
    errors_total = fields.Integer()
    error = fields.String(allow_none=True)
    uploaded_by = fields.String()
    committed_by = fields.String(allow_none=True)
    created_at = Instant()
    finished_at = Instant(allow_none=True)
    cleared_at = Instant(allow_none=True)


class ImportAnswer(ImportSummaryAnswer):
    """An import with the first thousand of its errors and of its warnings, which refuse nothing."""

    errors = fields.List(fields.Nested(CellFaultAnswer))
    warnings = fields.List(fields.Nested(CellFaultAnswer))


class ImportPage(Page):
    """Imports, the latest first."""

    items = fields.List(fields.Nested(ImportSummaryAnswer))
