"""Sanctions that begin and end: an event on the day, and a letter to those who return to normal."""

from datetime import date

from jobs.job_world import CLINIC, HOSPITAL, at

from scoring_service.services.registry.registrations import deregister

DECIDED = date(2025, 11, 20)


def told(office, *kinds):
    return [
        (row.recorded_at.date(), row.kind, row.practitioner_id, row.detail["sanction"])
        for row in office.events(*kinds)
    ]


def run_on(office, *days):
    for day in days:
        office.run("sanctions-due", day)


def resumptions(office):
    return {
        (row.created_at.date(), row.practitioner_id, row.addressee_kind, row.addressee_ref)
        for row in office.notices("resumption")
    }


def test_a_suspension_begins_and_ends_on_its_days_and_the_person_is_told_of_the_way_back(office):
    person = office.person()
    office.score(person, 9, DECIDED)
    run_on(
        office,
        date(2025, 12, 21),
        date(2025, 12, 22),
        date(2026, 2, 20),
        date(2026, 2, 21),
        date(2026, 2, 22),
    )
    assert told(office, "sanction_began", "sanction_ended") == [
        (date(2025, 12, 21), "sanction_began", person, "suspension"),
        (date(2026, 2, 21), "sanction_ended", person, "suspension"),
    ]
    assert resumptions(office) == {
        (date(2026, 2, 21), person, "practitioner", person),
        (date(2026, 2, 21), person, "institution", HOSPITAL),
        (date(2026, 2, 21), person, "authority", "health_commission"),
    }
    assert office.notices("resumption")[0].facts["resumes_on"] == "2026-02-21"


def test_nobody_is_told_of_a_way_back_while_another_sanction_holds(office):
    terminated, overlapped = office.person(), office.person(at=CLINIC)
    office.score(terminated, 9, DECIDED)
    office.score(overlapped, 9, DECIDED)
    # The next year's suspension, until 11 March, covers the end of this year's on 21 February.
    office.score(overlapped, 9, date(2026, 1, 8), approved_on=date(2026, 1, 10))
    office.score(terminated, 12, date(2026, 1, 8), approved_on=date(2026, 1, 10))
    run_on(office, date(2026, 1, 11), date(2026, 2, 21), date(2026, 3, 11))
    assert resumptions(office) == {
        (date(2026, 3, 11), overlapped, "practitioner", overlapped),
        (date(2026, 3, 11), overlapped, "institution", CLINIC),
        # The acts happened there (P33), though the person does not work there.
        (date(2026, 3, 11), overlapped, "institution", HOSPITAL),
        (date(2026, 3, 11), overlapped, "authority", "health_commission"),
    }
    assert (date(2026, 1, 11), "sanction_began", terminated, "termination") in told(office, "sanction_began")


def test_who_has_left_is_not_told_of_a_way_back(office):
    person = office.person()
    office.score(person, 9, DECIDED)
    with office.work("admin") as work:
        deregister(work, person, on=date(2026, 1, 10), reason="调离")
    run_on(office, date(2026, 2, 21))
    assert [kind for _day, kind, *_ in told(office, "sanction_ended")] == ["sanction_ended"]
    assert resumptions(office) == set()


def test_a_backfilled_suspension_is_told_at_once_and_only_once(office):
    person = office.person()
    office.move_clock(at(date(2026, 1, 5), 9))
    office.score(person, 9, DECIDED, effective_on=date(2025, 12, 28))
    office.move_clock(at(date(2026, 1, 7)))
    assert told(office, "sanction_began") == [(date(2026, 1, 5), "sanction_began", person, "suspension")]


def test_a_backfilled_suspension_that_is_over_is_told_whole(office):
    person = office.person()
    run_on(office, date(2026, 3, 5))
    office.score(person, 9, DECIDED, effective_on=date(2025, 12, 21))
    assert [kind for _day, kind, *_ in told(office, "sanction_began", "sanction_ended")] == [
        "sanction_began",
        "sanction_ended",
    ]
    assert {row[:2] for row in resumptions(office)} == {(date(2026, 3, 5), person)}


def test_a_termination_in_the_place_of_a_suspension_that_began_the_same_day_is_told(office):
    person = office.person()
    office.score(person, 9, DECIDED)
    run_on(office, date(2025, 12, 21), date(2025, 12, 22))
    office.score(person, 3, DECIDED, effective_on=date(2025, 12, 20))
    assert told(office, "sanction_began") == [
        (date(2025, 12, 21), "sanction_began", person, "suspension"),
        (date(2025, 12, 22), "sanction_began", person, "termination"),
    ]


def test_a_measure_ends_on_its_day_without_an_application_and_the_person_is_told(office):
    person, open_ended = office.person(), office.person(at=CLINIC)
    office.measure(person, until=date(2026, 1, 15))
    office.measure(open_ended, institution=CLINIC)
    run_on(office, date(2025, 12, 21), date(2026, 1, 14), date(2026, 1, 15), date(2026, 1, 16))
    assert told(office, "sanction_ended") == [(date(2026, 1, 15), "sanction_ended", person, "suspension")]
    assert {row[:2] for row in resumptions(office)} == {(date(2026, 1, 15), person)}
    assert office.notices("resumption")[0].facts["resumes_on"] == "2026-01-15"
