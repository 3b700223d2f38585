"""Letters of many notices as one PDF: what is asked for, and how far it is."""

from marshmallow import Schema, ValidationError, fields, validates_schema

from scoring_service.api.schemas.base import Instant, Ref, Strict
from scoring_service.core.procedure import BundleState
from scoring_service.written import LONGEST_REF


class NewBundle(Strict):
    """The letters of these notices, in their order, or all letters of a case: one of the two."""

    notices = fields.List(Ref(longest=LONGEST_REF), load_default=None)
    case = Ref(longest=LONGEST_REF, load_default=None)

    @validates_schema
    def check_one(self, body: dict[str, object], **_: object) -> None:
        """Refuse both, and neither."""
        if (body["notices"] is None) == (body["case"] is None):
            raise ValidationError("须给出 notices 或 case 之一 / give either notices or case", "notices")


class LackingLetterAnswer(Schema):
    """A letter that could not be set, and why."""

    notice = fields.String()
    document = fields.String()
    practitioner = fields.String()
    name = fields.String()
    detail = fields.String()


class BundleAnswer(Schema):
    """A bundle: `done` of the letters `of` it are set, or are in `lacking`; the PDF is there once it is `done`."""

    id = fields.String()
    state = fields.String(metadata={"enum": [state.value for state in BundleState]})
    case = fields.String(allow_none=True)
    done = fields.Integer()
    of = fields.Integer()
    seconds_left = fields.Integer(allow_none=True)
    lacking = fields.List(fields.Nested(LackingLetterAnswer))
    error = fields.String(allow_none=True)
    created_at = Instant()
    finished_at = Instant(allow_none=True)
    cleared_at = Instant(allow_none=True)
