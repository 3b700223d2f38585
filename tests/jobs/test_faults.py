"""Killed, doubled and cut off: every job still has its effect once."""

import random
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from jobs.job_world import CLINIC, HOSPITAL, at, office_on
from jobs.processes import ASKED_AT_A_SUBMISSION, LATE_LEADER, command, copy_of, scheduler, wait_until
from services.case_world import make_service
from sqlalchemy import make_url, text

from scoring_service.core.entries import EntryKind
from scoring_service.db.tables import entries
from scoring_service.problems import Problem
from scoring_service.services.jobs.catalogue import JOBS
from scoring_service.services.jobs.runs import move_clock, run_due, run_named
from scoring_service.services.notices.handing_out import read_document
from scoring_service.services.standing.proof import check_standings, verify_ledger
from scoring_service.services.unit_of_work.watch import Watch
from scoring_service.services.years.changing import changing

DECIDED = date(2025, 11, 20)
NEW_YEAR = at(date(2026, 1, 1))
FILES = 40
# What the scheduler leaves behind, without the identifiers that are drawn at random.
LEFT_BEHIND = (
    (
        "SELECT practitioner_id, seq, revision, kind, effective_on, recorded_at, recorded_by, rulebook_id, year, total"
        " FROM entries ORDER BY practitioner_id, seq"
    ),
    (
        "SELECT practitioner_id, kind, addressee_kind, addressee_ref, created_at, facts - 'entries', replaces IS NULL"
        " FROM notices ORDER BY practitioner_id, kind, addressee_ref"
    ),
    "SELECT number, kind, practitioner_id, recorded_at, detail FROM events ORDER BY number",
    "SELECT practitioner_id, seq, revision, recorded_at, profile FROM standings ORDER BY practitioner_id",
    "SELECT id, revision, seq, last_recorded_at FROM practitioners ORDER BY id",
    "SELECT job, period, state, counts FROM job_runs ORDER BY job, period",
)


def left_behind(engine):
    with engine.connect() as conn:
        return [[tuple(row) for row in conn.execute(text(query))] for query in LEFT_BEHIND]


def count(engine, query):
    with engine.connect() as conn:
        return conn.execute(text(query)).scalar_one()


def closed(engine):
    return count(engine, "SELECT count(*) FROM entries WHERE kind = 'year_closed'")


def is_done(engine):
    return (
        count(engine, "SELECT count(*) FROM job_runs WHERE period = '2026-01-01' AND state = 'done'")
        == len(JOBS) - 1
    )


def score(work, person, points):
    """Append a score without a case: what a case does besides is not the subject here."""
    with changing(work, [person]) as files:
        files[person].post(
            EntryKind.SCORE,
            effective_on=DECIDED,
            rulebook=work.rulebooks.resolve("chifeng", DECIDED),
            points=points,
            decided_on=DECIDED,
            finding_id=person,
            item="overtreatment",
            degree="main",
        )


@pytest.fixture
def eve(fresh_url, fresh_engine):
    """A database on New Year's Day before any job has run: many files with scores, some without."""
    office = office_on(fresh_engine, date(2026, 1, 1))
    people = [office.person(at=HOSPITAL if number % 3 else CLINIC) for number in range(FILES)]
    with office.work() as work:
        for number, person in enumerate(people[:-4]):
            score(work, person, 1 + number % 12)
    with fresh_engine.begin() as conn:
        conn.execute(text("UPDATE clock_state SET now = :now"), {"now": NEW_YEAR + timedelta(seconds=1)})
    fresh_engine.dispose()
    return fresh_url


def undisturbed(url, folder):
    with copy_of(url) as (engine, copy):
        with scheduler(copy, folder):
            wait_until(lambda: is_done(engine), "an undisturbed year-close")
        return left_behind(engine)


