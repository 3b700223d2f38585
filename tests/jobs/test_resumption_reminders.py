"""Reminders of the way back: when one may apply, the last day to do so in time, and silence where nothing is due (P39).

A suspension of two months from 21 December 2025 ends on Saturday 21 February 2026, within the Spring Festival. The
fifteenth working day before it is 27 January; who applies with consent by 2 February is owed an answer by 14 February.
"""

from dataclasses import replace
from datetime import date

import pytest
from jobs.job_world import HOSPITAL, at
from jobs.test_amended_calendar import LENGTHENED
from sqlalchemy import select, update

from scoring_service.core.standing import Span
from scoring_service.db.tables import resumptions
from scoring_service.services.proposals.correcting import post_correction
from scoring_service.services.proposals.resumption_decisions import approve, refuse
from scoring_service.services.proposals.resumptions import file_resumption
from scoring_service.services.registry.institutions import register_institution
from scoring_service.services.unit_of_work.actor import Actor
from scoring_service.services.years.changing import changing

THERE = "H37010200001"
DECIDED = date(2025, 11, 20)
APPLY_FROM, APPLY_BY, TERM_ENDS = date(2026, 1, 27), date(2026, 2, 2), date(2026, 2, 21)


@pytest.fixture
def person(office):
    """Somebody suspended at an institution of the division in which a suspension ends on application."""
    with office.work() as work:
        register_institution(
            work, code=THERE, name="济南市中心医院", kind="hospital", region="370102", agreement=Span(date(2025, 1, 1), None)
        )
    suspended = office.person(at=THERE)
    office.entry = office.score(suspended, 9, DECIDED, institution=THERE)
    return suspended


def remind(office, *days):
    for day in days:
        office.run("deadlines", day)


def stages(office, person):
    """The day, stage and addressee's kind of each letter on a resumption."""
    rows = office.notices("resumption", person)
    return [(row.created_at.date(), row.facts["stage"], row.addressee_kind) for row in rows]


def both(day, stage):
    return [(day, stage, "practitioner"), (day, stage, "institution")]


def applied(office, person, day):
    """Have the institution apply, which is its consent too."""
    office.set_clock(at(day, 9))
    clinic = Actor(
        account_id=None, username="clinic", staff_no="S-clinic", roles=frozenset({"institution"}), institution_code=THERE
    )
    with office.service.work(clinic) as work:
        return file_resumption(work, practitioner=person, statement="已完成整改").id


def test_on_the_first_day_and_on_the_last_the_person_and_the_institution_are_told(office, person):
    remind(office, date(2026, 1, 26), APPLY_FROM, date(2026, 1, 28), date(2026, 2, 1), APPLY_BY, date(2026, 2, 3), TERM_ENDS)
    assert stages(office, person) == both(APPLY_FROM, "window") + both(APPLY_BY, "last_day")
    facts = office.notices("resumption", person)[0].facts
    assert (facts["apply_from"], facts["apply_by"], facts["ends_on"]) == ("2026-01-27", "2026-02-02", "2026-02-21")


def test_a_day_that_was_missed_is_made_up_for(office, person):
    remind(office, date(2026, 1, 30))
    assert stages(office, person) == both(date(2026, 1, 30), "window")


def test_who_has_applied_is_reminded_of_nothing(office, person):
    remind(office, APPLY_FROM)
    application = applied(office, person, date(2026, 1, 28))
    remind(office, APPLY_BY)
    assert stages(office, person) == both(APPLY_FROM, "window")
    with office.work("reviewer") as work:
        refuse(work, application, reason="材料不全")
    remind(office, date(2026, 2, 3))
    assert stages(office, person) == both(APPLY_FROM, "window")


def test_where_a_suspension_ends_by_itself_nobody_is_reminded(office):
    person = office.person()
    office.score(person, 9, DECIDED, institution=HOSPITAL)
    remind(office, APPLY_FROM, APPLY_BY)
    assert stages(office, person) == []


