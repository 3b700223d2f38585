"""Applications for a resumption, as asked and as answered (contract.md, Remediation and return)."""

from __future__ import annotations

from marshmallow import fields

from scoring_service.api.schemas.base import Day, Page, Ref, Strict, Text
from scoring_service.api.schemas.consents import ConsentedAnswer
from scoring_service.api.schemas.corrections import AffectedAnswer
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.services.proposals.resumption_reading import RESUMPTION
from scoring_service.written import LONGEST_REF


class NewResumption(Strict):
    """An application that a person's suspension end with its term, and why they may serve again."""

    practitioner = Ref(required=True, longest=LONGEST_REF)
    statement = Text(required=True)


class ResumptionQuery(list_query(RESUMPTION.fields)):  # type: ignore[misc]
    """The applications asked for; `due_before` is a day before which their evaluation is due."""

    due_before = Day()
    practitioner = Ref(longest=LONGEST_REF)


class ResumptionAnswer(ConsentedAnswer):
    """An application; `resumes_on` and `entry` are those of its approval."""

    statement = fields.String()
    filed_on = fields.Date()
    evaluation_due_on = fields.Date(allow_none=True)
    evaluation_provisional = fields.Boolean()
    resumes_on = fields.Date(allow_none=True)
    entry = fields.String(allow_none=True)


class GrantedAnswer(ResumptionAnswer):
    """An application that was granted: the sanctions before and after it, and the refusals that are payable now."""

    affected = fields.Nested(AffectedAnswer)


class ResumptionPage(Page):
    """Applications, the newest first."""

    items = fields.List(fields.Nested(ResumptionAnswer))