def killed(url, folder, chance):
    """Kill the scheduler once at a random point of year-close, start another, and return what is left behind."""
    with copy_of(url) as (engine, copy):
        point = chance.randrange(1, FILES - 8)
        with scheduler(copy, folder) as first:
            wait_until(lambda: closed(engine) >= point, "the point at which to kill")
            first.kill()
        at_kill = closed(engine)
        with scheduler(copy, folder):
            wait_until(lambda: is_done(engine), "the year-close after the kill")
        assert verify_ledger(make_service(engine))[1] == []
        assert check_standings(make_service(engine))[1] == []
        return at_kill, left_behind(engine)


def try_kills(url, folder, count, seed):
    expected = undisturbed(url, folder)
    assert sum(row[3] == "year_closed" for row in expected[0]) == FILES - 4
    chance = random.Random(seed)
    points = []
    for _ in range(count):
        at_kill, found = killed(url, folder, chance)
        assert found == expected
        points.append(at_kill)
    assert any(0 < point < FILES - 4 for point in points), points


def test_a_scheduler_killed_in_year_close_is_followed_by_one_that_repeats_nothing(eve, tmp_path):
    try_kills(eve, tmp_path, 2, seed=1)


@pytest.mark.soak
def test_twenty_kills_in_year_close(eve, tmp_path):
    try_kills(eve, tmp_path, 20, seed=2)


def test_every_notice_has_its_letter_though_the_year_s_are_written_later(office):
    people = [office.person() for _ in range(3)]
    for person in people:
        office.score(person, 4, DECIDED)
    office.run("retention", date(2026, 1, 1))
    run_named(office.service, "year-close", "2025")
    waiting = "SELECT count(*) FROM notices LEFT JOIN letters ON notice_id = id WHERE notice_id IS NULL"
    assert count(office.engine, waiting) == 6
    asked = office.notices("year_statement")[0].id
    with office.work() as work:
        assert "2025" in read_document(work, asked).content.decode()
    assert count(office.engine, waiting) == 5
    office.run("letters", date(2026, 1, 2))
    assert count(office.engine, waiting) == 0


