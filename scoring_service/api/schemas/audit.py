"""The audit and the log of looks."""

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Code, Instant, Line, Page, PageQuery, QueryFlag, Ref
from scoring_service.written import LONGEST_REF


class AuditQuery(PageQuery):
    """Filters of the audit; all of them must hold. `since` is included, `before` is not.

    With `lists=false` looks at people as rows of a list are left out.
    """

    username = Line(longest=200)
    staff_no = Line(longest=64)
    action = Line(longest=64)
    object_kind = Line(longest=64)
    object_id = Line(longest=LONGEST_REF)
    practitioner = Ref(longest=LONGEST_REF)
    institution = Code(longest=12)
    since = Instant()
    before = Instant()
    lists = QueryFlag(load_default=True)


class AuditRow(Schema):
    """One act or look: who, in what role, when, of what."""

    id = fields.Integer()
    at = Instant()
    username = fields.String()
    real_name = fields.String(allow_none=True)
    staff_no = fields.String()
    role = fields.String()
    action = fields.String()
    object_kind = fields.String(allow_none=True)
    object_id = fields.String(allow_none=True)
    practitioner = fields.String(attribute="practitioner_id", allow_none=True)
    case = fields.String(attribute="case_id", allow_none=True)
    institution = fields.String(attribute="institution_code", allow_none=True)
    detail = fields.Raw(allow_none=True)
    request_id = fields.String(allow_none=True)


class AuditPage(Page):
    """The audit, the newest first."""

    items = fields.List(fields.Nested(AuditRow))


class Look(Schema):
    """Somebody looked at a person."""

    at = Instant()
    username = fields.String()
    role = fields.String()
    what = fields.String(attribute="object_kind")


class AccessLogPage(Page):
    """The looks at a person, the newest first."""

    items = fields.List(fields.Nested(Look))
