"""Cases, as drafted, decided and answered (contract.md, Cases)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from scoring_service.api.schemas.base import (
    Code,
    Day,
    Flag,
    Instant,
    Line,
    OneOf,
    Page,
    Ref,
    Strict,
    Text,
    Whole,
)
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.api.schemas.standing import PersonAnswer, SanctionAnswer, StandingAnswer
from scoring_service.core.adjustments import AdjustmentKind
from scoring_service.core.procedure import HandlingKind, MeasureKind, Side
from scoring_service.core.rulebook import HIGHEST_POINTS, LOWEST_POINTS, Degree
from scoring_service.services.cases.case_fields import CASE_FIELDS
from scoring_service.services.cases.findings import MOST_FINDINGS
from scoring_service.written import LONGEST_LINE, LONGEST_REF

LONGEST_KEY = 100


class MeasureBody(Strict):
    """What was done to the institution or a `department` of it, `[from, until)`."""

    kind = OneOf(*MeasureKind, required=True)
    start = Day(data_key="from", required=True)
    until = Day(allow_none=True, load_default=None)
    department = Line(longest=LONGEST_LINE, allow_none=True, load_default=None)


class HandlingBody(Strict):
    """The decision against the institution; `received_on`, when it reached the office, is `decided_on` unless given."""

    kind = OneOf(*HandlingKind, required=True)
    authority = Line(required=True, longest=LONGEST_LINE)
    document_no = Line(required=True, longest=LONGEST_LINE)
    decided_on = Day(required=True)
    received_on = Day(allow_none=True, load_default=None)
    measure = fields.Nested(MeasureBody, allow_none=True, load_default=None)


class HandlingChanges(Strict):
    """What changes of the decision; the rest stays."""

    kind = OneOf(*HandlingKind)
    authority = Line(longest=LONGEST_LINE)
    document_no = Line(longest=LONGEST_LINE)
    decided_on = Day()
    received_on = Day(allow_none=True)
    measure = fields.Nested(MeasureBody, allow_none=True)


class AdjustmentBody(Strict):
    """Why the points are not those of the degree (P25); `ground` is a key of the rulebook's `adjustment_grounds`."""

    kind = OneOf(*AdjustmentKind, required=True)
    ground = Line(required=True, longest=LONGEST_KEY)


class FindingBody(Strict):
    """What the case says of one person; findings with the same `act` are one act.

    `points` are null for whoever is responsible for a measure and not scored.
    `legal_basis` is required for an item that `asks_legal_basis`.
    """

    practitioner = Ref(required=True, longest=LONGEST_REF)
    item = Line(required=True, longest=LONGEST_KEY)
    degree = OneOf(*(degree.value for degree in Degree), required=True)
    points = Whole(allow_none=True, load_default=None, low=LOWEST_POINTS, high=HIGHEST_POINTS)
    occurred_from = Day(allow_none=True, load_default=None)
    occurred_until = Day(allow_none=True, load_default=None)
    act = Line(longest=LONGEST_LINE, allow_none=True, load_default=None)
    legal_basis = Line(longest=LONGEST_LINE, allow_none=True, load_default=None)
    adjustment = fields.Nested(AdjustmentBody, allow_none=True, load_default=None)
    reason = Text(allow_none=True, load_default=None)


def _findings(*, required: bool = False) -> fields.List:
    return fields.List(
        fields.Nested(FindingBody),
        validate=validate.Length(1, MOST_FINDINGS, error="须有 {min} 至 {max} 项认定 / {min} to {max} findings"),
        required=required,
    )


class NewCase(Strict):
    """A case to draft."""

    institution = Code(required=True, longest=LONGEST_REF)
    handling = fields.Nested(HandlingBody, required=True)
    summary = Text(required=True)
    findings = _findings(required=True)


class CaseChanges(Strict):
    """What changes of a draft; `findings` replace all that it had."""

    institution = Code(longest=LONGEST_REF)
    handling = fields.Nested(HandlingChanges)
    summary = Text()
    findings = _findings()


class ReasonBody(Strict):
    """Why."""

    reason = Text(required=True)


class ApprovalBody(Strict):
    """From which day the entries take effect, today unless given.

    `confirm_duplicates`: what is flagged `same_decision` or `same_finding` was checked and is scored nevertheless;
    false refuses such a case, null (as ever) leaves it to the findings' reasons.
    """

    effective_on = Day(allow_none=True, load_default=None)
    confirm_duplicates = Flag(allow_none=True, load_default=None)


class CaseQuery(list_query(CASE_FIELDS)):  # type: ignore[misc]
    """The cases asked for."""

    practitioner = Ref(longest=LONGEST_REF)
    notice_due_before = Day()


class MeasureAnswer(Schema):
    """What was done to the institution or a `department` of it; `until` is null while no end is known."""

    class Meta:
        """`from` is no name for an attribute."""

        include = {"from": Day(attribute="start")}  # noqa: RUF012 - marshmallow's way to name a field `from`.

    kind = fields.String()
    until = Day(allow_none=True)
    department = fields.String(allow_none=True)


class HandlingAnswer(Schema):
    """The decision against the institution."""

    kind = fields.String()
    authority = fields.String()
    document_no = fields.String()
    decided_on = Day()
    received_on = Day()
    measure = fields.Nested(MeasureAnswer, allow_none=True)