def test_many_at_once_do_what_one_does(eve, tmp_path):
    expected = undisturbed(eve, tmp_path)
    with copy_of(eve) as (engine, _copy):
        service = make_service(engine)
        threads = [threading.Thread(target=run_due, args=(service, NEW_YEAR)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Larger chunks take fewer instants; everything else is the same, row for row.
        found = left_behind(engine)
        assert [row[:5] + row[6:] for row in found[0]] == [row[:5] + row[6:] for row in expected[0]]
        assert len(found[1]) == len(expected[1])
        assert found[5] == expected[5]
        assert verify_ledger(service)[1] == []


def test_of_two_schedulers_one_leads_and_the_other_takes_over(eve, tmp_path):
    with copy_of(eve) as (engine, copy), scheduler(copy, tmp_path) as one, scheduler(copy, tmp_path) as other:

        def leader():
            with engine.connect() as conn:
                name = conn.execute(text("SELECT name FROM scheduler_leader")).scalar()
            return name and int(name.rsplit(":", 1)[1])

        first = wait_until(leader, "a leader")
        assert first in {one.process.pid, other.process.pid}
        wait_until(lambda: is_done(engine), "the jobs of the day")
        leading, waiting = (one, other) if first == one.process.pid else (other, one)
        assert waiting.process.poll() is None
        leading.kill()
        wait_until(lambda: leader() == waiting.process.pid, "the other to lead")
        with engine.begin() as conn:
            conn.execute(text("UPDATE clock_state SET now = :now"), {"now": NEW_YEAR + timedelta(days=1)})
        wait_until(
            lambda: (
                count(engine, "SELECT count(*) FROM job_runs WHERE period = '2026-01-02' AND state = 'done'")
                == len(JOBS) - 1
            ),
            "the jobs of the next day",
        )
        assert waiting.stop() == 0


def test_a_scheduler_outlives_a_restart_of_its_database(eve, tmp_path):
    with copy_of(eve) as (engine, copy), scheduler(copy, tmp_path) as process:
        wait_until(lambda: closed(engine) >= 4, "the year-close to be under way")
        name = make_url(copy).database
        engine.dispose()
        command(
            eve,
            f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
            "SELECT pg_sleep(1)",
            f"ALTER DATABASE {name} ALLOW_CONNECTIONS true",
        )
        wait_until(lambda: is_done(engine), "the jobs after the restart")
        assert process.process.poll() is None
        assert closed(engine) == FILES - 4
        assert verify_ledger(make_service(engine))[1] == []


def test_a_scheduler_that_takes_the_lead_while_it_is_stopped_leaves(eve, tmp_path):
    with copy_of(eve) as (_engine, copy), scheduler(copy, tmp_path, LATE_LEADER) as process:
        wait_until(lambda: "beating" in Path(process.log.name).read_text(), "the first beat")
        assert process.stop() == 0
        assert "scheduler leads" in Path(process.log.name).read_text()
        assert "Traceback" not in Path(process.log.name).read_text()


def test_a_scheduler_asked_to_leave_while_it_hands_a_job_over_leaves(eve, tmp_path):
    """APScheduler takes the SystemExit of a signal, raised there, for the failure of that job."""
    with copy_of(eve) as (_engine, copy), scheduler(copy, tmp_path, ASKED_AT_A_SUBMISSION) as process:
        wait_until(lambda: "asked" in Path(process.log.name).read_text(), "the signal")
        assert process.process.wait(20) == 0


def test_the_clock_is_not_moved_back(office):
    person = office.person()
    office.score(person, 5, DECIDED)
    office.move_clock(at(date(2026, 1, 2)))
    before = left_behind(office.engine)
    with pytest.raises(Problem) as caught:
        office.move_clock(at(date(2025, 12, 30)))
    assert (caught.value.status, caught.value.code) == (409, "clock_backwards")
    assert run_due(office.service, at(date(2025, 12, 25))) == 0
    assert left_behind(office.engine) == before


def test_a_job_that_fails_is_kept_as_failed_and_holds_up_no_other(office, monkeypatch):
    office.score(office.person(), 5, DECIDED)
    monkeypatch.setattr("scoring_service.services.years.closing._letter", fail)
    office.move_clock(at(date(2026, 1, 3)))
    (run,) = office.runs("year-close")
    assert (run.state, run.error, run.finished_at) == ("failed", "ZeroDivisionError", None)
    assert office.count(entries, entries.c.kind == "year_closed") == 0
    assert [row.period for row in office.runs("sanctions-due")][-1] == "2026-01-03"
    monkeypatch.undo()
    run_due(office.service, office.now())
    (run,) = office.runs("year-close")
    assert (run.state, run.error, run.counts) == ("done", None, {"files": 1})


def test_the_proof_of_files_waits_while_something_is_brought_in_and_goes_on_after_it(office, monkeypatch):
    monkeypatch.setattr("scoring_service.services.standing.proof.CHUNK_FILES_AT_NIGHT", 1)
    people = [office.person() for _ in range(3)]
    run_due(office.service, office.now(), Watch(resting=lambda: True))
    proof = office.runs("ledger-check")[-1]
    assert (proof.state, proof.counts["files"]) == ("running", 1)
    assert office.runs("deadlines")[-1].state == "done"
    run_due(office.service, office.now())
    proof = office.runs("ledger-check")[-1]
    assert (proof.state, proof.counts["files"]) == ("done", len(people))


def fail(*_args, **_kwargs):
    raise ZeroDivisionError


def test_every_day_has_its_runs_and_the_days_of_a_job_of_the_present_are_covered(office):
    office.move_clock(at(date(2026, 1, 3), 9))
    days = [f"2025-12-{day}" for day in range(20, 32)] + ["2026-01-01", "2026-01-02", "2026-01-03"]
    for job in ("letters", "sanctions-due", "deadlines", "ratio-watch", "ledger-check", "retention"):
        runs = office.runs(job)
        assert [(row.period, row.state) for row in runs] == [(day, "done") for day in days]
    assert {row.counts.get("covered_by") for row in office.runs("retention")[:-1]} == {"2026-01-03"}
    assert office.runs("sanctions-due")[1].started_at == at(date(2025, 12, 21))
    assert move_clock(office.service, at(date(2026, 1, 3), 10)) is None
    assert len(office.runs("deadlines")) == len(days)
