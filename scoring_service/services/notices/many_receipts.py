"""Receipts of many notices at once: all are recorded, or none and each row is told what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_service.problems import Conflict, Faulty, Problem
from scoring_service.services.notices.issuing import hold_notices, notices_with_receipts
from scoring_service.services.notices.receipts import judge_receipt, record_receipts
from scoring_service.services.unit_of_work.many import check_ticked, refusal_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scoring_service.services.notices.receipts import Receipt
    from scoring_service.services.notices.records import NoticeOnRecord
    from scoring_service.services.unit_of_work.transaction import Work

_CHANGED = "该文书的送达登记已被他人改动，请核对后重新选择 / its receipt was changed meanwhile: look at it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedReceipt:
    """A receipt to record of a notice that was seen at `version`; `received_on` None is today."""

    notice: str
    version: int
    received_on: date | None = None
    proof: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedReceipts:
    """What recording would come to: the notices as they would then stand, or why nothing would be recorded."""

    notices: tuple[NoticeOnRecord, ...] = ()
    refusal: Problem | None = None


def acknowledge_each(work: Work, items: Sequence[AskedReceipt]) -> list[NoticeOnRecord]:
    """Record these receipts, each as `acknowledge` does; return the notices in this order.

    Nothing is recorded when one cannot be. Raises Faulty for none, too many, one twice or wrong values; Conflict
    `receipts_refused` when some changed meanwhile, with every faulty row in `rows`; NotFound and Forbidden for one of
    them as for all.
    """
    ids = [each.notice for each in items]
    check_ticked("items", ids)
    held = hold_notices(work, ids)
    receipts: list[Receipt] = []
    refused: dict[int, Problem] = {}
    for place, each in enumerate(items):
        try:
            receipts.append(_judged(work, held[each.notice], each))
        except (Conflict, Faulty) as problem:
            refused[place] = problem
    if refused:
        raise refusal_of("receipts_refused", "items", refused)
    record_receipts(work, receipts)
    return notices_with_receipts(work, ids)


def _judged(work: Work, notice: NoticeOnRecord, item: AskedReceipt) -> Receipt:
    receipt = judge_receipt(work, notice, item.received_on, item.proof)
    if notice.version != item.version:
        raise Conflict("version_mismatch", _CHANGED)
    return receipt


def preview_receipts(work: Work, items: Sequence[AskedReceipt]) -> PreviewedReceipts:
    """Return what recording these receipts would come to; nothing of it stays. Call it before other acts."""
    savepoint = work.conn.begin_nested()
    try:
        return PreviewedReceipts(notices=tuple(acknowledge_each(work, items)))
    except (Conflict, Faulty) as problem:
        return PreviewedReceipts(refusal=problem)
    finally:
        savepoint.rollback()
        work.discard()
