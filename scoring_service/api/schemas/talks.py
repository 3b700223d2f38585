"""The talks that scores ask for."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Code, Day, Instant, Page, PageQuery, QueryFlag, Ref, Strict, Text
from scoring_service.written import LONGEST_REF


class NewTalk(Strict):
    """The score's notice to the case's institution, the day of the talk, and what was said or studied."""

    notice = Ref(required=True, longest=LONGEST_REF)
    held_on = Day(required=True)
    summary = Text(required=True)


class TalkQuery(PageQuery):
    """Of whom, where, and whether held."""

    practitioner = Ref(longest=LONGEST_REF)
    institution = Code(longest=LONGEST_REF)
    held = QueryFlag()


class TalkAnswer(Schema):
    """A talk asked for, by the end of `due_on`; `held_on` is null while it is due."""

    notice = fields.String(attribute="notice_id")
    practitioner = fields.String(attribute="practitioner_id")
    institution = fields.String(attribute="institution_code")
    measure = fields.String(allow_none=True)
    since = Day()
    due_on = Day(allow_none=True)
    provisional = fields.Boolean()
    held_on = Day(allow_none=True)
    summary = fields.String(allow_none=True)
    recorded_by = fields.String(allow_none=True)
    recorded_at = Instant(allow_none=True)


class TalkPage(Page):
    """Talks, the newest notice first."""

    items = fields.List(fields.Nested(TalkAnswer))
