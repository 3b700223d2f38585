"""The closed year: entries and statements for exactly the files with a score in it, once."""

from datetime import date, datetime

import pytest
from jobs.job_world import CLINIC, HOSPITAL, at
from sqlalchemy import text

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.entries import EntryKind
from scoring_service.db.tables import entries
from scoring_service.problems import Conflict, Problem
from scoring_service.services.eligibility.answer import make_check as question
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.jobs.runs import run_due, run_named
from scoring_service.services.registry.registrations import deregister
from scoring_service.services.standing.proof import check_standings, verify_ledger
from scoring_service.services.standing.reading import standing_of
from scoring_service.services.years.changing import changing

DECIDED = date(2025, 11, 20)


def closings(office):
    return office.rows(
        text(
            "SELECT practitioner_id::text, year, total, effective_on, seq, recorded_at, rulebook_id "
            "FROM entries WHERE kind = 'year_closed' ORDER BY recorded_at, practitioner_id"
        )
    )


def post(office, person, kind, **carried):
    """Post an entry of today, as the acts do."""
    with office.work() as work:
        rulebook = work.rulebooks.resolve("chifeng", DECIDED)
        with changing(work, [person]) as files:
            files[person].post(kind, effective_on=work.today, rulebook=rulebook, **carried)


def void(office, person, entry):
    post(office, person, EntryKind.CORRECTION, target_id=entry, value=0, basis="clerical")


def test_each_file_with_a_score_in_the_year_is_closed_once_at_its_final_total(office):
    scored, twice, voided, clean = (office.person() for _ in range(4))
    office.score(scored, 5, DECIDED)
    office.score(twice, 4, DECIDED)
    office.score(twice, 3, DECIDED)
    void(office, voided, office.score(voided, 6, DECIDED))
    office.move_clock(at(date(2026, 1, 5), 9))
    found = {row.practitioner_id: row for row in closings(office)}
    assert {person: row.total for person, row in found.items()} == {scored: 5, twice: 7, voided: 0}
    assert clean not in found
    for row in found.values():
        assert (row.year, row.effective_on, row.rulebook_id) == (2025, date(2025, 12, 31), "chifeng")
        assert at(date(2026, 1, 1)) < row.recorded_at.astimezone(CIVIL_ZONE) < at(date(2026, 1, 1), 0, 1)
    statements = office.notices("year_statement")
    assert sorted((row.practitioner_id, row.addressee_kind) for row in statements) == sorted(
        (person, kind) for person in found for kind in ("practitioner", "institution")
    )
    assert {row.facts["total"] for row in office.notices("year_statement", twice)} == {7}
    assert {row.created_at.date() for row in statements} == {date(2026, 1, 1)}
    (run,) = office.runs("year-close")
    assert (run.period, run.state, run.counts) == ("2025", "done", {"files": 3})
    assert len(office.events("year_closed")) == 3
    assert verify_ledger(office.service)[1] == []
    assert check_standings(office.service)[1] == []


def test_a_second_run_changes_nothing(office):
    office.score(office.person(), 5, DECIDED)
    office.move_clock(at(date(2026, 1, 2)))
    before = closings(office), office.notices("year_statement")
    run_named(office.service, "year-close", "2025")
    assert (closings(office), office.notices("year_statement")) == before


def test_the_year_that_runs_is_not_closed(office):
    office.score(office.person(), 5, DECIDED)
    for period in ("2025", "2026"):
        with pytest.raises(Conflict) as caught:
            run_named(office.service, "year-close", period)
        assert caught.value.code == "year_not_ended"
    assert office.runs("year-close") == []
    assert closings(office) == []


@pytest.mark.parametrize(
    ("name", "period", "code"),
    [
        ("year-end", "2025", "not_found"),
        ("year-close", "25", "unknown_period"),
        ("year-close", "2025-01-01", "unknown_period"),
        ("year-close", "0000", "unknown_period"),
        ("year-close", "９９９９", "unknown_period"),
        ("deadlines", "2025", "unknown_period"),
        ("deadlines", "2025-02-30", "unknown_period"),
        ("deadlines", "20251130", "unknown_period"),
        ("deadlines", "2025-12-21", "period_not_due"),
    ],
)
def test_a_job_or_period_that_does_not_exist_is_refused(office, name, period, code):
    with pytest.raises(Problem) as caught:
        run_named(office.service, name, period)
    assert caught.value.code == code
    assert office.runs(name) == []


