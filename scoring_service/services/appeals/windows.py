"""Until when an addressee may appeal, and each step is taken: from one's own receipt on (scheme.md 2.6 and 2.7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from scoring_service.core.entries import EntryKind
from scoring_service.core.procedure import APPEALABLE_NOTICES, NoticeKind
from scoring_service.db.ledger import rulebooks_by_sha256
from scoring_service.db.merges import first_recorded_at
from scoring_service.db.tables import entries, notices
from scoring_service.problems import Conflict, Invalid
from scoring_service.services.appeals.pauses import deadline_with_pauses
from scoring_service.services.notices.receipts import Window, window_from
from scoring_service.services.notices.records import notice_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.core.working_days import Deadline
    from scoring_service.services.appeals.pauses import Pause
    from scoring_service.services.notices.records import Addressee, Notice
    from scoring_service.services.unit_of_work.transaction import Work

SCORE = frozenset({NoticeKind.SCORE})
SANCTIONS = APPEALABLE_NOTICES - SCORE


class Subject(NamedTuple):
    """The entry that an appeal is about, its own or the one behind the state appealed against."""

    id: str
    kind: str
    case_id: str | None
    recorded_at: datetime
    rulebook_sha256: str


# Of a copy that a merge made, the instant is that of the original: its windows run on.
_FIRST = first_recorded_at().label("recorded_at")
SUBJECT = tuple(_FIRST if name == "recorded_at" else entries.c[name] for name in Subject._fields)


def told_kinds(against: str) -> frozenset[str]:
    """Return the kinds of notice whose receipt opens the window against points or against the state."""
    return SCORE if against == "points" else SANCTIONS


def entry_behind_state(work: Work, practitioner_id: str) -> Subject:
    """Return the entry that brought about the person's latest sanction. Raises Invalid when there was none."""
    entry = latest_sanctioning_entry(work, practitioner_id)
    if entry is None:
        detail = "该人员档案没有暂停或终止，无可申诉 / nothing has changed the state of this file"
        raise Invalid("/against", detail)
    return entry


def latest_sanctioning_entry(work: Work, practitioner_id: str) -> Subject | None:
    """Return the entry that brought about the person's latest sanction, if one did."""
    latest = (
        select(*SUBJECT)
        .join(notices, notices.c.entry_id == entries.c.id)
        .where(notices.c.practitioner_id == practitioner_id, notices.c.kind.in_(SANCTIONS))
        .where(entries.c.kind != EntryKind.MEASURE_LIFTED)
        .order_by(notices.c.created_at.desc(), entries.c.seq.desc())
        .limit(1)
    )
    row = work.conn.execute(latest).one_or_none()
    return None if row is None else Subject(*row)


def window_of(work: Work, entry: Subject, against: str, addressee: Addressee) -> Window:
    """Return the addressee's window against an entry, from the receipt of their own notice.

    While it is not received, the last day is the one that its letter names: that of a receipt by lapse of time.
    Whoever got no notice of their own counts as told with the entry.
    """
    kinds = told_kinds(against)
    notice = _own_notice(work, entry, addressee, kinds) or _own_notice(work, entry, addressee, APPEALABLE_NOTICES)
    if notice is not None and notice.received_on is not None:
        return Window(closes_on=notice.window_closes_on, provisional=notice.provisional)
    told_at = entry.recorded_at if notice is None else notice.created_at
    rulebook = rulebook_of(work, entry.rulebook_sha256)
    deemed = work.service.calendar.deadline(told_at.date(), rulebook.notice_deemed_received_working_days)
    window = window_from(work, rulebook, deemed.last_day)
    return replace(window, provisional=deemed.provisional or window.provisional)


def _own_notice(
    work: Work, entry: Subject, addressee: Addressee, kinds: Collection[str]
) -> Notice | None:
    own: ColumnElement[bool] = (notices.c.addressee_kind == addressee.kind) & (
        notices.c.addressee_ref == addressee.ref
    )
    query = select(notices).where(notices.c.entry_id == entry.id, own, notices.c.kind.in_(kinds))
    latest = query.order_by(notices.c.created_at.desc()).limit(1)
    row = work.conn.execute(latest).mappings().one_or_none()
    return None if row is None else notice_of(row)


def check_window(window: Window, received_on: date) -> None:
    """Refuse an appeal received after the window's last day; none closes on a provisional day.

    Raises Conflict `appeal_window_closed` with `closed_on`.
    """
    closes_on = window.closes_on
    if closes_on is not None and not window.provisional and received_on > closes_on:
        raise Conflict(
            "appeal_window_closed",
            f"申诉期限已于 {closes_on} 届满 / the window for an appeal closed on {closes_on}",
            closed_on=closes_on.isoformat(),
        )


def countersign_until(work: Work, rulebook: Rulebook, filed_on: date) -> Deadline:
    """Return until when the other party may countersign (scheme.md 2.6)."""
    return work.service.calendar.deadline(filed_on, rulebook.appeal_countersign_working_days)


def explanation_until(work: Work, rulebook: Rulebook, completed_on: date) -> Deadline:
    """Return until when the office explains (P42): working days from the appeal's completion."""
    return work.service.calendar.deadline(completed_on, rulebook.appeal_explanation_working_days)


def answer_until(work: Work, rulebook: Rulebook, explained_on: date) -> Deadline:
    """Return until when the filer insists or withdraws; silence beyond it insists (scheme.md 2.6)."""
    return work.service.calendar.deadline(explained_on, rulebook.appeal_insistence_working_days)


def due(work: Work, rulebook: Rulebook, completed_on: date, pauses: Sequence[Pause] = ()) -> Deadline:
    """Return when an appeal is to be decided, counted from its completion; the time with experts is not counted."""
    working_days = rulebook.appeal_decision_working_days
    return deadline_with_pauses(work.service.calendar, completed_on, working_days, pauses)


def rulebook_of(work: Work, sha256: str) -> Rulebook:
    """Return the rulebook that an entry was made under, whose periods hold for its appeal."""
    return rulebooks_by_sha256(work.conn, [sha256])[sha256]
