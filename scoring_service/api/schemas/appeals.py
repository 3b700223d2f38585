"""Appeals, as filed, heard, decided and answered (contract.md, Appeals)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from scoring_service.api.schemas.base import (
    Code,
    Day,
    Instant,
    Layered,
    Line,
    OneOf,
    Page,
    Ref,
    Strict,
    Text,
    Whole,
)
from scoring_service.api.schemas.cases import AttachmentAnswer, CaseOnPerson
from scoring_service.api.schemas.corrections import AffectedAnswer
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.core.procedure import Outcome, Side
from scoring_service.services.appeals.appeal_fields import APPEAL_FIELDS
from scoring_service.services.appeals.experts import MOST_EXPERTS, OPINIONS
from scoring_service.services.appeals.filing import AGAINST, PARTIES
from scoring_service.written import LONGEST_REF

LONGEST_USERNAME = 100


class NewAppeal(Strict):
    """An appeal; `received_on` and `institution` are a clerk's, for one that came on paper."""

    practitioner = Ref(required=True, longest=LONGEST_REF)
    entry = Ref(longest=LONGEST_REF, allow_none=True, load_default=None)
    against = OneOf(*AGAINST, required=True)
    grounds = Text(required=True)
    filed_by = OneOf(*PARTIES, required=True)
    received_on = Day(allow_none=True, load_default=None)
    institution = Code(longest=LONGEST_REF, allow_none=True, load_default=None)


class Countersignature(Strict):
    """Nothing from the other party itself; from a clerk, which institution signed the paper and what proves it."""

    institution = Code(longest=LONGEST_REF, allow_none=True, load_default=None)
    proof = Text(longest=1000, allow_none=True, load_default=None)


class Explanation(Strict):
    """What the office says to the objection."""

    text = Text(required=True)


class Insistence(Strict):
    """That the filer still objects, and if they like why."""

    grounds = Text(allow_none=True, load_default=None)


class AppealQuery(list_query(APPEAL_FIELDS)):  # type: ignore[misc]
    """The appeals asked for; `due_before` is a day before which their decision is due, none while experts have it."""

    due_before = Day()
    practitioner = Ref(longest=LONGEST_REF)


class EvidenceQuery(Strict):
    """Whose evidence came on paper, from a clerk; else the account's own."""

    side = OneOf(*Side)


class ExpertsBody(Strict):
    """How many experts to draw, or whom to name and why; `due_on` is the last day to answer, else it is counted."""

    draw = Whole(low=1, high=MOST_EXPERTS)
    experts = fields.List(
        Line(longest=LONGEST_USERNAME),
        validate=validate.Length(
            min=1, max=MOST_EXPERTS, error=f"须为 1 至 {MOST_EXPERTS} 名 / 1 to {MOST_EXPERTS} experts"
        ),
    )
    reason = Text()
    due_on = Day(allow_none=True, load_default=None)

    @validates_schema
    def check_one_way(self, body: dict[str, Any], **_kwargs: Any) -> None:
        """Ask for exactly one of both ways, and for the reason with names."""
        if ("draw" in body) == ("experts" in body):
            raise ValidationError("抽取与指定二选一 / either draw or name experts", "draw")
        if "experts" in body and "reason" not in body:
            raise ValidationError("指定专家须说明理由 / naming experts needs a reason", "reason")


class ReleaseBody(Strict):
    """Which expert is released, and why."""

    expert = Line(required=True, longest=LONGEST_USERNAME)
    reason = Text(required=True)


class NewOpinion(Strict):
    """An expert's opinion; `points` with `reduce` only."""

    opinion = OneOf(*OPINIONS, required=True)
    points = Whole(low=0, allow_none=True, load_default=None)
    text = Text(required=True)


