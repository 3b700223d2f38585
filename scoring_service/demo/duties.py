"""What institutions did after the letters of the demo year: received them, set the state, held the talk (P33, P36).

Most do it within the week; some leave their post to lapse of time, some hold the talk late or never.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.procedure import Duty
from scoring_service.db.tables import notice_duties, notices, practitioners
from scoring_service.demo.acts import Act, at, case_id
from scoring_service.services.notices import maintenance, receipts, talks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from scoring_service.core.working_days import WorkingCalendar
    from scoring_service.demo.plan import Plan, PlannedCase
    from scoring_service.services.unit_of_work.transaction import Work

# Working days after the letters: until they are received, all is done, the clinic sets the state, a late talk is held.
_RECEIVED, _DONE, _SET, _LATE = 2, 4, 6, 18
# One case in so many: left to lapse of time, the talk held late, no talk held, the state not confirmed.
_LAPSED, _TALKED_LATE, _NEVER_TALKED, _NEVER_SET = 6, 25, 80, 5
_SUMMARY = "已谈话提醒，并组织学习医保支付资格管理规定。"


def acts_of(plan: Plan, calendar: WorkingCalendar) -> Iterator[Act]:
    """Yield what follows the letters of each case of the plan; the clinic reads its own when it appeals."""
    for case in (case for case in plan.cases if case.institution == plan.clinic):
        set_on = calendar.deadline(case.approved_at.date(), _SET).last_day
        yield Act(at(set_on, 16, 40), "clinic", doing(case, [Duty.MAINTENANCE, Duty.TALK]))
    elsewhere = [case for case in plan.cases if case.institution != plan.clinic]
    for number, case in enumerate(elsewhere, start=1):
        yield from _followed(case, calendar, number)


def _followed(case: PlannedCase, calendar: WorkingCalendar, number: int) -> Iterator[Act]:
    def day(working_days: int) -> date:
        return calendar.deadline(case.approved_at.date(), working_days).last_day

    done = [Duty.TALK] if number % _NEVER_TALKED and number % _TALKED_LATE else []
    done += [Duty.MAINTENANCE] if number % _NEVER_SET else []
    received_on = day(_RECEIVED) if number % _LAPSED else None
    if received_on is not None:
        yield Act(at(day(_DONE), 16, 30), case.institution, doing(case, done, received_on))
    elif done:
        yield Act(at(day(_LATE), 16, 30), case.institution, doing(case, done))
    if number % _TALKED_LATE == 0:
        yield Act(at(day(_LATE), 17, 10), case.institution, doing(case, [Duty.TALK]))


def doing(
    case: PlannedCase, duties: Sequence[Duty], received_on: date | None = None
) -> Callable[[Work], object]:
    """Return the act of an institution on its letters of a case, received on a day unless that is on record."""

    def do(work: Work) -> None:
        own = (notices.c.case_id == case_id(work, case)) & (notices.c.addressee_ref == case.institution)
        if received_on is not None:
            unread = select(notices.c.id).where(own, notices.c.received_on.is_(None))
            for notice in work.conn.execute(unread).scalars().all():
                receipts.acknowledge(work, notice, received_on=received_on)
        open_duties = select(notice_duties.c.notice_id, notice_duties.c.duty).join(
            notices, notices.c.id == notice_duties.c.notice_id
        )
        for row in work.conn.execute(open_duties.where(own, notice_duties.c.met_on.is_(None))).all():
            if row.duty in duties:
                _meet(work, row.notice_id, Duty(row.duty))

    return do


def state_set(practitioner: str, institution: str) -> Callable[[Work], object]:
    """Return the act of an institution that sets the state which the letters on a person tell."""

    def do(work: Work) -> None:
        query = (
            select(notices.c.id)
            .join(notice_duties, notice_duties.c.notice_id == notices.c.id)
            .join(practitioners, practitioners.c.id == notices.c.practitioner_id)
            .where(practitioners.c.code == practitioner, notices.c.addressee_ref == institution)
            .where(notice_duties.c.duty == Duty.MAINTENANCE, notice_duties.c.met_on.is_(None))
            .order_by(notices.c.created_at)
        )
        for notice in work.conn.execute(query).scalars().all():
            _meet(work, notice, Duty.MAINTENANCE)

    return do


def _meet(work: Work, notice: str, duty: Duty) -> None:
    if duty is Duty.TALK:
        talks.record_talk(work, notice=notice, held_on=work.today, summary=_SUMMARY)
    elif duty is Duty.MAINTENANCE:
        maintenance.confirm_maintenance(work, notice, on=work.today)
