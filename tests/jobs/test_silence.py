"""Silence after the office's explanation: insistence on its day, and never of a day that is provisional (scheme.md 2.6, 2.7)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from jobs.job_world import CALENDAR, HOSPITAL, at, office_on
from sqlalchemy import select

from scoring_service.db.tables import appeals, audit_log
from scoring_service.services.appeals.explaining import explain, insist
from scoring_service.services.appeals.filing import countersign, file_appeal
from scoring_service.services.jobs.runs import run_now
from scoring_service.services.unit_of_work.actor import Actor
from scoring_service.services.unit_of_work.watch import Watch

MONDAY = date(2025, 6, 16)
LAST = date(2025, 6, 23)  # 17 18 19 20 23 June.


def own(kind, ref):
    bound = {"practitioner_id": ref} if kind == "practitioner" else {"institution_code": ref}
    return Actor(account_id=None, username=kind, staff_no=f"S-{kind}", roles=frozenset({kind}), **bound)


def explained(office, *, on=MONDAY):
    """Somebody's appeal that the office explained on a day; the person and the appeal's id."""
    person = office.person()
    entry = office.score(person, 5, on - timedelta(days=5))
    filed = {"entry": entry, "against": "points", "grounds": "请复核", "filed_by": "practitioner"}
    with office.service.work(own("practitioner", person)) as work:
        appeal = file_appeal(work, practitioner=person, **filed).appeal.id
    with office.service.work(own("institution", HOSPITAL)) as work:
        countersign(work, appeal)
    with office.work("reviewer") as work:
        explain(work, appeal, text="依据现场检查笔录。")
    return person, appeal


def row_of(office, appeal):
    [row] = office.rows(select(appeals).where(appeals.c.id == appeal))
    return row


@pytest.fixture
def office(fresh_engine):
    return office_on(fresh_engine, MONDAY)


def test_a_scheduler_dead_for_a_week_leaves_what_one_alive_does(office):
    person, appeal = explained(office)
    assert row_of(office, appeal).answer_due_on == LAST
    before = row_of(office, appeal)
    office.set_clock(at(LAST + timedelta(days=8), 9))
    assert row_of(office, appeal).state == "explained"
    run_now(office.service, Watch())
    row = row_of(office, appeal)
    assert (row.state, row.insisted_silently, row.insisted_by) == ("insisted", True, None)
    assert row.insisted_at == at(date(2025, 6, 24))
    assert (row.version, row.due_on) == (before.version + 1, before.due_on)
    [told] = office.events("appeal_insisted")
    assert (told.practitioner_id, told.detail["insisted_on"]) == (person, "2025-06-24")
    [deed] = office.rows(select(audit_log).where(audit_log.c.action == "appeal.insisted"))
    assert deed.detail == {"silently": True, "insisted_on": "2025-06-24"}


def test_an_answer_that_comes_while_the_scheduler_is_dead_comes_too_late(office):
    person, appeal = explained(office)
    office.set_clock(at(LAST + timedelta(days=1), 9))
    with office.service.work(own("practitioner", person)) as work, pytest.raises(Exception, match="待受理") as refused:
        insist(work, appeal)
    assert refused.value.code == "appeal_state"


def test_the_last_day_is_whole(office):
    _person, appeal = explained(office)
    office.run("deadlines", LAST)
    assert row_of(office, appeal).state == "explained"
    office.run("deadlines", LAST + timedelta(days=1))
    assert row_of(office, appeal).state == "insisted"


def test_more_silent_filers_than_a_transaction_takes_are_all_insisted_for(office, monkeypatch):
    monkeypatch.setattr("scoring_service.services.jobs.deadlines.CHUNK_NOTICES", 2)
    silent = [explained(office)[1] for _ in range(3)]
    office.run("deadlines", LAST + timedelta(days=1))
    assert {row_of(office, appeal).state for appeal in silent} == {"insisted"}


def test_no_silence_of_a_provisional_day(fresh_engine):
    """A calendar that comes late counts the days again; only then is anybody silent."""
    office = office_on(fresh_engine, date(2026, 12, 28))
    _person, appeal = explained(office, on=date(2026, 12, 28))
    # 29 30 31 December, 1 4 January by plain weekdays.
    assert (row_of(office, appeal).answer_due_on, row_of(office, appeal).answer_provisional) == (date(2027, 1, 4), True)
    office.move_clock(at(date(2027, 1, 12), 9))
    assert row_of(office, appeal).state == "explained"
    published = replace(
        CALENDAR,
        years=CALENDAR.years | {2027},
        holidays=CALENDAR.holidays | {date(2027, 1, 1)},
    )
    office.service = replace(office.service, calendar=published)
    office.move_clock(at(date(2027, 1, 13), 9))
    row = row_of(office, appeal)
    assert (row.answer_due_on, row.answer_provisional, row.state) == (date(2027, 1, 5), False, "insisted")
    assert row.insisted_at == at(date(2027, 1, 6))


def test_a_silence_whose_days_are_not_over_any_more_has_not_come_about(office):
    """The State Council lengthens a holiday: who was counted as silent may answer again."""
    person, appeal = explained(office)
    office.move_clock(at(LAST + timedelta(days=1), 9))
    assert row_of(office, appeal).state == "insisted"
    lengthened = replace(CALENDAR, holidays=CALENDAR.holidays | {date(2025, 6, 20), date(2025, 6, 23)})
    office.service = replace(office.service, calendar=lengthened)
    office.move_clock(at(LAST + timedelta(days=1), 10))
    row = row_of(office, appeal)
    assert (row.state, row.answer_due_on, row.insisted_at) == ("explained", date(2025, 6, 25), None)
    with office.service.work(own("practitioner", person)) as work:
        insist(work, appeal, grounds="仍有异议")
    assert row_of(office, appeal).insisted_grounds == "仍有异议"


def test_the_days_to_explain_are_counted_again_too(office):
    person = office.person()
    entry = office.score(person, 5, MONDAY - timedelta(days=5))
    filed = {"entry": entry, "against": "points", "grounds": "请复核", "filed_by": "practitioner"}
    with office.service.work(own("practitioner", person)) as work:
        appeal = file_appeal(work, practitioner=person, **filed).appeal.id
    with office.service.work(own("institution", HOSPITAL)) as work:
        countersign(work, appeal)
    assert row_of(office, appeal).explanation_due_on == LAST
    lengthened = replace(CALENDAR, holidays=CALENDAR.holidays | {date(2025, 6, 20)})
    office.service = replace(office.service, calendar=lengthened)
    office.move_clock(at(date(2025, 6, 17), 9))
    assert row_of(office, appeal).explanation_due_on == date(2025, 6, 24)