class DecisionBody(Strict):
    """A decision; `points` with `reduced` only, `entry` for an appeal against the state of a file."""

    outcome = OneOf(*Outcome, required=True)
    points = Whole(low=0, allow_none=True, load_default=None)
    reasons = Text(required=True)
    entry = Ref(longest=LONGEST_REF, allow_none=True, load_default=None)


class ListedAppeal(Schema):
    """An appeal; who of the office handled it is told to the office only."""

    id = fields.String()
    version = fields.Integer()
    state = fields.String()
    practitioner = fields.String(attribute="practitioner_id")
    entry = fields.String(attribute="entry_id", allow_none=True)
    against = fields.String()
    grounds = fields.String()
    filed_by = fields.String()
    institution = fields.String(attribute="institution_code", allow_none=True)
    on_paper = fields.Boolean()
    received_on = Day()
    filed_at = Instant(attribute="recorded_at")
    window_closes_on = Day(allow_none=True)
    provisional = fields.Boolean(attribute="window_provisional")
    countersign_until = Day()
    countersigned_at = Instant(allow_none=True)
    countersigned_on_paper = fields.Boolean()
    countersigned_institution = fields.String(allow_none=True)
    countersign_refused_at = Instant(attribute="refused_at", allow_none=True)
    countersign_refused_because = fields.String(attribute="refused_because", allow_none=True)
    completed_at = Instant(allow_none=True)
    explanation_due_on = Day(allow_none=True)
    explanation = fields.String(allow_none=True)
    explained_at = Instant(allow_none=True)
    answer_due_on = Day(allow_none=True)
    answer_provisional = fields.Boolean()
    insisted_at = Instant(allow_none=True)
    insisted_silently = fields.Boolean()
    insisted_grounds = fields.String(allow_none=True)
    accepted_at = Instant(allow_none=True)
    due_on = Day(allow_none=True)
    due_provisional = fields.Boolean()
    paused_since = Day(allow_none=True)
    paused_days = fields.Integer()
    decided_at = Instant(allow_none=True)
    outcome = fields.String(allow_none=True)
    points = fields.Integer(allow_none=True)
    reasons = fields.String(allow_none=True)
    correction = fields.String(attribute="correction_id", allow_none=True)
    affected = fields.Nested(AffectedAnswer, allow_none=True)
    recorded_by = fields.String()
    countersigned_by = fields.String(allow_none=True)
    countersign_proof = fields.String(allow_none=True)
    proceeded_because = fields.String(allow_none=True)
    explained_by = fields.String(allow_none=True)
    insisted_by = fields.String(allow_none=True)
    accepted_by = fields.String(allow_none=True)
    decided_by = fields.String(allow_none=True)


class ExpertAnswer(Schema):
    """An expert of an appeal: `assigned`, `given`, `recused` by themselves or `released` by the office."""

    username = fields.String()
    state = fields.String()
    chosen = fields.String()
    chosen_because = fields.String(allow_none=True)
    assigned_at = Instant()
    recused_because = fields.String(allow_none=True)
    released_by = fields.String(allow_none=True)
    due_on = Day(allow_none=True)


class OpinionAnswer(Schema):
    """An expert's opinion."""

    expert = fields.String()
    opinion = fields.String()
    points = fields.Integer(allow_none=True)
    text = fields.String()


class AppealAnswer(Layered, ListedAppeal):
    """An appeal with what is attached to it; to the office and its experts with the case and the opinions.

    `working_days_left` for the decision are told while experts have it.
    """

    holds = "appeal"

    working_days_left = fields.Integer(allow_none=True)
    attachments = fields.List(fields.Nested(AttachmentAnswer))
    case = fields.Nested(CaseOnPerson, allow_none=True)
    experts = fields.List(fields.Nested(ExpertAnswer))
    opinions = fields.List(fields.Nested(OpinionAnswer))
    opinions_complete = fields.Boolean()


class AppealPage(Page):
    """Appeals, the newest first."""

    items = fields.List(fields.Nested(ListedAppeal))
