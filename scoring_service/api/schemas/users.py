"""Accounts as the administrator sees them."""

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from scoring_service.api.schemas.base import (
    Code,
    Instant,
    Layered,
    Line,
    OneOf,
    Page,
    PageQuery,
    QueryFlag,
    Ref,
    Strict,
    Text,
    Verbatim,
)
from scoring_service.core.procedure import AccountState
from scoring_service.services.accounts.account import DISUSES
from scoring_service.services.accounts.deciding import CHANGEABLE
from scoring_service.services.unit_of_work.actor import ROLES
from scoring_service.written import LONGEST_NAME, LONGEST_REF

LONGEST_REASON = 500
_NUMBER_OF_ROLES = validate.Length(1, len(ROLES), error="须有 {min} 至 {max} 个角色 / {min} to {max} roles")


class NewUser(Strict):
    """An account to ask for; the role `institution` needs its institution, `practitioner` its person.

    Without a password the approval tells a one-time one.
    """

    username = Line(longest=64, required=True)
    real_name = Line(longest=LONGEST_NAME, load_default=None, allow_none=True)
    password = Verbatim(longest=200, load_default=None, allow_none=True)
    staff_no = Line(longest=32, required=True)
    roles = fields.List(OneOf(*sorted(ROLES)), required=True, validate=_NUMBER_OF_ROLES)
    region = Code(longest=6, load_default=None, allow_none=True)
    institution = Code(longest=12, load_default=None, allow_none=True)
    practitioner = Ref(longest=LONGEST_REF, load_default=None, allow_none=True)


class ChangedUser(Strict):
    """What is to change of an account, at least one thing, and why."""

    roles = fields.List(OneOf(*sorted(ROLES)), validate=_NUMBER_OF_ROLES)
    region = Code(longest=6, allow_none=True)
    real_name = Line(longest=LONGEST_NAME)
    reason = Text(longest=LONGEST_REASON, load_default=None, allow_none=True)

    @validates_schema
    def _check_something(self, data: dict[str, object], **_: object) -> None:
        if not data.keys() & set(CHANGEABLE):
            raise ValidationError("请写明要改什么 / say what is to change")


class Reason(Strict):
    """Why."""

    reason = Text(longest=LONGEST_REASON, required=True)


class Closing(Strict):
    """Why an account is closed."""

    reason = Text(longest=LONGEST_REASON, load_default=None, allow_none=True)


class UserQuery(PageQuery):
    """Which accounts: by role, state, beginning of a division, institution, person, or those to look at."""

    role = OneOf(*sorted(ROLES), load_default=None)
    state = OneOf(*AccountState, load_default=None)
    region = Code(longest=6, load_default=None)
    institution = Code(longest=12, load_default=None)
    staff_no = Line(longest=32, load_default=None)
    waiting = QueryFlag(load_default=False)
    disuse = OneOf(*DISUSES, load_default=None)


class User(Schema):
    """An account; never its password or tokens."""

    id = fields.String()
    username = fields.String()
    real_name = fields.String(allow_none=True)
    staff_no = fields.String()
    roles = fields.List(fields.String())
    region = fields.String(allow_none=True)
    institution = fields.String(attribute="institution_code", allow_none=True)
    practitioner = fields.String(attribute="practitioner_id", allow_none=True)
    state = OneOf(*AccountState)
    waiting_act = fields.Integer(allow_none=True)
    created_by = fields.String(allow_none=True)
    created_at = Instant()
    last_signed_in_at = Instant(allow_none=True)
    closed_at = Instant(allow_none=True)


class UserPage(Page):
    """Accounts by username."""

    items = fields.List(fields.Nested(User))


class GivenUser(Layered, User):
    """An account, and the one-time password that was made up for it: told this once, null when none was."""

    holds = "account"
    password = fields.String(allow_none=True)


class ActOfUser(Schema):
    """What happened to an account: by whom, in what role, when, why, and what it was about."""

    number = fields.Integer()
    act = fields.String()
    by = fields.String()
    by_staff_no = fields.String()
    by_role = fields.String()
    at = Instant()
    reason = fields.String(allow_none=True)
    detail = fields.Dict()


class UserLife(Layered, User):
    """An account, its life, the oldest first, and what of it waits for another administrator."""

    holds = "account"
    life = fields.List(fields.Nested(ActOfUser))
    waiting = fields.Nested(ActOfUser, allow_none=True)


class RoleAct(Schema):
    """An act in words, Chinese first, and the roles that may do it."""

    subject = fields.String()
    deed = fields.String()
    roles = fields.List(fields.String())


class RoleActs(Schema):
    """Every act, subject by subject."""

    items = fields.List(fields.Nested(RoleAct))