def test_a_late_score_of_a_closed_year_replaces_the_statement_of_each_addressee(office):
    person = office.person()
    office.score(person, 5, DECIDED)
    office.move_clock(at(date(2026, 1, 2)))
    first = {(row.addressee_kind, row.addressee_ref): row.id for row in office.notices("year_statement")}
    office.score(person, 3, DECIDED, approved_on=date(2026, 1, 7))
    again = office.notices("year_statement")[2:]
    assert {(row.addressee_kind, row.addressee_ref): row.replaces for row in again} == first
    assert {row.facts["total"] for row in again} == {8}
    second = {(row.addressee_kind, row.addressee_ref): row.id for row in again}
    office.score(person, 1, DECIDED, approved_on=date(2026, 1, 8))
    third = office.notices("year_statement")[4:]
    assert {(row.addressee_kind, row.addressee_ref): row.replaces for row in third} == second
    assert len(closings(office)) == 1
    assert check_standings(office.service)[1] == []


def test_a_correction_of_a_closed_year_replaces_the_statement(office):
    person = office.person()
    entry = office.score(person, 5, DECIDED)
    office.move_clock(at(date(2026, 1, 2)))
    void(office, person, entry)
    assert [
        (row.facts["total"], row.replaces is not None) for row in office.notices("year_statement", person)
    ] == [
        (5, False),
        (5, False),
        (0, True),
        (0, True),
    ]


def test_a_return_after_a_ban_leaves_the_total_of_a_year_gone_by(office):
    person = office.person()
    office.score(person, 6, DECIDED)
    office.score(person, 6, DECIDED)
    small = office.score(person, 1, DECIDED)
    office.set_clock(at(date(2027, 1, 4), 10))
    run_named(office.service, "year-close", "2025")
    post(office, person, EntryKind.REREGISTRATION)
    void(office, person, small)
    told = {row.created_at: row.facts["total"] for row in office.notices("year_statement", person)}
    assert list(told.values()) == [12, 12]


def test_a_termination_that_nobody_answered_is_stated_in_later_years_too(office):
    person = office.person()
    office.score(person, 6, DECIDED)
    office.score(person, 6, DECIDED)
    office.score(person, 1, date(2027, 3, 1), approved_on=date(2027, 3, 2))
    office.set_clock(at(date(2028, 1, 1), 1))
    run_named(office.service, "year-close", "2027")
    (span,) = office.notices("year_statement", person)[0].facts["sanctions"]
    assert (span["kind"], span["until"]) == ("termination", "2026-12-21")


def test_the_first_score_of_a_closed_year_closes_it_for_that_file(office):
    person = office.person()
    office.move_clock(at(date(2026, 1, 2)))
    office.score(person, 3, DECIDED, approved_on=date(2026, 1, 7))
    assert [(row.practitioner_id, row.total) for row in closings(office)] == [(person, 3)]
    assert [row.replaces for row in office.notices("year_statement")] == [None, None]
    assert verify_ledger(office.service)[1] == []
    assert check_standings(office.service)[1] == []


def test_a_late_score_before_the_year_is_closed_is_closed_with_the_others(office):
    person = office.person()
    office.score(person, 3, DECIDED, approved_on=date(2026, 1, 7))
    assert closings(office) == []
    run_due(office.service, office.now())
    assert [(row.practitioner_id, row.total) for row in closings(office)] == [(person, 3)]
    assert len(office.notices("year_statement")) == 2


def test_a_score_of_the_new_year_touches_no_statement(office):
    person = office.person()
    office.score(person, 5, DECIDED)
    office.move_clock(at(date(2026, 1, 2)))
    office.score(person, 3, date(2026, 1, 2), approved_on=date(2026, 1, 7))
    assert len(office.notices("year_statement")) == 2


def test_statements_go_to_the_institutions_of_that_day(office):
    person = office.person(at=CLINIC)
    office.score(person, 5, DECIDED)
    with office.work("admin") as work:
        deregister(work, person, on=date(2025, 12, 20), reason="调离")
    office.move_clock(at(date(2026, 1, 2)))
    assert [row.addressee_kind for row in office.notices("year_statement", person)] == ["practitioner"]


def line(person, moment):
    return question(person, moment.isoformat(), moment.date(), HOSPITAL)


def test_without_any_scheduler_the_answers_around_the_new_year_are_right(office):
    person = office.person()
    office.score(person, 10, DECIDED)

    def answers(moment):
        with office.work("clerk") as work:
            found = standing_of(work, person, as_of=moment.date()).standing
            (answer,) = check_lines(work, [line(person, moment)])
        return found.points, found.state.status, answer.reason

    office.set_clock(datetime(2025, 12, 31, 23, 59, 59, 999000, tzinfo=CIVIL_ZONE))
    assert answers(office.now()) == (10, "suspended", "suspended")
    office.set_clock(at(date(2026, 1, 1)))
    assert answers(office.now()) == (0, "suspended", "suspended")
    assert office.count(entries, entries.c.kind == "year_closed") == 0
