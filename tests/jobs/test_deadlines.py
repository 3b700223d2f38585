"""Receipts by lapse of time and appeal windows, with days worked out by hand from the State Council's calendar."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from jobs.job_world import CLINIC, HOSPITAL, at, office_on

from scoring_service.law.calendars import CALENDAR_DIRECTORY, load_calendar
from scoring_service.problems import Conflict, Forbidden, Invalid, NotFound
from scoring_service.services.notices.receipts import acknowledge, is_window_open
from scoring_service.services.unit_of_work.actor import Actor

DECIDED = date(2025, 9, 1)
ONE_DAY = timedelta(days=1)


def own(kind, ref):
    """The actor to whom a notice is addressed."""
    bound = {"practitioner_id": ref} if kind == "practitioner" else {"institution_code": ref}
    return Actor(account_id=None, username=kind, staff_no=f"S-{kind}", roles=frozenset({kind}), **bound)


def receive(office, notice, *, by=None, **receipt):
    actor = by or own(notice.addressee_kind, notice.addressee_ref)
    with office.service.work(actor) as work:
        return acknowledge(work, notice.id, **receipt)


# Issued; deemed received after 5 working days; the appeal window's last day, 10 working days from there.
BY_HAND = [
    # National Day 2025: 28 September (Sunday) is worked, 1-8 October are free, 11 October (Saturday) is worked.
    # 25 26 28 29 30 September; 9 10 11 13 14 15 16 17 20 21 October.
    (date(2025, 9, 24), date(2025, 9, 30), date(2025, 10, 21)),
    # 29 30 September, 9 10 11 October; 13 14 15 16 17 20 21 22 23 24 October.
    (date(2025, 9, 28), date(2025, 10, 11), date(2025, 10, 24)),
    # In the holidays: 9 10 11 13 14 October; 15 16 17 20 21 22 23 24 27 28 October.
    (date(2025, 10, 3), date(2025, 10, 14), date(2025, 10, 28)),
    # Spring Festival 2026: 14 and 28 February (Saturdays) are worked, 15-23 February are free.
    # 10 11 12 13 14 February; 24 25 26 27 28 February, 2 3 4 5 6 March.
    (date(2026, 2, 9), date(2026, 2, 14), date(2026, 3, 6)),
    # 13 14 24 25 26 February; 27 28 February, 2 3 4 5 6 9 10 11 March.
    (date(2026, 2, 12), date(2026, 2, 26), date(2026, 3, 11)),
    # New Year 2026: 1-3 January are free, 4 January (Sunday) is worked.
    # 29 30 31 December, 4 5 January; 6 7 8 9 12 13 14 15 16 19 January.
    (date(2025, 12, 26), date(2026, 1, 5), date(2026, 1, 19)),
]


@pytest.mark.parametrize(("issued", "deemed_on", "last_day"), BY_HAND)
def test_a_notice_is_deemed_received_and_its_window_closes(fresh_engine, issued, deemed_on, last_day):
    office = office_on(fresh_engine, issued)
    office.score(office.person(), 5, DECIDED)
    office.run("deadlines", deemed_on)
    assert {(row.received_on, row.deemed) for row in office.notices("score")} == {(None, False)}
    office.run("deadlines", deemed_on + ONE_DAY)
    for row in office.notices("score"):
        assert (row.received_on, row.deemed, row.provisional) == (deemed_on, True, False)
        assert row.window_closes_on == last_day
    office.run("deadlines", last_day)
    assert office.events("appeal_window_closed") == []
    assert all(is_window_open(row, last_day) for row in office.notices("score"))
    office.run("deadlines", last_day + ONE_DAY)
    assert [row.detail["closed_on"] for row in office.events("appeal_window_closed")] == [
        last_day.isoformat()
    ] * 2
    assert not any(is_window_open(row, last_day) for row in office.notices("score"))


def test_each_addressee_has_a_window_from_their_own_receipt(office):
    person = office.person()
    office.score(person, 5, DECIDED)
    to_person, to_hospital = office.notices("score")
    answer = receive(office, to_person)
    # Received on Saturday 20 December: 22-26 and 29-31 December, 4 and 5 January.
    assert (answer.received_on, answer.deemed, answer.window_closes_on) == (
        date(2025, 12, 20),
        False,
        date(2026, 1, 5),
    )
    office.move_clock(at(date(2025, 12, 23), 9))
    # Received on Tuesday 23 December: 24-26 and 29-31 December, 4 to 7 January.
    assert receive(office, to_hospital).window_closes_on == date(2026, 1, 7)
    office.move_clock(at(date(2026, 1, 10)))
    assert {(row.received_on, row.deemed) for row in office.notices("score")} == {
        (date(2025, 12, 20), False),
        (date(2025, 12, 23), False),
    }
    assert [row.detail["closed_on"] for row in office.events("appeal_window_closed")] == [
        "2026-01-05",
        "2026-01-07",
    ]


def test_a_receipt_is_recorded_once_by_its_addressee_or_on_paper_by_a_clerk(office):
    person, other = office.person(), office.person(at=CLINIC)
    office.score(person, 5, DECIDED)
    to_person, to_hospital = office.notices("score")
    with pytest.raises(NotFound):
        receive(office, to_person, by=own("practitioner", other))
    with pytest.raises(NotFound):
        receive(office, to_person, by=own("institution", HOSPITAL))
    with pytest.raises(NotFound):
        receive(office, to_hospital, by=own("institution", CLINIC))
    with pytest.raises(Forbidden) as caught:
        receive(office, to_person, by=office.actors["reviewer"])
    assert caught.value.code == "not_addressee"
    office.move_clock(at(date(2025, 12, 24), 9))
    for day in (date(2025, 12, 25), date(2025, 12, 19)):
        with pytest.raises(Invalid) as caught:
            receive(office, to_person, received_on=day)
        assert caught.value.errors[0].pointer == "/received_on"
    answer = receive(
        office, to_person, by=office.actors["clerk"], received_on=date(2025, 12, 22), proof="签收单 1 号"
    )
    assert answer.received_on == date(2025, 12, 22)
    with pytest.raises(Conflict) as caught:
        receive(office, to_person)
    assert caught.value.code == "already_received"
    kept = next(row for row in office.notices("score") if row.id == to_person.id)
    assert (kept.receipt_recorded_by, kept.proof) == ("clerk", "签收单 1 号")


def test_a_window_that_reaches_a_year_without_calendar_stays_open_until_the_calendar_comes(
    fresh_engine, tmp_path
):
    office = office_on(fresh_engine, date(2026, 12, 21))
    office.score(office.person(), 5, date(2026, 12, 1))
    to_person, to_hospital = office.notices("score")
    # 22-25, 28-31 December, then plain weekdays: Friday 1 January and Monday 4 January.
    answer = receive(office, to_person)
    assert (answer.window_closes_on, answer.provisional) == (date(2027, 1, 4), True)
    office.move_clock(at(date(2027, 1, 20)))
    assert office.events("appeal_window_closed") == []
    assert all(is_window_open(row, date(2027, 1, 20)) for row in office.notices("score"))
    # The other addressee's time for a receipt ended with 28 December; nothing else waits for a calendar.
    waiting = next(row for row in office.notices("score") if row.id == to_hospital.id)
    assert (waiting.received_on, waiting.deemed) == (date(2026, 12, 28), True)
    assert (waiting.window_closes_on, waiting.provisional) == (date(2027, 1, 11), True)
    # The calendar comes: 1 to 3 January are free, so the windows end two and one working days later.
    write_calendar(tmp_path, free=["2027-01-01"], worked=[])
    office.service = replace(office.service, calendar=load_calendar(tmp_path))
    office.move_clock(at(date(2027, 1, 21)))
    found = {row.id: row for row in office.notices("score")}
    assert (found[to_person.id].window_closes_on, found[to_person.id].provisional) == (
        date(2027, 1, 5),
        False,
    )
    assert (found[to_hospital.id].window_closes_on, found[to_hospital.id].provisional) == (
        date(2027, 1, 12),
        False,
    )
    assert [row.detail["closed_on"] for row in office.events("appeal_window_closed")] == [
        "2027-01-05",
        "2027-01-12",
    ]
    assert {row.recorded_at.date() for row in office.events("appeal_window_closed")} == {date(2027, 1, 21)}


def test_a_window_counted_again_never_gets_shorter(fresh_engine, tmp_path):
    office = office_on(fresh_engine, date(2026, 12, 21))
    office.score(office.person(), 5, date(2026, 12, 1))
    (to_person, _) = office.notices("score")
    receive(office, to_person)
    # 3 January (Sunday) is worked, and nothing is free: the tenth working day would be the 3rd, before the 4th.
    write_calendar(tmp_path, free=[], worked=["2027-01-03"])
    office.service = replace(office.service, calendar=load_calendar(tmp_path))
    office.move_clock(at(date(2026, 12, 22)))
    (row, _) = office.notices("score")
    assert (row.window_closes_on, row.provisional) == (date(2027, 1, 4), False)


def test_a_receipt_by_lapse_of_time_is_counted_again_with_its_window(fresh_engine, tmp_path):
    office = office_on(fresh_engine, date(2026, 12, 30))
    office.score(office.person(), 5, date(2026, 12, 1))
    office.move_clock(at(date(2027, 1, 12)))
    # Plain weekdays: 31 December, 1, 4, 5 and 6 January; then ten more.
    (row, _) = office.notices("score")
    assert (row.received_on, row.window_closes_on, row.provisional) == (
        date(2027, 1, 6),
        date(2027, 1, 20),
        True,
    )
    write_calendar(tmp_path, free=["2027-01-01"], worked=[])
    office.service = replace(office.service, calendar=load_calendar(tmp_path))
    office.move_clock(at(date(2027, 1, 13)))
    (row, _) = office.notices("score")
    assert (row.window_closes_on, row.provisional) == (date(2027, 1, 21), False)


def write_calendar(folder, *, free, worked):
    for path in CALENDAR_DIRECTORY.glob("*.yaml"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    text = f"year: 2027\nsource: by hand\nholidays:\n  a: [{', '.join(free)}]\nmake_up_days:\n  b: [{', '.join(worked)}]\n"
    (folder / "cn-2027.yaml").write_text(text, encoding="utf-8")


def test_from_november_on_a_missing_calendar_is_announced(fresh_engine):
    office = office_on(fresh_engine, date(2026, 10, 30))
    office.move_clock(at(date(2026, 11, 2), 8))
    found = [(row.recorded_at.date(), row.detail["year"]) for row in office.events("calendar_missing")]
    assert found == [(date(2026, 11, 1), 2027), (date(2026, 11, 2), 2027)]


def test_no_calendar_is_missed_that_is_there(fresh_engine):
    office = office_on(fresh_engine, date(2025, 11, 20))
    office.move_clock(at(date(2025, 11, 22)))
    assert office.events("calendar_missing") == []


def test_more_notices_than_one_chunk_holds_are_all_dealt_with(office, monkeypatch):
    monkeypatch.setattr("scoring_service.services.jobs.deadlines.CHUNK_NOTICES", 3)
    for _ in range(4):
        office.score(office.person(), 2, DECIDED)
    office.move_clock(at(date(2026, 1, 30)))
    assert len(office.events("appeal_window_closed")) == 8
    assert {row.received_on for row in office.notices("score")} == {date(2025, 12, 26)}
    deemed = {
        row.period: row.counts["deemed"] for row in office.runs("deadlines") if row.counts.get("deemed")
    }
    assert deemed == {"2025-12-27": 8, "2026-01-09": 8}


def test_more_provisional_windows_than_one_chunk_holds_are_all_counted_again(
    fresh_engine, tmp_path, monkeypatch
):
    monkeypatch.setattr("scoring_service.services.jobs.recounts.CHUNK_NOTICES", 3)
    office = office_on(fresh_engine, date(2026, 12, 21))
    for _ in range(4):
        office.score(office.person(), 5, date(2026, 12, 1))
    office.move_clock(at(date(2027, 1, 5)))
    assert all(row.provisional for row in office.notices("score"))
    write_calendar(tmp_path, free=["2027-01-01"], worked=[])
    office.service = replace(office.service, calendar=load_calendar(tmp_path))
    office.move_clock(at(date(2027, 1, 6)))
    assert {(row.window_closes_on, row.provisional) for row in office.notices("score")} == {
        (date(2027, 1, 12), False)
    }
