"""What proves the receipt of a notice: scans of the paper, seen by whoever may see the receipt.

A file is never taken away. One that belongs to a receipt which was corrected since stays beside it, told as replaced.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from scoring_service.problems import Conflict
from scoring_service.services.notices.issuing import hold_notice, notice_with_receipts, require_notice
from scoring_service.services.unit_of_work import attachments
from scoring_service.services.unit_of_work.attachments import Attachment

if TYPE_CHECKING:
    from scoring_service.services.notices.records import Notice, NoticeOnRecord
    from scoring_service.services.unit_of_work.attachments import AttachedFile
    from scoring_service.services.unit_of_work.transaction import Work

KIND: Final = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof(Attachment):
    """A scan of a receipt; `replaced` when the receipt that it proves was corrected since."""

    replaced: bool


def attach(work: Work, notice_id: str, *, file_name: str, content: bytes) -> Proof:
    """Keep a scan of the receipt on record of a notice; return it.

    Raises NotFound, Forbidden as `touch` says, Conflict `not_received`, and what `attachments.store` raises.
    """
    notice = hold_notice(work, notice_id)
    if notice.received_on is None:
        detail = "该文书尚未送达，先登记送达再上传凭证 / not received yet: record the receipt first"
        raise Conflict("not_received", detail)
    stored = attachments.store(work, KIND, notice.id, file_name=file_name, content=content)
    work.audit(
        "notice.proof_attached",
        object_kind=KIND,
        object_id=notice.id,
        practitioner_id=notice.practitioner_id,
        case_id=notice.case_id,
        institution_code=notice.institution_code,
        detail={"n": stored.n, "sha256": stored.sha256},
    )
    return Proof(**asdict(stored), replaced=False)


def proofs_of(work: Work, notice_id: str) -> tuple[Proof, ...]:
    """Return the scans of a notice's receipts, without the content, the oldest first. Raises NotFound."""
    require_notice(work, notice_id)
    return proofs_beside(work, notice_with_receipts(work, notice_id))


def proofs_beside(work: Work, notice: NoticeOnRecord) -> tuple[Proof, ...]:
    """Return the scans of the receipts of a notice that was read already."""
    corrected_at = max((each.recorded_at for each in notice.receipt_corrections), default=None)
    return tuple(
        Proof(**asdict(each), replaced=corrected_at is not None and each.recorded_at < corrected_at)
        for each in attachments.attached(work, KIND, notice.id)
    )


def proof(work: Work, notice_id: str, n: str) -> AttachedFile:
    """Return the `n`th scan with its content, the look on record. Raises NotFound."""
    notice: Notice = require_notice(work, notice_id)
    file = attachments.fetch(work, KIND, notice.id, n)
    work.look(notice.practitioner_id, "attachment", notice.case_id)
    return file
