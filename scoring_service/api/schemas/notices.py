"""Notices and their receipts."""

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import (
    Day,
    Instant,
    OneOf,
    Page,
    QueryFlag,
    Ref,
    Strict,
    Text,
    Whole,
)
from scoring_service.api.schemas.cases import AttachmentAnswer
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.core.procedure import DutyState, NoticeKind
from scoring_service.services.notices.notice_fields import NOTICE_FIELDS
from scoring_service.written import LONGEST_REF


class NoticeQuery(list_query(NOTICE_FIELDS)):  # type: ignore[misc]
    """Whom the notices are about, to which institution they are addressed, and what is still open after them."""

    practitioner = Ref(longest=LONGEST_REF, load_default=None)
    unacknowledged = QueryFlag(load_default=False)
    delivery = OneOf(*DutyState, load_default=None)
    maintenance = OneOf(*DutyState, load_default=None)
    talk = OneOf(*DutyState, load_default=None)


class MaintainedState(Strict):
    """Since when the institution's own systems show the state."""

    on = Day(required=True)


class Receipt(Strict):
    """When it was received (default today), and what proves it, which a receipt on paper needs."""

    received_on = Day(load_default=None, allow_none=True)
    proof = Text(longest=1000, load_default=None, allow_none=True)


class ReceiptOfMany(Receipt):
    """The receipt of one notice among many, which was seen at `version`."""

    notice = Ref(required=True, longest=LONGEST_REF)
    version = Whole(required=True, low=0)


class ManyReceipts(Strict):
    """Receipts of 1 to 1,000 notices, none twice: all are recorded, or none."""

    items = fields.List(fields.Nested(ReceiptOfMany), required=True)


class ReceiptCorrection(Strict):
    """When it was really received, what proves that, and why the receipt on record is wrong."""

    received_on = Day(required=True)
    proof = Text(longest=1000, required=True)
    reason = Text(longest=1000, required=True)


class CorrectedReceipt(Schema):
    """A receipt as it was and as it was corrected, with the window's last day before and after."""

    received_on_before = Day()
    deemed_before = fields.Boolean()
    proof_before = fields.String(allow_none=True)
    recorded_by_before = fields.String()
    window_closes_on_before = Day(allow_none=True)
    received_on = Day()
    window_closes_on = Day(allow_none=True)
    proof = fields.String()
    reason = fields.String()
    recorded_by = fields.String()
    recorded_at = Instant()


class Addressee(Schema):
    """To whom a notice is addressed; `ref` is the person's id, the institution's code, or which authority.

    Of a sanction the `health_commission` is told and, for pharmacies, the `drug_regulator`.
    """

    kind = fields.String(metadata={"enum": ["practitioner", "institution", "authority"]})
    ref = fields.String()


class Notice(Schema):
    """A notice; `window_closes_on` is the last day of its appeal window, `provisional` while a calendar is missing.

    `version` counts how often its receipt was recorded or corrected. The last days of delivery, maintenance and talk
    are told of notices to the institution of the case.
    """

    id = fields.String()
    kind = fields.String(metadata={"enum": list(NoticeKind)})
    practitioner = fields.String(attribute="practitioner_id")
    addressee = fields.Nested(Addressee)
    created_at = Instant()
    version = fields.Integer()
    received_on = Day(allow_none=True)
    deemed = fields.Boolean()
    proof = fields.String(allow_none=True)
    receipt_recorded_by = fields.String(allow_none=True)
    receipt_corrections = fields.List(fields.Nested(CorrectedReceipt))
    window_closes_on = Day(allow_none=True)
    provisional = fields.Boolean()
    replaces = fields.String(allow_none=True)
    deliver_due_on = Day(allow_none=True)
    maintenance_due_on = Day(allow_none=True)
    maintained_on = Day(allow_none=True)
    talk_due_on = Day(allow_none=True)
    entry = fields.String(attribute="entry_id", allow_none=True)
    case = fields.String(attribute="case_id", allow_none=True)
    facts = fields.Raw()


class RecordedReceipts(Schema):
    """The notices whose receipts were recorded, in the order in which they were sent."""

    recorded = fields.List(fields.Nested(Notice))


class NoticePage(Page):
    """Notices, the newest first."""

    items = fields.List(fields.Nested(Notice))


class ProofAnswer(AttachmentAnswer):
    """A scan of a receipt; `replaced` when the receipt that it proves was corrected since."""

    class Meta:
        """A notice has no version."""

        exclude = ("version",)

    replaced = fields.Boolean()


class ProofList(Schema):
    """The scans of a notice's receipts, the oldest first."""

    items = fields.List(fields.Nested(ProofAnswer))
