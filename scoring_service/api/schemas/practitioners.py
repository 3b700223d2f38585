"""Practitioners, as asked and as answered (contract.md, Registry)."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields

from scoring_service.api.schemas.appeals import ListedAppeal
from scoring_service.api.schemas.base import (
    Code,
    Day,
    Instant,
    Layered,
    Line,
    OneOf,
    Page,
    QueryFlag,
    Strict,
    Text,
)
from scoring_service.api.schemas.cases import CaseOnPerson, CaseRulebook
from scoring_service.api.schemas.institutions import LONGEST_CODE, NewSpan, SpanAnswer
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.api.schemas.notices import CorrectedReceipt, Notice
from scoring_service.api.schemas.remediation import ListedApplication
from scoring_service.api.schemas.resumptions import ResumptionAnswer
from scoring_service.api.schemas.standing import StandingAnswer
from scoring_service.core.attention import NEAR_POINTS
from scoring_service.services.registry.codes import CATEGORIES
from scoring_service.services.registry.list_fields import PEOPLE_FIELDS
from scoring_service.services.registry.practitioners import GAPS
from scoring_service.written import LONGEST_NAME, LONGEST_PRACTICE

LONGEST_REASON = 500
MOST_AFFILIATIONS = 50
MOST_NEAR_POINTS = 11
NAMESAKE = "该机构有同名人员，请核对是否同一人 / someone of this name is there too: is it one person?"


class NewAffiliation(NewSpan):
    """A span at an institution."""

    institution = Code(required=True, longest=LONGEST_CODE)


class Affiliations(fields.List):
    """The affiliations that a registration begins with; a person has a few workplaces, not hundreds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.Nested(NewAffiliation), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > MOST_AFFILIATIONS:
            raise ValidationError(f"至多 {MOST_AFFILIATIONS} 项 / at most {MOST_AFFILIATIONS}")
        return super()._deserialize(value, attr, data, **kwargs)


class PracticeFields(Strict):
    """What a person is admitted to do (P15): type, category and scope of practice, professional title."""

    practice_type = Line(longest=LONGEST_PRACTICE, allow_none=True)
    practice_category = Line(longest=LONGEST_PRACTICE, allow_none=True)
    practice_scope = Line(longest=LONGEST_PRACTICE, allow_none=True)
    professional_title = Line(longest=LONGEST_PRACTICE, allow_none=True)


class NewPractitioner(PracticeFields):
    """A person to register; at least one of `code` and `id_number`. Without `registered_on` never registered."""

    code = Code(allow_none=True, load_default=None, longest=LONGEST_CODE)
    name = Line(required=True, longest=LONGEST_NAME)
    id_number = Code(allow_none=True, load_default=None, longest=LONGEST_CODE)
    category = OneOf(*CATEGORIES, required=True)
    registered_on = Day(required=True, allow_none=True)
    affiliations = Affiliations(load_default=list)
    commitment_signed_on = Day(allow_none=True, load_default=None)


class PractitionerChanges(PracticeFields):
    """What may change of a person; `code` may be given once."""

    code = Code(longest=LONGEST_CODE, allow_none=True)
    name = Line(longest=LONGEST_NAME)
    id_number = Code(longest=LONGEST_CODE, allow_none=True)
    category = OneOf(*CATEGORIES)
    commitment_signed_on = Day(allow_none=True)


class NewCommitment(Strict):
    """The day on which a missing commitment letter was signed."""

    signed_on = Day(required=True)


class AffiliationChange(Strict):
    """An affiliation to add; or to end: the one that begins on `from`, without it the open one."""

    institution = Code(required=True, longest=LONGEST_CODE)
    from_on = Day(data_key="from", allow_none=True, load_default=None)
    until_on = Day(data_key="until", allow_none=True, load_default=None)


class NewCode(Strict):
    """A further national code and its first day; `category` follows the code's prefix unless it is given."""

    code = Code(required=True, longest=LONGEST_CODE)
    from_on = Day(data_key="from", required=True)
    reason = Text(required=True, longest=LONGEST_REASON)
    category = OneOf(*CATEGORIES, allow_none=True, load_default=None)


class Deregistration(Strict):
    """The first day outside the registry, and why."""

    on = Day(required=True)
    reason = Text(required=True, longest=LONGEST_REASON)


class Return(Strict):
    """A registration after leaving."""

    from_on = Day(data_key="from", required=True)
    affiliations = Affiliations(load_default=list)
    commitment_signed_on = Day(allow_none=True, load_default=None)


class NearPoints(fields.Integer):
    """Points below the threshold: a number, or `true` for the usual three."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:
        if value == "true":
            return NEAR_POINTS
        if re.fullmatch(r"[0-9]{1,2}", str(value)) and 1 <= int(value) <= MOST_NEAR_POINTS:
            return int(value)
        raise ValidationError(
            f"须为 true 或 1 至 {MOST_NEAR_POINTS} / must be true or a number from 1 to {MOST_NEAR_POINTS}"
        )


class PractitionerQuery(list_query(PEOPLE_FIELDS)):  # type: ignore[misc]
    """The filters of the list; all that are given hold together."""

    near_threshold = NearPoints(load_default=None)
    without_commitment = QueryFlag(load_default=None)
    lacking = OneOf(*GAPS, load_default=None)


class Search(Strict):
    """Whom to look for: a name or its beginning, an identity number, a national code."""

    name = Line(load_default=None, longest=LONGEST_NAME)
    id_number = Code(load_default=None, longest=LONGEST_CODE)
    code = Code(load_default=None, longest=LONGEST_CODE)


class RowAnswer(SpanAnswer):
    """A span of the registry. Its `number` never changes: the file's revision at which it was first recorded."""

    number = fields.Integer()


