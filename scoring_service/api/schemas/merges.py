"""Merges of two files of one person, as proposed and as answered (contract.md, Registry)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Code, Day, Instant, Page, Strict, Text
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.api.schemas.practitioners import LONGEST_REASON
from scoring_service.api.schemas.standing import PersonAnswer, SanctionAnswer
from scoring_service.services.proposals.merges import MERGE
from scoring_service.written import LONGEST_REF


class NewMerge(Strict):
    """The other file of the person, which answers for both from the approval on, and how it is known to be theirs."""

    into = Code(required=True, longest=LONGEST_REF)
    reason = Text(required=True, longest=LONGEST_REASON)


class MergeQuery(list_query(MERGE.fields)):  # type: ignore[misc]
    """The merges asked for."""


class SpanAnswer(Schema):
    """A half-open span of the registry, as a merge makes it."""

    class Meta:
        """`from` is no name for an attribute."""

        include = {"from": Day(attribute="start")}  # noqa: RUF012 - marshmallow's way to name a field `from`.

    until = Day(allow_none=True)


class RegistrationSeen(SpanAnswer):
    """A registration as a merge makes it."""

    category = fields.String()
    commitment_signed_on = Day(allow_none=True)


class AffiliationSeen(SpanAnswer):
    """An affiliation as a merge makes it."""

    institution = fields.String()


class FileSeen(Schema):
    """A file today: its codes, how many entries it has, this year's points, the state and the sanctions."""

    practitioner = fields.Nested(PersonAnswer)
    category = fields.String()
    id_number = fields.String(allow_none=True)
    codes = fields.List(fields.String())
    entries = fields.Integer()
    points = fields.Integer(attribute="standing.points")
    status = fields.String(attribute="standing.state.status")
    sanctions = fields.List(fields.Nested(SanctionAnswer), attribute="standing.sanctions")
    registrations = fields.List(fields.Nested(RegistrationSeen))
    affiliations = fields.List(fields.Nested(AffiliationSeen))


class OpenMatterAnswer(Schema):
    """Something that waits and has to be decided first."""

    kind = fields.String()
    id = fields.String()


class MergePreviewAnswer(Schema):
    """Both files, the one that they would be, the sanctions that neither had, and what stands in the way."""

    merged = fields.Nested(FileSeen)
    into = fields.Nested(FileSeen)
    after = fields.Nested(FileSeen)
    new_sanctions = fields.List(fields.Nested(SanctionAnswer), attribute="new_spans")
    open_matters = fields.List(fields.Nested(OpenMatterAnswer))


class MergeAnswer(Schema):
    """A merge: `practitioner` is the file that closes, `into` the one that answers for both.

    `revision` is the first change that it made there; the `preview` is there until the decision.
    """

    id = fields.String()
    version = fields.Integer()
    state = fields.String()
    practitioner = fields.String()
    into = fields.String()
    reason = fields.String()
    revision = fields.Integer(allow_none=True)
    recorded_by = fields.String(attribute="hands.recorded_by")
    recorded_at = Instant()
    decided_by = fields.String(attribute="hands.decided_by", allow_none=True)
    decided_at = Instant(allow_none=True)
    rejected_because = fields.String(allow_none=True)
    preview = fields.Nested(MergePreviewAnswer, allow_none=True)


class ListedMerge(MergeAnswer):
    """A merge in a list."""

    class Meta:
        """The preview is asked for with the merge."""

        exclude = ("preview",)


class MergePage(Page):
    """Merges, the newest first."""

    items = fields.List(fields.Nested(ListedMerge))
