"""Corrections of the registry, as drafted and as answered (contract.md, Registry)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import (
    Code,
    Day,
    Flag,
    Instant,
    Line,
    OneOf,
    Page,
    Strict,
    Text,
    Whole,
)
from scoring_service.api.schemas.institutions import LONGEST_CODE
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.api.schemas.practitioners import LONGEST_REASON, PracticeFields
from scoring_service.services.proposals.registry_corrections import REGISTRY_CORRECTION
from scoring_service.services.registry.codes import CATEGORIES
from scoring_service.services.registry.rewrites import KINDS
from scoring_service.written import LONGEST_NAME

_NUMBER = "The row's `number`: the file's revision at which it was first recorded. Null: the present row."
_UNTIL = "The right last day (not included). Null beside another change leaves it; null alone opens the row again."


class RegistryFields(PracticeFields):
    """What is right: of a person name, code, number, category, practice; of a registration category and commitment;
    else the place.

    A name, code or number of a person is corrected in every row that has the same wrong one.
    """

    name = Line(longest=LONGEST_NAME)
    code = Code(longest=LONGEST_CODE, allow_none=True)
    id_number = Code(longest=LONGEST_CODE)
    category = OneOf(*CATEGORIES)
    commitment_signed_on = Day(allow_none=True)
    institution = Code(longest=LONGEST_CODE)


class NewRegistryCorrection(Strict):
    """A wrong row of the registry and what is right; `void`: it should never have been recorded."""

    kind = OneOf(*KINDS, required=True)
    number = Whole(low=0, allow_none=True, load_default=None, metadata={"description": _NUMBER})
    from_on = Day(data_key="from", allow_none=True, load_default=None)
    until_on = Day(data_key="until", allow_none=True, metadata={"description": _UNTIL})
    void = Flag(load_default=False)
    corrected = fields.Nested(RegistryFields, data_key="fields", allow_none=True, load_default=None)
    reason = Text(required=True, longest=LONGEST_REASON)


class NewAgreementCorrection(Strict):
    """A wrong agreement, named by its first day, and what is right; `void`: it was never concluded."""

    agreement = Day(required=True, metadata={"description": "The first day of the agreement as it stands."})
    from_on = Day(data_key="from", allow_none=True, load_default=None)
    until_on = Day(data_key="until", allow_none=True, metadata={"description": _UNTIL})
    void = Flag(load_default=False)
    reason = Text(required=True, longest=LONGEST_REASON)


class RegistryCorrectionQuery(list_query(REGISTRY_CORRECTION.fields)):  # type: ignore[misc]
    """The corrections asked for."""


class RegistryCorrectionAnswer(Schema):
    """A correction of the registry: `before` is the row when it was drafted, `revision` the file's after approval.

    Of `from`, `until` and `fields` those are there that were asked to change.
    """

    id = fields.String()
    version = fields.Integer()
    state = fields.String()
    practitioner = fields.String(attribute="person", allow_none=True)
    institution = fields.String(allow_none=True)
    kind = fields.String()
    number = fields.Integer()
    from_on = Day(data_key="from", attribute="span.from")
    until = Day(attribute="span.until", allow_none=True)
    void = fields.Boolean()
    corrected = fields.Dict(data_key="fields")
    before = fields.Dict()
    reason = fields.String()
    recorded_by = fields.String(attribute="hands.recorded_by")
    recorded_at = Instant()
    decided_by = fields.String(attribute="hands.decided_by", allow_none=True)
    decided_at = Instant(allow_none=True)
    rejected_because = fields.String(allow_none=True)
    revision = fields.Integer(allow_none=True)


class RegistryCorrectionPage(Page):
    """Corrections of the registry, the newest first."""

    items = fields.List(fields.Nested(RegistryCorrectionAnswer))
