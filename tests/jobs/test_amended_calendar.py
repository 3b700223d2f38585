"""A calendar amended after it was published: windows and due days counted again, never shorter (scheme.md 2.7).

The true story is the Spring Festival of 2020, lengthened by the State Council while it was going on. Here the holiday
of 2026 (15 to 23 February) is lengthened to Friday 27 February, and Saturday 28 February stays a working day.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from jobs.job_world import at, office_on
from services.case_world import CALENDAR
from sqlalchemy import select, update

from scoring_service.core.working_days import WorkingCalendar
from scoring_service.db.tables import appeals, audit_log, cases, notice_duties, notices
from scoring_service.services.appeals.filing import countersign, file_appeal
from scoring_service.services.notices.receipts import acknowledge, is_window_open
from scoring_service.services.unit_of_work.actor import Actor

DECIDED = date(2026, 1, 20)
ADDED = frozenset(date(2026, 2, day) for day in (24, 25, 26, 27))
LENGTHENED = replace(CALENDAR, holidays=CALENDAR.holidays | ADDED)


def own(kind, ref):
    bound = {"practitioner_id": ref} if kind == "practitioner" else {"institution_code": ref}
    return Actor(account_id=None, username=kind, staff_no=f"S-{kind}", roles=frozenset({kind}), **bound)


def received(office, *notices_):
    for notice in notices_:
        with office.service.work(own(notice.addressee_kind, notice.addressee_ref)) as work:
            acknowledge(work, notice.id)


def amended(office, calendar=LENGTHENED):
    """The service is started again on another calendar."""
    office.service = replace(office.service, calendar=calendar)


@pytest.fixture
def told(fresh_engine):
    """An office, a person, and the person's notice of a score, received on Tuesday 10 February 2026.

    11 12 13 14 February, 24 25 26 27 28 February, 2 March: the window closes on 2 March.
    """
    office = office_on(fresh_engine, date(2026, 2, 10))
    office.person_id = office.person()
    office.entry = office.score(office.person_id, 5, DECIDED)
    office.move_clock(at(date(2026, 2, 10), 13))
    received(office, *office.notices("score"))
    assert {row.window_closes_on for row in office.notices("score")} == {date(2026, 3, 2)}
    return office


def test_an_open_window_is_counted_again_at_once(told):
    told.move_clock(at(date(2026, 2, 20), 9))
    amended(told)
    told.move_clock(at(date(2026, 2, 20), 9))
    # 11 12 13 14 28 February, 2 3 4 5 6 March.
    assert {row.window_closes_on for row in told.notices("score")} == {date(2026, 3, 6)}
    moved = [row.detail for row in told.events("appeal_window_moved")]
    assert [(one["closed_on_before"], one["closes_on"], one["reopened"]) for one in moved] == [
        ("2026-03-02", "2026-03-06", False)
    ] * 2
    on_record = told.rows(select(audit_log).where(audit_log.c.action == "notice.window_moved"))
    assert {(row.practitioner_id, row.username) for row in on_record} == {(told.person_id, "system")}


def test_a_window_closed_too_early_is_open_again_and_an_appeal_comes_in_time(told):
    told.move_clock(at(date(2026, 3, 4), 9))
    assert len(told.events("appeal_window_closed")) == 2
    amended(told)
    told.move_clock(at(date(2026, 3, 4), 10))
    found = told.notices("score")
    assert {(row.window_closes_on, row.window_closed_at) for row in found} == {(date(2026, 3, 6), None)}
    assert all(is_window_open(row, date(2026, 3, 6)) for row in found)
    assert [row.detail["reopened"] for row in told.events("appeal_window_moved")] == [True, True]
    with told.service.work(own("practitioner", told.person_id)) as work:
        filed = file_appeal(
            work,
            practitioner=told.person_id,
            entry=told.entry,
            against="points",
            grounds="当日未上班",
            filed_by="practitioner",
        )
    assert (filed.appeal.state, filed.appeal.window_closes_on) == ("filed", date(2026, 3, 6))
    told.move_clock(at(date(2026, 3, 7)))
    assert [row.detail["closed_on"] for row in told.events("appeal_window_closed")][2:] == ["2026-03-06"] * 2


def test_a_window_that_is_over_by_either_count_keeps_the_later_day_and_stays_closed(told):
    told.move_clock(at(date(2026, 3, 20)))
    amended(told)
    told.move_clock(at(date(2026, 3, 21)))
    found = told.notices("score")
    assert {row.window_closes_on for row in found} == {date(2026, 3, 6)}
    assert all(row.window_closed_at is not None for row in found)
    assert len(told.events("appeal_window_closed")) == 2


def test_no_window_gets_shorter_when_days_are_added_to_those_worked(told):
    amended(told, replace(CALENDAR, make_up_days=CALENDAR.make_up_days | {date(2026, 2, 21), date(2026, 2, 22)}))
    told.move_clock(at(date(2026, 2, 20)))
    assert {row.window_closes_on for row in told.notices("score")} == {date(2026, 3, 2)}
    assert told.events("appeal_window_moved") == []


def test_a_calendar_taken_back_shortens_nothing_and_a_third_lengthens_again(told):
    amended(told)
    told.move_clock(at(date(2026, 2, 20)))
    amended(told, CALENDAR)
    told.move_clock(at(date(2026, 2, 21)))
    assert {row.window_closes_on for row in told.notices("score")} == {date(2026, 3, 6)}
    amended(told, replace(LENGTHENED, holidays=LENGTHENED.holidays | {date(2026, 3, 2)}))
    told.move_clock(at(date(2026, 2, 22)))
    assert {row.window_closes_on for row in told.notices("score")} == {date(2026, 3, 9)}


def test_a_receipt_by_lapse_of_time_is_counted_again_with_its_window(fresh_engine):
    office = office_on(fresh_engine, date(2026, 2, 11))
    office.score(office.person(), 5, DECIDED)
    office.move_clock(at(date(2026, 2, 26)))
    # 12 13 14 24 25 February: deemed received on the 25th, and ten working days from there.
    assert {row.received_on for row in office.notices("score")} == {date(2026, 2, 25)}
    assert {row.window_closes_on for row in office.notices("score")} == {date(2026, 3, 10)}
    amended(office)
    # 12 13 14 28 February, 2 March; 3 4 5 6 9 10 11 12 13 16 March: on 26 February nobody has received it yet.
    office.move_clock(at(date(2026, 2, 26), 9))
    assert {(row.received_on, row.deemed) for row in office.notices("score")} == {(None, False)}
    assert {row.window_closes_on for row in office.notices("score")} == {date(2026, 3, 16)}
    office.move_clock(at(date(2026, 3, 3)))
    assert {(row.received_on, row.deemed) for row in office.notices("score")} == {(date(2026, 3, 2), True)}
    assert {row.window_closes_on for row in office.notices("score")} == {date(2026, 3, 16)}


def test_the_days_of_an_open_appeal_are_counted_again_and_reminders_come_anew(told):
    with told.service.work(own("practitioner", told.person_id)) as work:
        appeal = file_appeal(
            work,
            practitioner=told.person_id,
            entry=told.entry,
            against="points",
            grounds="请复核",
            filed_by="practitioner",
        ).appeal.id
    told.move_clock(at(date(2026, 2, 11)))
    amended(told)
    told.move_clock(at(date(2026, 2, 12)))
    (row,) = told.rows(select(appeals))
    assert (row.countersign_until, row.countersign_provisional) == (date(2026, 3, 6), False)
    with told.service.work(own("institution", "H15040200001")) as work:
        countersign(work, appeal)
    (row,) = told.rows(select(appeals))
    first = row.due_on
    told.move_clock(at(first - timedelta(days=1)))
    assert len(told.events("appeal_due_soon")) == 1
    amended(told, replace(LENGTHENED, holidays=LENGTHENED.holidays | {date(2026, 3, 9), date(2026, 3, 10)}))
    told.move_clock(at(first + timedelta(days=1)))
    (row,) = told.rows(select(appeals))
    assert row.due_on > first
    assert told.events("appeal_overdue") == []
    told.move_clock(at(row.due_on + timedelta(days=1)))
    assert len(told.events("appeal_due_soon")) == 2
    assert len(told.events("appeal_overdue")) == 1


def test_what_the_change_cannot_reach_is_left_alone(told, monkeypatch):
    """Windows that closed before the first changed day are not even looked at."""
    told.move_clock(at(date(2026, 3, 4)))
    looked_at = []
    monkeypatch.setattr(
        "scoring_service.services.jobs.recounts._recount_notices",
        lambda _work, rows: looked_at.extend(rows) or 0,
    )
    amended(told, replace(CALENDAR, holidays=CALENDAR.holidays | {date(2026, 3, 3)}))
    told.move_clock(at(date(2026, 3, 5)))
    assert looked_at == []


def test_an_unchanged_calendar_counts_nothing(told):
    with told.engine.begin() as conn:
        conn.execute(update(notices).values(window_closes_on=date(2026, 2, 28)))
    told.move_clock(at(date(2026, 2, 12)))
    assert {row.window_closes_on for row in told.notices("score")} == {date(2026, 2, 28)}


def test_more_windows_than_one_transaction_takes_are_all_counted_again(told, monkeypatch):
    monkeypatch.setattr("scoring_service.services.jobs.recounts.CHUNK_NOTICES", 3)
    for _ in range(4):
        told.score(told.person(), 2, DECIDED)
    received(told, *(row for row in told.notices("score") if row.received_on is None))
    amended(told)
    told.move_clock(at(date(2026, 2, 13)))
    found = told.notices("score")
    assert len(found) == 10
    assert {row.window_closes_on for row in found} == {date(2026, 3, 6)}


def test_calendars_differ_from_the_first_day_that_they_count_otherwise():
    assert LENGTHENED.differs_from(CALENDAR) == CALENDAR.differs_from(LENGTHENED) == date(2026, 2, 24)
    assert CALENDAR.differs_from(CALENDAR) is None
    published = replace(CALENDAR, years=CALENDAR.years | {2027})
    assert published.differs_from(CALENDAR) == date(2027, 1, 1)
    assert isinstance(published, WorkingCalendar)


def test_the_day_for_the_letters_of_an_open_case_is_counted_again_and_never_earlier(fresh_engine):
    office = office_on(fresh_engine, date(2026, 2, 12))
    case = office.draft(office.person(), 5, date(2026, 2, 11))
    # 12 13 14 24 25 February.
    assert issue_day(office, case) == (date(2026, 2, 25), False)
    amended(office)
    office.move_clock(at(date(2026, 2, 13)))
    # 12 13 14 28 February, 2 March.
    assert issue_day(office, case) == (date(2026, 3, 2), False)
    amended(office, CALENDAR)
    office.move_clock(at(date(2026, 2, 14)))
    assert issue_day(office, case) == (date(2026, 3, 2), False)


def test_a_case_of_before_the_upgrade_gets_its_day_with_the_next_deadlines(told):
    case = told.draft(told.person(), 5, date(2026, 2, 9))
    with told.engine.begin() as conn:
        conn.execute(update(cases).values(notice_due_on=None))
    told.move_clock(at(date(2026, 2, 11)))
    # 10 11 12 13 14 February.
    assert issue_day(told, case) == (date(2026, 2, 14), False)
    approved = told.rows(select(cases.c.notice_due_on).where(cases.c.state == "approved"))
    assert [row.notice_due_on for row in approved] == [None]


def test_delivery_maintenance_and_talk_are_counted_again_and_never_earlier(fresh_engine):
    office = office_on(fresh_engine, date(2026, 2, 12))
    office.score(office.person(), 9, DECIDED)
    received(office, *(row for row in office.notices("suspension") if row.addressee_kind == "institution"))
    received(office, *(row for row in office.notices("score") if row.addressee_kind == "institution"))
    # 13 14 24 February for the state and the delivery, which is done; 13 14 24 to 28 February, 2 3 4 March for the talk.
    assert last_days(office) == {"maintenance": date(2026, 2, 24), "talk": date(2026, 3, 4)}
    amended(office)
    office.move_clock(at(date(2026, 2, 13)))
    assert last_days(office) == {"maintenance": date(2026, 2, 28), "talk": date(2026, 3, 10)}
    amended(office, CALENDAR)
    office.move_clock(at(date(2026, 2, 14)))
    assert last_days(office) == {"maintenance": date(2026, 2, 28), "talk": date(2026, 3, 10)}


def test_no_duty_is_overdue_on_a_provisional_day(fresh_engine):
    published = replace(CALENDAR, years=CALENDAR.years - {2026})
    office = office_on(fresh_engine, date(2025, 12, 30))
    amended(office, published)
    office.score(office.person(), 9, date(2025, 12, 29))
    office.move_clock(at(date(2026, 1, 3)))
    [delivery] = office.rows(select(notice_duties.c.provisional).where(notice_duties.c.duty == "delivery").distinct())
    assert delivery.provisional
    office.move_clock(at(date(2026, 1, 7)))
    assert office.events("delivery_overdue") == []
    amended(office)
    office.move_clock(at(date(2026, 1, 8)))
    assert office.count(notice_duties, notice_duties.c.provisional) == 0


def test_after_a_week_without_a_scheduler_each_overdue_duty_is_told_once(told):
    told.set_clock(at(date(2026, 3, 3), 9))
    told.move_clock(at(date(2026, 3, 4)))
    told.move_clock(at(date(2026, 3, 5)))
    [event] = told.events("talk_overdue")
    assert (event.detail["due_on"], event.institution_code) == ("2026-03-02", "H15040200001")


def last_days(office):
    columns = (notice_duties.c.duty, notice_duties.c.due_on)
    return dict(office.rows(select(*columns).where(notice_duties.c.met_on.is_(None))))


def issue_day(office, case):
    columns = (cases.c.notice_due_on, cases.c.notice_due_provisional)
    [row] = office.rows(select(*columns).where(cases.c.id == case))
    return tuple(row)