class AdjustmentAnswer(Schema):
    """Why the points are not those of the degree."""

    kind = fields.String()
    ground = fields.String()


class SpreadAnswer(Schema):
    """The points of `n` cases: their median, 5th and 95th percentile by nearest rank; null where there are none."""

    n = fields.Integer()
    median = fields.Integer(allow_none=True)
    p5 = fields.Integer(allow_none=True)
    p95 = fields.Integer(allow_none=True)


class SimilarAnswer(SpreadAnswer):
    """What like cases got, all of them and those of the case's division apart: counts and points, nobody's."""

    here = fields.Nested(SpreadAnswer)
    elsewhere = fields.Nested(SpreadAnswer)


class FindingAnswer(Schema):
    """A finding; `band` is that of its item, `standing` the person's after an approval.

    `measure_entry` is the entry of the case's measure, on each person's first finding; `measure_sanction`, told on
    approval, the span that it makes: null where the measure ended before it could begin.
    `suggested_points`, told to the office, are those of its degree in that band.
    `similar`, told to the office and an appeal's experts, is what cases of that item and degree got that were decided
    in the two years before: as of now while the case is a draft, else as it was submitted. `unlike_similar_cases` flags
    points outside the middle 90 % of at least 20 of them.
    With the flag `same_decision`, `same_decision_case` is the other case, if the caller may know of it.
    """

    id = fields.String()
    practitioner = fields.Nested(PersonAnswer)
    item = fields.String()
    degree = fields.String()
    points = fields.Integer(allow_none=True)
    band = fields.String()
    suggested_points = fields.Integer(allow_none=True)
    flags = fields.List(fields.String())
    similar = fields.Nested(SimilarAnswer, allow_none=True)
    same_decision_case = fields.String(allow_none=True)
    occurred_from = Day(allow_none=True)
    occurred_until = Day(allow_none=True)
    act = fields.String(allow_none=True)
    legal_basis = fields.String(allow_none=True)
    adjustment = fields.Nested(AdjustmentAnswer, allow_none=True)
    reason = fields.String(allow_none=True)
    absorbed = fields.Boolean()
    entry = fields.String(allow_none=True)
    measure_entry = fields.String(allow_none=True)
    measure_sanction = fields.Nested(SanctionAnswer, allow_none=True)
    standing = fields.Nested(StandingAnswer)


class FindingOnPerson(FindingAnswer):
    """A finding beside what else is told of its person."""

    class Meta:
        """Other cases are compared where the case itself is looked at."""

        exclude = ("same_decision_case",)


class HandAnswer(Schema):
    """A hand that the case went through."""

    deed = fields.String()
    staff_no = fields.String()
    username = fields.String()
    at = Instant()


class AttachmentAnswer(Schema):
    """A file beside the case; `version` is the case's after it was attached."""

    n = fields.Integer()
    file_name = fields.String()
    media_type = fields.String()
    size_bytes = fields.Integer()
    sha256 = fields.String()
    recorded_at = Instant()
    side = fields.String(metadata={"enum": list(Side)})
    version = fields.Integer()


class AttachmentList(Schema):
    """The files beside a case."""

    items = fields.List(fields.Nested(AttachmentAnswer))


class CaseRulebook(Schema):
    """The rulebook of the case."""

    id = fields.String()
    sha256 = fields.String()


class CaseSummary(Schema):
    """A case as it stands in a list; `assigned_to` is told to the office alone.

    Its letters are to be issued by the end of `notice_due_on`.
    """

    id = fields.String()
    version = fields.Integer()
    state = fields.String()
    institution = fields.String()
    institution_name = fields.String()
    region = fields.String()
    handling = fields.Nested(HandlingAnswer)
    summary = fields.String()
    rulebook = fields.Nested(CaseRulebook)
    notice_due_on = Day(allow_none=True)
    notice_due_provisional = fields.Boolean()
    effective_on = Day(allow_none=True)
    assigned_to = fields.String(allow_none=True)
    created_at = Instant()
    changed_at = Instant()


class SeenCase(Strict):
    """A case to assign, as it was seen: its version, and the username of who had it."""

    case = Ref(required=True, longest=LONGEST_REF)
    version = Whole(required=True, low=1)
    assigned_to = Line(longest=200, load_default=None, allow_none=True)


class CaseAssignment(Strict):
    """1 to 1,000 cases, none twice, and to which clerk; null gives them back."""

    cases = fields.List(fields.Nested(SeenCase), required=True)
    to = Line(longest=200, required=True, allow_none=True)


class AssignedCases(Schema):
    """The cases that were assigned, in the order in which they were sent."""

    assigned = fields.List(fields.Nested(CaseSummary))


class CaseAnswer(CaseSummary):
    """A case; outside the office without `reason`, `hands` and `attachments`."""

    findings = fields.List(fields.Nested(FindingAnswer))
    reason = fields.String(allow_none=True)
    hands = fields.List(fields.Nested(HandAnswer))
    attachments = fields.List(fields.Nested(AttachmentAnswer))


class CaseOnPerson(CaseSummary):
    """A case with the findings on one person only."""

    findings = fields.List(fields.Nested(FindingOnPerson))


class CasePage(Page):
    """Cases, the newest first."""

    items = fields.List(fields.Nested(CaseSummary))
