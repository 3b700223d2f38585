"""Applications for a resumption, as asked and as answered (contract.md, Remediation and return)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Code, Day, Instant, OneOf, Page, PageQuery, Ref, Strict, Text
from scoring_service.api.schemas.corrections import AffectedAnswer
from scoring_service.services.proposals.resumption_reading import RESUMPTION
from scoring_service.written import LONGEST_REF

LONGEST_PROOF = 1000


class NewResumption(Strict):
    """An application that a person's suspension end with its term, and why they may serve again."""

    practitioner = Ref(required=True, longest=LONGEST_REF)
    statement = Text(required=True)


class ConsentBody(Strict):
    """Nothing from an institution itself; from a clerk, which institution has answered, and what proves it."""

    institution = Code(longest=LONGEST_REF, allow_none=True, load_default=None)
    proof = Text(longest=LONGEST_PROOF, allow_none=True, load_default=None)


class ConsentRefusal(ConsentBody):
    """A consent that is refused, and why."""

    reason = Text(required=True)


class ResumptionQuery(PageQuery):
    """The applications asked for; `due_before` is a day before which their evaluation is due."""

    state = OneOf(*RESUMPTION.states)
    due_before = Day()
    practitioner = Ref(longest=LONGEST_REF)


class ConsentAnswer(Schema):
    """The answer of an institution: with a reason it is a refusal."""

    institution = fields.String(allow_none=True)
    answered_at = Instant()
    on_paper = fields.Boolean()
    proof = fields.String(allow_none=True)
    refused_because = fields.String(allow_none=True)


class ResumptionAnswer(Schema):
    """An application; `resumes_on` and `entry` are those of its approval, `lapsed_because` the code of a gate."""

    id = fields.String()
    version = fields.Integer()
    state = fields.String()
    practitioner = fields.String()
    statement = fields.String()
    filed_by = fields.String()
    filed_institution = fields.String(allow_none=True)
    filed_on = fields.Date()
    filed_at = Instant(attribute="recorded_at")
    recorded_by = fields.String(attribute="hands.recorded_by")
    consent = fields.Nested(ConsentAnswer, allow_none=True)
    consent_due_on = fields.Date(allow_none=True)
    consent_provisional = fields.Boolean()
    proceeded_because = fields.String(allow_none=True)
    consented_on = fields.Date(allow_none=True)
    evaluation_due_on = fields.Date(allow_none=True)
    evaluation_provisional = fields.Boolean()
    decided_by = fields.String(attribute="hands.decided_by", allow_none=True)
    decided_at = Instant(allow_none=True)
    reason = fields.String(attribute="rejected_because", allow_none=True)
    lapsed_because = fields.String(allow_none=True)
    resumes_on = fields.Date(allow_none=True)
    entry = fields.String(allow_none=True)


class GrantedAnswer(ResumptionAnswer):
    """An application that was granted: the sanctions before and after it, and the refusals that are payable now."""

    affected = fields.Nested(AffectedAnswer)


class ResumptionPage(Page):
    """Applications, the newest first."""

    items = fields.List(fields.Nested(ResumptionAnswer))
