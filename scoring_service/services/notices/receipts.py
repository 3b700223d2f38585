"""Receipts of notices and the appeal windows that they open (scheme.md 2.6 and 2.7).

Each addressee has a window of their own, counted in working days from their own receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, Boolean, Date, Uuid, bindparam, cast, func, update

from scoring_service.db.tables import notices
from scoring_service.problems import Conflict, Forbidden, Invalid
from scoring_service.services.notices.authorities import AUTHORITY
from scoring_service.services.notices.duties import count_from
from scoring_service.services.notices.issuing import hold_notice, notice_with_receipts
from scoring_service.services.notices.notice_rulebooks import rulebooks_of
from scoring_service.services.notices.records import INSTITUTION, PRACTITIONER, Notice, NoticeOnRecord

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.unit_of_work.transaction import Work

# What can be appealed against: the points and the state of the file (scheme.md 1, appeal).


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The last day of an appeal window, which ends at 24:00; `provisional` while a calendar is missing."""

    closes_on: date | None
    provisional: bool


def window_from(work: Work, rulebook: Rulebook, received_on: date) -> Window:
    """Return the appeal window that a receipt on `received_on` opens."""
    deadline = work.service.calendar.deadline(received_on, rulebook.appeal_window_working_days)
    return Window(closes_on=deadline.last_day, provisional=deadline.provisional)


def window_after(work: Work, notice: Notice, rulebook: Rulebook, received_on: date) -> Window:
    """Return the window that a notice received on `received_on` opens, if it is of a kind that opens one."""
    if not opens_window(notice):
        return Window(closes_on=None, provisional=False)
    return window_from(work, rulebook, received_on)


def never_shorter(notice: Notice, window: Window) -> Window:
    """Return the window of a notice counted again as `window`: its last day is never before the present one."""
    if window.closes_on is None or notice.window_closes_on is None:
        return window
    closes_on = max(window.closes_on, notice.window_closes_on)
    return Window(closes_on=closes_on, provisional=window.provisional)


def opens_window(notice: Notice) -> bool:
    """Tell whether an appeal window runs from the notice's receipt."""
    return notice.is_appealable and notice.addressee_kind != AUTHORITY


