"""The state maintained: the institution confirms that its own systems show what a notice tells (P33, P35)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from scoring_service.core.procedure import Duty
from scoring_service.db.tables import notice_duties
from scoring_service.problems import Conflict, Forbidden, Invalid
from scoring_service.services.notices.issuing import hold_notice, notice_with_receipts
from scoring_service.services.notices.receipts import is_addressee
from scoring_service.services.unit_of_work.touch import check_not_own_file

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.services.notices.records import NoticeOnRecord
    from scoring_service.services.unit_of_work.transaction import Work


def confirm_maintenance(work: Work, notice_id: str, *, on: date) -> NoticeOnRecord:
    """Record that the institution's own systems show the state of a notice since the day `on`; return the notice.

    Raises NotFound, Forbidden `not_addressee`, `conflict_of_interest`, Conflict `no_maintenance` for a notice that
    asks for none, `already_maintained`, and Invalid for a day in the future or before the notice.
    """
    held = hold_notice(work, notice_id)
    if not is_addressee(work, held):
        detail = "仅收件机构可登记状态维护 / only the institution addressed confirms the state"
        raise Forbidden("not_addressee", detail)
    check_not_own_file(work, [held.practitioner_id])
    notice = notice_with_receipts(work, notice_id)
    _check_open(notice)
    _check_day(work, notice, on)
    is_this = (notice_duties.c.notice_id == notice.id) & (notice_duties.c.duty == Duty.MAINTENANCE)
    recorded = {"recorded_by": work.actor.username, "recorded_at": work.record()}
    work.conn.execute(update(notice_duties).where(is_this).values(met_on=on, **recorded))
    _announce(work, notice, on)
    return notice_with_receipts(work, notice_id)


def _check_open(notice: NoticeOnRecord) -> None:
    if notice.following(Duty.MAINTENANCE) is None:
        detail = "该文书不要求本机构维护状态 / this notice asks the institution to maintain no state"
        raise Conflict("no_maintenance", detail)
    if notice.maintained_on is not None:
        day = notice.maintained_on.isoformat()
        detail = f"已登记于 {day} 维护 / maintained on {day} already"
        raise Conflict("already_maintained", detail, maintained_on=day)


def _check_day(work: Work, notice: NoticeOnRecord, day: date) -> None:
    if day > work.today:
        raise Invalid("/on", "维护日不得晚于今日 / on may not lie in the future")
    if day < notice.created_at.date():
        raise Invalid("/on", "维护日不得早于文书出具日 / on may not precede the notice")


def _announce(work: Work, notice: NoticeOnRecord, day: date) -> None:
    work.audit(
        "notice.maintained",
        object_kind="notice",
        object_id=notice.id,
        practitioner_id=notice.practitioner_id,
        case_id=notice.case_id,
        institution_code=notice.institution_code,
        detail={"on": day.isoformat()},
    )
    work.event(
        "state_maintained",
        practitioner_id=notice.practitioner_id,
        institution_code=notice.institution_code,
        notice=notice.id,
        notice_kind=notice.kind,
        on=day.isoformat(),
    )
