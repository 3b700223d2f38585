"""Accounts as the administrator sees them."""

from marshmallow import Schema, fields, validate

from scoring_service.api.schemas.base import Code, Instant, Line, OneOf, Page, Ref, Strict, Verbatim
from scoring_service.services.unit_of_work.actor import ROLES
from scoring_service.written import LONGEST_REF


class NewUser(Strict):
    """An account to add; the role `institution` needs its institution, `practitioner` its person."""

    username = Line(longest=64, required=True)
    password = Verbatim(longest=200, required=True)
    staff_no = Line(longest=32, required=True)
    roles = fields.List(
        OneOf(*sorted(ROLES)),
        required=True,
        validate=validate.Length(1, len(ROLES), error="须有 {min} 至 {max} 个角色 / {min} to {max} roles"),
    )
    region = Code(longest=6, load_default=None, allow_none=True)
    institution = Code(longest=12, load_default=None, allow_none=True)
    practitioner = Ref(longest=LONGEST_REF, load_default=None, allow_none=True)


class User(Schema):
    """An account; never its password or tokens."""

    id = fields.String()
    username = fields.String()
    staff_no = fields.String()
    roles = fields.List(fields.String())
    region = fields.String(allow_none=True)
    institution = fields.String(attribute="institution_code", allow_none=True)
    practitioner = fields.String(attribute="practitioner_id", allow_none=True)
    created_by = fields.String(allow_none=True)
    created_at = Instant()
    disabled_at = Instant(allow_none=True)


class UserPage(Page):
    """Accounts by username."""

    items = fields.List(fields.Nested(User))
