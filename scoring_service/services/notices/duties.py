"""What follows a notice to the institution where the act happened: its delivery, the state kept, a talk.

Delivery runs from the issue (P33), the maintenance of the state (P33, P35) and the talk (P36) from the receipt
(scheme.md 2.6). Counted again, after a corrected receipt or an amended calendar, no last day is earlier than it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Row, bindparam, or_, select, update

from scoring_service.core.procedure import Duty, DutyState, MeasureKind, NoticeKind
from scoring_service.core.sanctions import SanctionKind
from scoring_service.db.bulk import insert_many
from scoring_service.db.tables import notice_duties, notices
from scoring_service.db.tables.schema import one_of
from scoring_service.letters.letter import InstitutionDuties
from scoring_service.letters.resuming import Stage
from scoring_service.services.notices.notice_rulebooks import rulebooks_of
from scoring_service.services.notices.records import notice_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from typing import Any

    from sqlalchemy import ColumnElement

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.core.working_days import Deadline
    from scoring_service.db.files import File
    from scoring_service.db.sanction_json import StatedSanction
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.notices.records import IssuedNotice, Notice
    from scoring_service.services.unit_of_work.transaction import Work

_IMPOSING = frozenset({NoticeKind.SUSPENSION, NoticeKind.TERMINATION})


def duties_of(notice: IssuedNotice) -> tuple[Duty, ...]:
    """Return what has its last day after a notice to the institution of its case; each score asks for a talk (P36)."""
    duties = [Duty.DELIVERY]
    if _changes_state(notice):
        duties.append(Duty.MAINTENANCE)
    if notice.kind == NoticeKind.SCORE:
        duties.append(Duty.TALK)
    return tuple(duties)


def _changes_state(notice: IssuedNotice) -> bool:
    """Tell whether a notice tells of another state of the file, which the institution then sets (P33).

    A suspension, a termination, a measure and a granted resumption do; the lifting of a measure when the state is
    normal by it, or suspended and no longer terminated; a correction when on its day or later the state holds another
    span than before. A score, a warning or a decision on an appeal does not: what it brings about has its own notice.
    """
    facts, kind = notice.facts, notice.kind
    if kind == NoticeKind.CORRECTION:
        day = notice.created_at.date().isoformat()
        return _states(facts["spans_before"], day) != _states(facts["spans_after"], day)
    if kind == NoticeKind.MEASURE:
        return bool(facts.get("restored", True)) or _leaves_suspended(facts)
    return kind in _IMPOSING or (kind == NoticeKind.RESUMPTION and facts["stage"] == Stage.GRANTED)


def _leaves_suspended(lifting: Mapping[str, Any]) -> bool:
    """Tell whether the lifting ends a termination under which a suspension has run on."""
    taken, day = lifting["measure"], lifting["lifted_on"]
    ended = taken["kind"] == MeasureKind.AGREEMENT_TERMINATED and taken["from"] < day
    holding = {kind for kind, start, _end in _states(lifting["spans_after"], day) if start <= day}
    return ended and holding == {SanctionKind.SUSPENSION}


def _states(spans: Iterable[StatedSanction], day: str) -> list[tuple[str, str, str]]:
    """Return kind, first day and end of the states that hold on `day` or later, in order; an open end as none."""
    ends = [(span["kind"], span["from"], span.get("state_until") or "") for span in spans]
    return sorted(state for state in ends if not state[2] or state[2] > day)


def is_in(day: date, state: DutyState) -> ColumnElement[bool]:
    """Return the condition on `notice_duties` that one is open on `day`, or overdue; none is on a provisional day."""
    is_open = notice_duties.c.met_on.is_(None)
    if state == DutyState.OPEN:
        return is_open
    return is_open & (notice_duties.c.due_on < day) & ~notice_duties.c.provisional


def impose(
    work: Work, issued: Sequence[IssuedNotice], files: Iterable[File] = ()
) -> dict[str, InstitutionDuties]:
    """Keep what follows notices just issued to the institutions of their cases, and return what their letters ask.

    The `files` at hand are not read again.
    """
    rulebooks = rulebooks_of(work, issued, files) if issued else {}
    rows: list[Columns] = []
    for notice in issued:
        until = _deliver_until(work, rulebooks[notice.id], notice)
        delivery: Columns = {"due_on": until.last_day, "provisional": until.provisional}
        later: Columns = {"due_on": None, "provisional": False}
        rows += [
            {"notice_id": notice.id, "duty": duty} | (delivery if duty is Duty.DELIVERY else later)
            for duty in duties_of(notice)
        ]
    if rows:
        insert_many(work.conn, notice_duties, rows)
    return {notice.id: _stated(rulebooks[notice.id], duties_of(notice)) for notice in issued}


def _stated(rulebook: Rulebook, duties: Sequence[Duty]) -> InstitutionDuties:
    return InstitutionDuties(
        maintain_working_days=rulebook.notice_maintain_working_days if Duty.MAINTENANCE in duties else None,
        talk_working_days=rulebook.talk_working_days if Duty.TALK in duties else None,
    )


def _deliver_until(work: Work, rulebook: Rulebook, notice: IssuedNotice) -> Deadline:
    return work.service.calendar.deadline(notice.created_at.date(), rulebook.notice_deliver_working_days)


def count_from(
    work: Work, received: Mapping[str, date | None], issued: Iterable[Notice], rulebooks: Mapping[str, Rulebook]
) -> None:
    """Count what follows these notices from the days on which they were `received`; None where a receipt fell away."""
    about = {notice.id: notice for notice in issued if notice.id in received and notice.institution_code is not None}
    if not about:
        return
    query = select(notice_duties).where(one_of(notice_duties.c.notice_id, "about"))
    rows = work.conn.execute(query.with_for_update(), {"about": list(about)}).all()
    _write(
        work,
        [
            (row, _counted(work, row, about[row.notice_id], received[row.notice_id], rulebooks[row.notice_id]))
            for row in rows
        ],
    )


def recount(work: Work, since: date | None) -> int:
    """Count the open last days again that are provisional, or reach the day `since`; return how many have changed."""
    open_days: list[ColumnElement[bool]] = [notice_duties.c.met_on.is_(None), notice_duties.c.due_on.is_not(None)]
    provisional = notice_duties.c.provisional
    open_days.append(provisional if since is None else or_(provisional, notice_duties.c.due_on >= since))
    query = select(notice_duties).where(*open_days).order_by(notice_duties.c.notice_id, notice_duties.c.duty)
    rows = work.conn.execute(query.with_for_update()).all()
    if not rows:
        return 0
    of_rows = select(notices).where(one_of(notices.c.id, "about"))
    kept = work.conn.execute(of_rows, {"about": list({row.notice_id for row in rows})}).mappings()
    about = {notice.id: notice for notice in map(notice_of, kept)}
    rulebooks = rulebooks_of(work, list(about.values()))
    pairs = [(row, about[row.notice_id]) for row in rows]
    return _write(
        work, [(row, _counted(work, row, each, each.received_on, rulebooks[each.id])) for row, each in pairs]
    )


def _counted(work: Work, row: Row[Any], notice: Notice, received_on: date | None, rulebook: Rulebook) -> Columns:
    """Return the last day of a duty, never earlier than it was, and of a delivery the day on which it was done."""
    until = _until(work, row, notice, received_on, rulebook)
    met_on = received_on if row.duty == Duty.DELIVERY else row.met_on
    if until is None:
        return {"due_on": None, "provisional": False, "met_on": met_on, "overdue_told_at": None}
    due_on = max(until.last_day, row.due_on or until.last_day)
    # Of another last day people are told anew when it is over.
    told_at = row.overdue_told_at if due_on == row.due_on else None
    return {"due_on": due_on, "provisional": until.provisional, "met_on": met_on, "overdue_told_at": told_at}


def _until(
    work: Work, row: Row[Any], notice: Notice, received_on: date | None, rulebook: Rulebook
) -> Deadline | None:
    if row.duty == Duty.DELIVERY:
        return _deliver_until(work, rulebook, notice)
    if received_on is None or (row.duty == Duty.TALK and notice.kind != NoticeKind.SCORE):
        # The talks that warnings asked for before each score did have no last day.
        return None
    maintains = row.duty == Duty.MAINTENANCE
    allowed = rulebook.notice_maintain_working_days if maintains else rulebook.talk_working_days
    return work.service.calendar.deadline(received_on, allowed)


_COUNTED = ("due_on", "provisional", "met_on", "overdue_told_at")
_WRITE = (
    update(notice_duties)
    .where(notice_duties.c.notice_id == bindparam("of_notice"), notice_duties.c.duty == bindparam("of_duty"))
    .values({name: bindparam(f"new_{name}") for name in _COUNTED})
)


def _write(work: Work, counted: Sequence[tuple[Row[Any], Columns]]) -> int:
    changed = [
        {"of_notice": row.notice_id, "of_duty": row.duty} | {f"new_{name}": columns[name] for name in _COUNTED}
        for row, columns in counted
        if any(getattr(row, name) != columns[name] for name in _COUNTED)
    ]
    if changed:
        work.conn.execute(_WRITE, changed)
    return len(changed)
