"""Remediation and the outlook, as asked and as answered (contract.md, Remediation and return)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Day, Line, OneOf, Page, Ref, Strict, Text
from scoring_service.api.schemas.cases import AttachmentAnswer
from scoring_service.api.schemas.consents import ConsentedAnswer
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.api.schemas.standing import PersonAnswer, SanctionAnswer, ThresholdAnswer
from scoring_service.services.proposals.credits import EFFECTS
from scoring_service.services.proposals.remediation_reading import APPLICATION
from scoring_service.written import LONGEST_REF

LONGEST_KEY = 100


class NewApplication(Strict):
    """An activity completed, for points of the year or days of a sanction."""

    practitioner = Ref(required=True, longest=LONGEST_REF)
    activity = Line(required=True, longest=LONGEST_KEY)
    completed_on = Day(required=True)
    effect = OneOf(*EFFECTS, required=True)
    evidence = Text(required=True)


class ApplicationQuery(list_query(APPLICATION.fields)):  # type: ignore[misc]
    """The applications asked for."""

    practitioner = Ref(longest=LONGEST_REF)


class ActivityAnswer(Schema):
    """An activity, and what it gives back: points of the year, or days of a sanction."""

    key = fields.String()
    title = fields.String()
    points = fields.Integer()
    days = fields.Integer()


class ActivityList(Schema):
    """The catalogue."""

    items = fields.List(fields.Nested(ActivityAnswer))


class ListedApplication(ConsentedAnswer):
    """An application; `granted` are points or days, as its entry carries them."""

    activity = fields.String()
    completed_on = fields.Date()
    effect = fields.String()
    evidence = fields.String()
    granted = fields.Integer(allow_none=True)
    entry = fields.String(allow_none=True)


class ApplicationAnswer(ListedApplication):
    """An application with what is attached to it."""

    attachments = fields.List(fields.Nested(AttachmentAnswer))


class ApplicationPage(Page):
    """Applications, the newest first."""

    items = fields.List(fields.Nested(ListedApplication))


class WouldGive(Schema):
    """What an activity would give today, or the code of why it would not."""

    granted = fields.Integer()
    refused = fields.String(allow_none=True)


class WouldGiveEither(Schema):
    """As points of the year, and as days of a sanction."""

    points = fields.Nested(WouldGive)
    term = fields.Nested(WouldGive)


class OfferedActivity(Schema):
    """An activity with what it would give today."""

    key = fields.String(attribute="activity.key")
    title = fields.String(attribute="activity.title")
    points = fields.Integer(attribute="activity.points")
    days = fields.Integer(attribute="activity.days")
    would_give = fields.Nested(WouldGiveEither)


class PointsChange(Schema):
    """The points of the year before and after."""

    before = fields.Integer()
    after = fields.Integer()


class ThresholdChange(Schema):
    """The next total with a consequence before and after."""

    before = fields.Nested(ThresholdAnswer, allow_none=True)
    after = fields.Nested(ThresholdAnswer, allow_none=True)


class SanctionChange(Schema):
    """A sanction before and after."""

    before = fields.Nested(SanctionAnswer, allow_none=True)
    after = fields.Nested(SanctionAnswer, allow_none=True)


class ChoiceAnswer(Schema):
    """What an activity used for `effect` would change; `helps` is false for what would change nothing.

    `possible_on` is the first day on which it could be granted: today, or the first day of a sanction to come.
    """

    activity = fields.String(attribute="activity.key")
    effect = fields.String()
    possible_on = fields.Date(allow_none=True)
    granted = fields.Integer()
    refused = fields.String(allow_none=True)
    helps = fields.Boolean()
    points = fields.Nested(PointsChange)
    next_threshold = fields.Nested(ThresholdChange)
    sanction = fields.Nested(SanctionChange, allow_none=True)


class NextScore(Schema):
    """What a score of `points` would do today: the total, its consequence, the spans that would be new or changed."""

    points = fields.Integer()
    total = fields.Integer()
    consequence = fields.String(allow_none=True)
    status = fields.String()
    sanctions = fields.List(fields.Nested(SanctionAnswer))


class OutlookAnswer(Schema):
    """A person's outlook today."""

    practitioner = fields.Nested(PersonAnswer)
    as_of = fields.Date(attribute="standing.as_of")
    rulebook = fields.String(attribute="standing.rulebook.id")
    points = fields.Integer(attribute="standing.points")
    status = fields.String(attribute="standing.state.status")
    current_sanction = fields.Nested(SanctionAnswer, attribute="standing.state.sanction", allow_none=True)
    may_reapply_from = fields.Date(attribute="standing.state.may_reapply_from", allow_none=True)
    thresholds = fields.List(fields.Nested(ThresholdAnswer))
    resets_on = fields.Date()
    choices = fields.List(fields.Nested(ChoiceAnswer))
    activities = fields.List(fields.Nested(OfferedActivity))
    next_score = fields.List(fields.Nested(NextScore), attribute="next_scores")
