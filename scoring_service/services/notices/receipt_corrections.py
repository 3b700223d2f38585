"""A wrong receipt, corrected by another person on record; windows are counted again and never shorter.

The receipt as it was stays in the correction's row (contract.md, Notices).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from scoring_service.db.tables import notices
from scoring_service.db.tables import receipt_corrections as table
from scoring_service.problems import Conflict, Forbidden, Invalid
from scoring_service.services.notices.duties import count_from
from scoring_service.services.notices.issuing import (
    hold_notice,
    notice_with_receipts,
    require_notice,
)
from scoring_service.services.notices.moved_windows import counted_again
from scoring_service.services.notices.notice_rulebooks import rulebooks_of
from scoring_service.services.notices.receipts import (
    check_received_on,
    never_shorter,
    recorded_receipt,
    window_after,
)
from scoring_service.services.unit_of_work.four_eyes import check_other_hands, recorded_by_actor
from scoring_service.services.unit_of_work.touch import check_touches_notice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from scoring_service.services.notices.receipts import Window
    from scoring_service.services.notices.records import Notice, NoticeOnRecord
    from scoring_service.services.unit_of_work.transaction import Work


def correct_receipt(
    work: Work, notice_id: str, *, received_on: date, proof: str, reason: str
) -> NoticeOnRecord:
    """Correct the day on which a notice was received or what proves it, as another person than who recorded it.

    A window that ends later by the new day is open again if that day lies ahead; one that would end earlier keeps its
    last day. Returns the notice. Raises NotFound, Forbidden `same_person`, Conflict `not_received`, and Invalid for a
    day in the future, before the notice was made, or as it stands with the same proof.
    """
    notice = hold_notice(work, notice_id)
    if notice.received_on is None:
        detail = "该文书尚未送达，请直接登记送达 / not received yet: record the receipt itself"
        raise Conflict("not_received", detail)
    _check_other_person(work, notice)
    check_received_on(work, notice, received_on)
    if is_as_recorded(notice, received_on, proof):
        detail = "送达日和凭证都与登记的相同，没有可更正的 / that day with that proof is on record already"
        raise Invalid("/received_on", detail)
    rulebooks = rulebooks_of(work, [notice])
    counted = window_after(work, notice, rulebooks[notice.id], received_on)
    window = never_shorter(notice, counted)
    moved = counted_again(work, notice, window)
    _keep(work, notice, window, received_on=received_on, proof=proof, reason=reason)
    receipt = {"received_on": received_on, "deemed": False, "proof": proof}
    columns = recorded_receipt(work) | receipt | moved
    work.conn.execute(update(notices).where(notices.c.id == notice.id).values(**columns))
    count_from(work, {notice.id: received_on}, [notice], rulebooks)
    days = {
        "received_on_before": notice.received_on.isoformat(),
        "received_on": received_on.isoformat(),
    }
    _announce(work, notice, days, proof, reason)
    return notice_with_receipts(work, notice_id)


def is_as_recorded(notice: Notice, received_on: date, proof: str) -> bool:
    """Tell whether a receipt is on record as it would be corrected: of that day by that proof, and no lapse of time."""
    return not notice.deemed and (notice.received_on, notice.proof) == (received_on, proof)


def who_corrects(work: Work, notice_id: str) -> str | None:
    """Return `actor` when the actor may correct the receipt of a notice, `another` when another person has to.

    None when neither is asked: nothing is received, or it is not the actor's to touch. Raises NotFound.
    """
    notice = require_notice(work, notice_id)
    try:
        check_touches_notice(work, notice.practitioner_id, notice.case_id)
    except Forbidden:
        return None
    if notice.received_on is None:
        return None
    try:
        _check_other_person(work, notice)
    except Forbidden:
        return "another"
    return "actor"


def _check_other_person(work: Work, notice: Notice) -> None:
    columns = (notices.c.receipt_recorded_account, notices.c.receipt_recorded_staff_no)
    account, staff_no = work.conn.execute(select(*columns).where(notices.c.id == notice.id)).one()
    check_other_hands(work, [(account, staff_no)])


def _keep(work: Work, notice: Notice, window: Window, **correction: Any) -> None:
    before = {
        "received_before": notice.received_on,
        "deemed_before": notice.deemed,
        "proof_before": notice.proof,
        "by_before": notice.receipt_recorded_by,
        "at_before": notice.receipt_recorded_at,
        "window_before": notice.window_closes_on,
    }
    row = {"id": str(uuid.uuid4()), "notice_id": notice.id, "window_closes_on": window.closes_on}
    work.conn.execute(insert(table).values(**row, **before, **correction, **recorded_by_actor(work)))


def _announce(work: Work, notice: Notice, days: Mapping[str, str], proof: str, reason: str) -> None:
    work.audit(
        "notice.receipt_corrected",
        object_kind="notice",
        object_id=notice.id,
        practitioner_id=notice.practitioner_id,
        case_id=notice.case_id,
        institution_code=notice.institution_code,
        detail={**days, "proof": proof, "reason": reason},
    )
    work.event(
        "receipt_corrected",
        practitioner_id=notice.practitioner_id,
        institution_code=notice.institution_code,
        notice=notice.id,
        notice_kind=notice.kind,
        **days,
    )
