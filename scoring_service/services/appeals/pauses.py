"""The time that experts have an appeal, which is not counted (P44, scheme.md 2.6).

A pause begins when an expert is appointed and none is awaited yet, and ends when the last who is awaited gives an
opinion, recuses themselves or is released. Like every count of working days it leaves out the day on which it begins
and takes in the one on which it ends (scheme.md 2.7), so that pauses one after the other count no day twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from scoring_service.core.working_days import Deadline, WorkingCalendar
    from scoring_service.db.appeals import AssignedExpert, StoredAppeal
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.unit_of_work.transaction import Work


class Pause(NamedTuple):
    """Experts had an appeal on the days behind `since`, up to and with `until`; None while they still have it."""

    since: date
    until: date | None


def pauses_of(experts: Iterable[AssignedExpert]) -> list[Pause]:
    """Return the pauses of an appeal, the oldest first; those of experts awaited together are one."""
    pauses: list[Pause] = []
    last: datetime | None = None
    for expert in sorted(experts, key=lambda each: each.assigned_at):
        ended = expert.given_at or expert.recused_at
        if pauses and (last is None or expert.assigned_at <= last):
            ended = None if last is None or ended is None else max(last, ended)
            pauses[-1] = Pause(pauses[-1].since, ended and ended.date())
        else:
            pauses.append(Pause(expert.assigned_at.date(), ended and ended.date()))
        last = ended
    return pauses


def days_taken(calendar: WorkingCalendar, pauses: Iterable[Pause]) -> int:
    """Return the working days of the pauses that are over."""
    return sum(calendar.working_days(pause.since, pause.until) for pause in pauses if pause.until is not None)


def deadline_with_pauses(
    calendar: WorkingCalendar, start: date, working_days: int, pauses: Iterable[Pause]
) -> Deadline:
    """Return the deadline so many working days after `start`, the days of the pauses not counted.

    One that is not over lets the day stand where it began; one that begins when the time is over moves nothing.
    """
    deadline = calendar.deadline(start, working_days)
    for pause in pauses:
        if pause.until is not None and pause.since < deadline.last_day:
            working_days += calendar.working_days(pause.since, pause.until)
            deadline = calendar.deadline(start, working_days)
    return deadline


def begin_pause(work: Work, appeal: StoredAppeal) -> Columns:
    """Return the columns of an appeal that experts are appointed to today; one that they have stays as it is."""
    return {"paused_since": appeal.paused_since or work.today}


def end_pause(work: Work, appeal: StoredAppeal) -> Columns:
    """Return the columns of an appeal of which the last expert was heard or left today.

    What is left of the time is what was left when the pause began. Of another due day people are reminded anew.
    """
    if appeal.paused_since is None or appeal.due_on is None:
        return {}
    taken = work.service.calendar.working_days(appeal.paused_since, work.today)
    columns: Columns = {"paused_since": None, "paused_days": appeal.paused_days + taken}
    if taken == 0 or appeal.paused_since >= appeal.due_on:
        return columns
    deadline = work.service.calendar.deadline(appeal.due_on, taken)
    return columns | {
        "due_on": deadline.last_day,
        "due_provisional": appeal.due_provisional or deadline.provisional,
        "due_soon_told_at": None,
        "overdue_told_at": None,
    }


def working_days_left(work: Work, appeal: StoredAppeal) -> int | None:
    """Return how many working days the office still has when experts give the appeal back; None while none have it."""
    if appeal.paused_since is None or appeal.due_on is None:
        return None
    return work.service.calendar.working_days(appeal.paused_since, appeal.due_on)