def is_window_open(notice: Notice, today: date) -> bool:
    """Tell whether the notice's appeal window is open on `today`; none closes on a provisional day.

    Before the receipt it is open: the addressee need not wait for the letter to object.
    """
    if not opens_window(notice) or notice.window_closed_at is not None:
        return False
    return notice.window_closes_on is None or notice.provisional or today <= notice.window_closes_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt that may be recorded: of which notice, on which day, and what proves it."""

    notice: Notice
    received_on: date
    proof: str | None


def acknowledge(
    work: Work, notice_id: str, *, received_on: date | None = None, proof: str | None = None
) -> NoticeOnRecord:
    """Record that the addressee received a notice, on `received_on` (default today); a clerk records paper.

    Returns the notice. Raises NotFound, and as `judge_receipt` does.
    """
    notice = hold_notice(work, notice_id)
    record_receipts(work, [judge_receipt(work, notice, received_on, proof)])
    return notice_with_receipts(work, notice_id)


def judge_receipt(work: Work, notice: Notice, received_on: date | None, proof: str | None) -> Receipt:
    """Return the receipt of a notice, `received_on` today without a day. Whoever is not the addressee gives the proof.

    Raises Forbidden `not_addressee`, Conflict `already_received`, and Invalid for a missing proof, a day in the future
    or before the notice was made.
    """
    _check_addressee(work, notice)
    if proof is None and not is_addressee(work, notice):
        raise Invalid("/proof", "登记纸质回执须写明凭证 / a receipt on paper needs its proof")
    if notice.received_on is not None:
        raise Conflict(
            "already_received",
            f"该文书已于 {notice.received_on} 送达 / received on {notice.received_on} already",
            received_on=notice.received_on.isoformat(),
            deemed=notice.deemed,
        )
    day = work.today if received_on is None else received_on
    check_received_on(work, notice, day)
    return Receipt(notice=notice, received_on=day, proof=proof)


def record_receipts(work: Work, receipts: Sequence[Receipt]) -> None:
    """Record receipts of notices that are held, each with the window and the duties that run from its day."""
    issued = [receipt.notice for receipt in receipts]
    rulebooks = rulebooks_of(work, issued)
    rows = [_columns(work, receipt, rulebooks[receipt.notice.id]) for receipt in receipts]
    columns = {name: bindparam(f"new_{name}") for name in _RECEIPT} | recorded_receipt(work)
    work.conn.execute(update(notices).where(notices.c.id == bindparam("of_notice")).values(columns), rows)
    count_from(work, {receipt.notice.id: receipt.received_on for receipt in receipts}, issued, rulebooks)
    for receipt in receipts:
        _announce(work, receipt.notice, receipt.received_on, receipt.proof)


_RECEIPT = ("received_on", "proof", "window_closes_on", "provisional")


def _columns(work: Work, receipt: Receipt, rulebook: Rulebook) -> Columns:
    notice, day = receipt.notice, receipt.received_on
    window = never_shorter(notice, window_after(work, notice, rulebook, day))
    values = (day, receipt.proof, window.closes_on, window.provisional)
    columns: Columns = {f"new_{name}": value for name, value in zip(_RECEIPT, values, strict=True)}
    return columns | {"of_notice": notice.id}


def is_addressee(work: Work, notice: Notice) -> bool:
    """Tell whether the actor is the one to whom a notice is addressed."""
    actor = work.actor
    own = {(PRACTITIONER, actor.practitioner_id)} if actor.has("practitioner") else set()
    own |= {(INSTITUTION, actor.institution_code)} if actor.has("institution") else set()
    return notice.addressee in own


def recorded_receipt(work: Work) -> Columns:
    """Return the columns of a notice that name who recorded its receipt, and when."""
    return {
        "receipt_recorded_at": work.record(),
        "receipt_recorded_by": work.actor.username,
        "receipt_recorded_account": work.actor.account_id,
        "receipt_recorded_staff_no": work.actor.staff_no,
    }


def _check_addressee(work: Work, notice: Notice) -> None:
    if not is_addressee(work, notice) and not work.actor.has("office.clerk"):
        raise Forbidden(
            "not_addressee",
            "仅收件人或登记纸质回执的经办人可确认 / only the addressee, or a clerk for a paper receipt",
        )


def check_received_on(work: Work, notice: Notice, day: date) -> None:
    """Refuse a day of receipt in the future or before the notice was made. Raises Invalid."""
    if day > work.today:
        raise Invalid("/received_on", "送达日不得晚于今日 / received_on may not lie in the future")
    if day < notice.created_at.date():
        raise Invalid("/received_on", "送达日不得早于文书出具日 / received_on may not precede the notice")


def _announce(work: Work, notice: Notice, day: date, proof: str | None) -> None:
    work.audit(
        "notice.acknowledged",
        object_kind="notice",
        object_id=notice.id,
        practitioner_id=notice.practitioner_id,
        case_id=notice.case_id,
        institution_code=notice.institution_code,
        detail={"received_on": day.isoformat(), "proof": proof},
    )
    work.event(
        "notice_received",
        practitioner_id=notice.practitioner_id,
        institution_code=notice.institution_code,
        notice=notice.id,
        notice_kind=notice.kind,
        received_on=day.isoformat(),
        deemed=False,
    )


def deem_received(work: Work, waiting: Sequence[Notice], day: date) -> int:
    """Deem those of `waiting` received whose time for a receipt is over before `day`; return how many.

    The receipt counts as of the last day of that time (scheme.md 2.6, `notice.deemed_received_working_days`).
    """
    rulebooks = rulebooks_of(work, waiting)
    deemed: list[tuple[str, date, Window]] = []
    for notice in waiting:
        rulebook = rulebooks[notice.id]
        last_day = deemed_on(work, notice, rulebook)
        if last_day < day:
            window = never_shorter(notice, window_after(work, notice, rulebook, last_day))
            deemed.append((notice.id, last_day, window))
    if deemed:
        _write_deemed(work, deemed)
        count_from(work, {notice_id: day for notice_id, day, _window in deemed}, waiting, rulebooks)
    return len(deemed)


def deemed_on(work: Work, notice: Notice, rulebook: Rulebook) -> date:
    """Return the day on which a notice that nobody acknowledges counts as received."""
    allowed = rulebook.notice_deemed_received_working_days
    return work.service.calendar.deadline(notice.created_at.date(), allowed).last_day


def _write_deemed(work: Work, deemed: Sequence[tuple[str, date, Window]]) -> None:
    receipts = (
        func.unnest(
            cast([notice_id for notice_id, _day, _window in deemed], ARRAY(Uuid(as_uuid=False))),
            cast([day for _id, day, _window in deemed], ARRAY(Date)),
            cast([window.closes_on for _id, _day, window in deemed], ARRAY(Date)),
            cast([window.provisional for _id, _day, window in deemed], ARRAY(Boolean)),
        )
        .table_valued("id", "received_on", "window_closes_on", "provisional", name="receipts")
        .render_derived()
    )
    work.conn.execute(
        update(notices)
        .where(notices.c.id == receipts.c.id, notices.c.received_on.is_(None))
        .values(
            deemed=True,
            **recorded_receipt(work),
            **{name: receipts.c[name] for name in ("received_on", "window_closes_on", "provisional")},
        )
    )
