"""What signing in takes and answers."""

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Code, Instant, Line, OneOf, Strict, Verbatim
from scoring_service.core.reminding import Channel, Rhythm


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


class NewReminder(Strict):
    """By which way, at which address (an e-mail address, or what the office's gateway knows one by) and how often."""

    channel = OneOf(*Channel, required=True)
    address = Line(longest=254, required=True)
    rhythm = OneOf(*Rhythm, required=True)


class Proof(Strict):
    """The code that went to the address."""

    code = Code(longest=16, required=True)


class Reminder(Schema):
    """How one is reminded; until `confirmed` nothing but the code is sent, which is taken until `code_until`.

    `error` says why the last message did not get through, at `failed_at`.
    """

    channel = fields.String()
    rhythm = fields.String()
    address = fields.String()
    confirmed = fields.Boolean()
    code_until = Instant(allow_none=True)
    sent_at = Instant(allow_none=True)
    failed_at = Instant(allow_none=True)
    error = fields.String(allow_none=True)


class Channels(Schema):
    """By which ways one may be reminded here."""

    email = fields.Boolean()
    gateway = fields.Boolean()


class Reminders(Schema):
    """By which ways one may be reminded here, and how one is; null for not at all."""

    channels = fields.Nested(Channels)
    reminder = fields.Nested(Reminder, allow_none=True)