class PracticeAnswer(Schema):
    """What a person is admitted to do (P15)."""

    practice_type = fields.String(allow_none=True)
    practice_category = fields.String(allow_none=True)
    practice_scope = fields.String(allow_none=True)
    professional_title = fields.String(allow_none=True)


class PersonRowAnswer(RowAnswer, PracticeAnswer):
    """What a person was called and coded as in a span; every code still names the person.

    `merged_from`: another file of the person's, merged into this one, called them so.
    """

    name = fields.String()
    code = fields.String(allow_none=True)
    id_number = fields.String(allow_none=True)
    category = fields.String()
    reason = fields.String(allow_none=True)
    merged_from = fields.String(allow_none=True)


class MergedFileAnswer(Schema):
    """A file that was merged into this one, which answers for it since that instant."""

    id = fields.String()
    codes = fields.List(fields.String())
    merged_at = Instant()


class AffiliationAnswer(RowAnswer):
    """A span at an institution."""

    institution = fields.String()


class RegistrationAnswer(RowAnswer):
    """A span in the registry."""

    category = fields.String()
    commitment_signed_on = Day(allow_none=True)
    reason = fields.String(allow_none=True)


class PersonAnswer(Schema):
    """A person; the identity number is masked."""

    id = fields.String()
    code = fields.String(allow_none=True)
    name = fields.String()
    id_number = fields.String(allow_none=True)
    category = fields.String()
    status = fields.String()
    revision = fields.Integer()
    version = fields.Integer()


class FilePerson(PersonAnswer, PracticeAnswer):
    """A person at the head of their file."""

    registered_on = Day(allow_none=True)


class NamesakeWarning(Schema):
    """`namesake`: people of the same name who are registered at an institution of the person; is it one person?"""

    code = fields.Constant("namesake", metadata={"type": "string"})
    detail = fields.Constant(NAMESAKE, metadata={"type": "string"})
    institution = fields.String()
    practitioners = fields.List(fields.String())


class PractitionerAnswer(FilePerson):
    """A person with registrations and affiliations, as known now."""

    persons = fields.List(fields.Nested(PersonRowAnswer))
    registrations = fields.List(fields.Nested(RegistrationAnswer))
    affiliations = fields.List(fields.Nested(AffiliationAnswer))
    merged_files = fields.List(fields.Nested(MergedFileAnswer))
    commitment_signed_on = Day(allow_none=True)
    warnings = fields.List(fields.Nested(NamesakeWarning))


class ListedPractitioner(PersonAnswer):
    """A person in a list: this year's points, and the institutions of today."""

    points = fields.Integer()
    institutions = fields.List(fields.String())


class PractitionerPage(Page):
    """A page of people, by id."""

    items = fields.List(fields.Nested(ListedPractitioner))


class CommitmentAnswer(Schema):
    """The commitment letter."""

    signed_on = Day(allow_none=True)


class EntryAnswer(Layered):
    """An entry of a ledger, with the fields of its kind (scheme.md 2.1); who recorded it is told to the office only."""

    holds = "carried"

    id = fields.String()
    seq = fields.Integer()
    kind = fields.String()
    effective_on = Day()
    recorded_at = Instant()
    revision = fields.Integer()
    rulebook = fields.Nested(CaseRulebook)
    copied_from = fields.String(allow_none=True)
    recorded_by = fields.String()
    points = fields.Integer()
    decided_on = Day()
    case = fields.String()
    finding = fields.String()
    item = fields.String()
    degree = fields.String()
    legal_basis = fields.String(allow_none=True)
    days = fields.Integer()
    application = fields.String()
    late_days = fields.Integer()
    effect = fields.String()
    start = Day(data_key="from")
    until = Day(allow_none=True)
    target = fields.String()
    value = fields.Integer()
    basis = fields.String()
    document_no = fields.String(allow_none=True)
    reason = fields.String()
    year = fields.Integer()
    total = fields.Integer()


class CorrectedReceiptInFile(CorrectedReceipt):
    """A corrected receipt without who recorded it."""

    class Meta:
        """Like the receipt itself, whose recorder the file does not name."""

        exclude = ("recorded_by_before", "recorded_by")


class NoticeInFile(Notice):
    """A notice beside what it is about."""

    class Meta:
        """The rest stands in the file, or is asked for with the notice."""

        exclude = ("receipt_recorded_by", "entry", "case", "facts")

    receipt_corrections = fields.List(fields.Nested(CorrectedReceiptInFile))


class FileAnswer(Schema):
    """One person, one file."""

    practitioner = fields.Nested(FilePerson)
    persons = fields.List(fields.Nested(PersonRowAnswer), attribute="practitioner.persons")
    registrations = fields.List(fields.Nested(RegistrationAnswer), attribute="practitioner.registrations")
    affiliations = fields.List(fields.Nested(AffiliationAnswer), attribute="practitioner.affiliations")
    commitment = fields.Nested(CommitmentAnswer)
    standing = fields.Nested(StandingAnswer)
    entries = fields.List(fields.Nested(EntryAnswer))
    cases = fields.List(fields.Nested(CaseOnPerson))
    notices = fields.List(fields.Nested(NoticeInFile))
    appeals = fields.List(fields.Nested(ListedAppeal))
    remediation = fields.List(fields.Nested(ListedApplication))
    resumptions = fields.List(fields.Nested(ResumptionAnswer))


class LedgerPage(Page):
    """A page of a ledger, by `seq`."""

    items = fields.List(fields.Nested(EntryAnswer))
