"""What signing in takes and answers."""

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Line, Strict, Verbatim


class Credentials(Strict):
    """Name and password; the lengths bound the work of a stranger."""

    username = Line(longest=200, required=True)
    password = Verbatim(longest=200, required=True)


class NewPassword(Strict):
    """The present password, and one's own in its place."""

    present = Verbatim(longest=200, required=True)
    new = Verbatim(longest=200, required=True)


class Token(Schema):
    """A bearer token; `expires_in` seconds. `password_change_required`: whoever made the account chose its password."""

    access_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer()
    password_change_required = fields.Boolean()


class BoundPractitioner(Schema):
    """The person that an account is bound to."""

    id = fields.String()
    code = fields.String(allow_none=True)


class BoundInstitution(Schema):
    """The institution that an account is bound to."""

    code = fields.String()
    name = fields.String()


class Me(Schema):
    """The account that holds the token."""

    username = fields.String()
    real_name = fields.String(allow_none=True)
    roles = fields.List(fields.String())
    staff_no = fields.String()
    practitioner = fields.Nested(BoundPractitioner, allow_none=True)
    institution = fields.Nested(BoundInstitution, allow_none=True)
    region = fields.String(allow_none=True)
