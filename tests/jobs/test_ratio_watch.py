"""Institutions of whose people a fifth or a half were sanctioned in a year: announced once a year and level."""

from datetime import date

from jobs.job_world import CLINIC, HOSPITAL, at

DECIDED = date(2025, 11, 20)


def announced(office):
    return [
        (
            row.recorded_at.date(),
            row.institution_code,
            row.detail["level"],
            row.detail["sanctioned"],
            row.detail["registered"],
        )
        for row in office.events("institution_ratio")
    ]


def test_each_level_is_announced_once_a_year(office):
    people = [office.person() for _ in range(5)]
    unharmed = [office.person(at=CLINIC) for _ in range(6)]
    office.score(people[0], 9, DECIDED)
    office.score(unharmed[0], 9, DECIDED, institution=CLINIC)
    office.move_clock(at(date(2025, 12, 24)))
    assert announced(office) == [(date(2025, 12, 21), HOSPITAL, "alert", 1, 5)]
    office.score(people[1], 12, DECIDED, approved_on=date(2025, 12, 24))
    office.score(people[2], 9, DECIDED)
    office.move_clock(at(date(2026, 1, 10)))
    assert announced(office)[1:] == [(date(2025, 12, 25), HOSPITAL, "severe", 3, 5)]


def test_a_new_year_counts_anew(office):
    person = office.person()
    office.score(person, 9, DECIDED)
    office.move_clock(at(date(2026, 1, 5)))
    assert {row[2] for row in announced(office)} == {"alert", "severe"}
    office.score(person, 9, date(2026, 1, 2), approved_on=date(2026, 1, 6))
    office.move_clock(at(date(2026, 1, 9)))
    assert [(row[0], row[2]) for row in announced(office)[2:]] == [
        (date(2026, 1, 7), "alert"),
        (date(2026, 1, 7), "severe"),
    ]


def test_a_backfill_into_the_year_before_counts_there(office):
    people = [office.person() for _ in range(5)]
    office.move_clock(at(date(2026, 1, 5), 9))
    office.score(people[0], 9, DECIDED, effective_on=date(2025, 12, 28))
    office.move_clock(at(date(2026, 1, 8)))
    assert announced(office) == [(date(2026, 1, 6), HOSPITAL, "alert", 1, 5)]
    assert [row.detail["year"] for row in office.events("institution_ratio")] == [2025]


def test_what_a_measure_brings_is_not_counted(office):
    """It follows from a measure against the institution, and would bring another."""
    people = [office.person() for _ in range(4)]
    for person in people:
        office.measure(person)
    office.move_clock(at(date(2025, 12, 24)))
    assert announced(office) == []
    office.score(people[0], 9, DECIDED)
    office.move_clock(at(date(2025, 12, 28)))
    assert [row[2:] for row in announced(office)] == [("alert", 1, 4)]
