"""Requests of institutions to the registry, as asked and as answered (contract.md, Registry)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Code, Day, Instant, Line, OneOf, Page, Ref, Text
from scoring_service.api.schemas.institutions import LONGEST_CODE
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.api.schemas.practitioners import LONGEST_REASON, PracticeAnswer, PracticeFields
from scoring_service.core.procedure import RequestKind
from scoring_service.services.proposals.registration_requests import REQUEST
from scoring_service.services.registry.codes import CATEGORIES
from scoring_service.written import LONGEST_NAME

_WHO = "A national code, or the id of one of your own people; instead of it, what you know of the person."


class NewRegistrationRequest(PracticeFields):
    """That somebody is registered here `from` a day on, or has left and is not here `on` a day any more.

    Whose `code` or `id_number` is on file is that person; of anybody else `name` and `category` are needed.
    """

    kind = OneOf(*RequestKind, required=True)
    practitioner = Ref(allow_none=True, load_default=None, metadata={"description": _WHO})
    name = Line(allow_none=True, longest=LONGEST_NAME)
    code = Code(allow_none=True, longest=LONGEST_CODE)
    id_number = Code(allow_none=True, longest=LONGEST_CODE)
    category = OneOf(*CATEGORIES, allow_none=True)
    from_on = Day(data_key="from", allow_none=True, load_default=None)
    commitment_signed_on = Day(allow_none=True)
    on = Day(allow_none=True, load_default=None)
    reason = Text(allow_none=True, load_default=None, longest=LONGEST_REASON)


class RegistrationRequestQuery(list_query(REQUEST.fields)):  # type: ignore[misc]
    """The requests asked for."""


class WrittenPerson(PracticeAnswer):
    """What the institution wrote of the person; the identity number is masked."""

    name = fields.String(allow_none=True)
    code = fields.String(allow_none=True)
    id_number = fields.String(allow_none=True)
    category = fields.String(allow_none=True)


class PersonOnFileAnswer(Schema):
    """Whom the request is about, as their file has them."""

    id = fields.String()
    name = fields.String()
    code = fields.String(allow_none=True)
    id_number = fields.String(allow_none=True)
    category = fields.String()


class RegistrationRequestAnswer(Schema):
    """A request; `on_file` is told to the office, `practitioner` to the institution of its own people alone."""

    class Meta:  # noqa: D106 - marshmallow's options.
        include = {"from": Day(attribute="starts_on", allow_none=True)}  # noqa: RUF012 - marshmallow's way.

    id = fields.String()
    version = fields.Integer()
    kind = fields.String()
    state = fields.String()
    institution = fields.String()
    practitioner = fields.String(allow_none=True)
    person = fields.Nested(WrittenPerson)
    on_file = fields.Nested(PersonOnFileAnswer, allow_none=True)
    on = Day(attribute="leaves_on", allow_none=True)
    commitment_signed_on = Day(allow_none=True)
    reason = fields.String(allow_none=True)
    effect = fields.String(allow_none=True)
    recorded_by = fields.String(attribute="hands.recorded_by")
    recorded_at = Instant()
    decided_by = fields.String(attribute="hands.decided_by", allow_none=True)
    decided_at = Instant(allow_none=True)
    refused_because = fields.String(allow_none=True)


class RegistrationRequestPage(Page):
    """Requests to the registry, the newest first."""

    items = fields.List(fields.Nested(RegistrationRequestAnswer))