def test_while_nothing_can_be_applied_for_nobody_is_reminded(office, person):
    office.score(person, 3, DECIDED, approved_on=date(2026, 1, 26), institution=THERE)
    remind(office, APPLY_FROM, APPLY_BY)
    assert stages(office, person) == []


def test_a_term_that_grows_has_a_window_of_its_own(office, person):
    remind(office, APPLY_FROM)
    # One point more, of the same year: four months, to 21 April.
    office.score(person, 1, DECIDED, approved_on=date(2026, 1, 29), institution=THERE)
    remind(office, APPLY_BY, date(2026, 3, 27), date(2026, 3, 31))
    first = office.notices("resumption", person)[2].facts
    assert first["ends_on"] == "2026-04-21"
    grown = date.fromisoformat(first["apply_from"])
    assert stages(office, person)[2:4] == both(max(grown, date(2026, 3, 31)), "window")


def test_a_correction_that_leaves_a_suspension_whose_term_is_over_is_told_the_next_day(office, person):
    terminated = office.person(at=THERE)
    entry = office.score(terminated, 12, DECIDED, institution=THERE)
    office.set_clock(at(date(2026, 4, 10), 9))
    with office.work("reviewer") as work, changing(work, [terminated]) as files:
        post_correction(
            files[terminated], target_entry_id=entry, value=9, basis="court", document_no="1", reason="减轻"
        )
    remind(office, date(2026, 4, 11), date(2026, 4, 12))
    assert stages(office, terminated) == both(date(2026, 4, 11), "window")


def test_the_terms_end_alone_tells_nothing(office, person):
    office.run("sanctions-due", TERM_ENDS)
    assert stages(office, person) == []
    assert office.events("sanction_ended") == []


def test_on_the_day_on_which_a_resumed_state_ends_people_and_authorities_are_told(office, person):
    application = applied(office, person, APPLY_BY)
    with office.work("reviewer") as work:
        approve(work, application)
    office.run("sanctions-due", TERM_ENDS)
    assert [each for each in stages(office, person) if each[0] == TERM_ENDS] == [
        (TERM_ENDS, "resumed", "practitioner"),
        (TERM_ENDS, "resumed", "institution"),
        (TERM_ENDS, "resumed", "authority"),
    ]
    [ended] = office.events("sanction_ended")
    assert (ended.practitioner_id, ended.detail["until"]) == (person, TERM_ENDS.isoformat())


def test_of_a_late_resumption_one_letter_tells(office, person):
    late = date(2026, 3, 16)
    office.run("sanctions-due", late)
    application = applied(office, person, late)
    with office.work("reviewer") as work:
        approve(work, application)
    assert {stage for _day, stage, _kind in stages(office, person)} == {"granted"}
    [ended] = office.events("sanction_ended")
    assert ended.detail["until"] == late.isoformat()


def due_days(office, application):
    row = office.rows(select(resumptions).where(resumptions.c.id == application))[0]
    return row.consent_due_on, row.evaluation_due_on, row.evaluation_provisional


def test_a_longer_holiday_moves_the_day_on_which_the_evaluation_is_due(office, person):
    application = applied(office, person, date(2026, 2, 10))
    assert due_days(office, application) == (None, date(2026, 3, 2), False)
    office.service = replace(office.service, calendar=LENGTHENED)
    office.move_clock(at(date(2026, 2, 20), 9))
    assert due_days(office, application) == (None, date(2026, 3, 6), False)


def test_a_calendar_that_comes_late_makes_a_provisional_day_final_and_never_earlier(office, person):
    application = applied(office, person, date(2026, 2, 10))
    later = date(2026, 3, 20)
    with office.engine.begin() as conn:
        conn.execute(
            update(resumptions)
            .where(resumptions.c.id == application)
            .values(evaluation_due_on=later, evaluation_provisional=True)
        )
    remind(office, date(2026, 2, 11))
    assert due_days(office, application) == (None, later, False)
