"""The copy of the present beside the database: told while nothing of it has changed, and never a moment longer."""

import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from api_office import fresh_code, make_office, make_test_service
from database_addresses import owner_engine
from eligibility_city import City
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from werkzeug.test import Client

from scoring_service.api.pipeline.quick_eligibility import QuickEligibility
from scoring_service.clock import SystemClock
from scoring_service.db.eligibility_question import Questions
from scoring_service.db.locks import Lock, hold
from scoring_service.db.marks import ACCOUNTS, REGISTRY, Marks, mark_files, others_have_ended, slot_of
from scoring_service.db.present_copy import PresentCopy
from scoring_service.db.standing import write_standings
from scoring_service.db.tables import standings

DAY = "service_time=2026-06-01"


@pytest.fixture(scope="module")
def copy(module_engine, tmp_path_factory):
    marks = Marks(tmp_path_factory.mktemp("present"))
    with marks.first_alone() as alone:
        assert alone
    marks.follow(module_engine)
    yield PresentCopy(marks)
    marks.close()


@pytest.fixture(scope="module")
def city(module_engine, copy):
    made = replace(make_test_service(module_engine), clock=SystemClock(), present_copy=copy)
    return City(make_office(made))


@pytest.fixture
def asked(city, monkeypatch):
    """Ask at once; what comes back is the answer and whether the database was asked for it."""
    quick = Client(QuickEligibility(city.office.app.wsgi_app._inner, city.office.service))
    execute, statements = Questions._execute, []
    monkeypatch.setattr(Questions, "_execute", lambda *of: statements.append(of) or execute(*of))

    def ask(path, token=city.settlement.token):
        statements.clear()
        answer = quick.get(f"/api/v1/eligibility/{path}", headers={"Authorization": f"Bearer {token}"})
        return answer.json, bool(statements)

    return ask


def _without_instant(answer):
    return {name: value for name, value in answer.items() if name != "known_at"}


def test_what_was_asked_once_is_answered_without_the_database_and_alike(city, asked):
    here, there, ended = city.institution(), city.institution(), city.institution(until="2025-03-01")
    person = city.person(here, ended)
    for question in (
        f"{person}?{DAY}",
        f"{person}?{DAY}&institution={here}",
        f"{person}?{DAY}&institution={there}",
        f"{person}?service_time=2025-02-01&institution={ended}",
        f"{person}?{DAY}&institution={ended}",
        f"{person}?service_time=2024-12-31&institution={here}&emergency=true",
    ):
        asked(question)
        answer, from_database = asked(question)
        assert not from_database, question
        general = city.settlement.get(f"/eligibility/{question}").json
        assert _without_instant(answer) == _without_instant(general), question
        then = f"{question}&known_at={answer['known_at'].replace('+', '%2B')}&revision={answer['revision']}"
        assert city.settlement.get(f"/eligibility/{then}").json == answer


def test_it_is_filled_with_everybody_and_every_institution(city, asked, copy):
    here = city.institution()
    person = city.person(here)
    assert copy.fill(city.office.service.engine, lambda: False) >= 1
    asked(f"{city.person(here)}?{DAY}")
    assert not asked(f"{person}?{DAY}&institution={here}")[1]


def test_nobody_unknown_is_ever_kept(city, asked):
    person, place = fresh_code(), fresh_code("H")
    known = city.person(city.institution())
    for _twice in range(2):
        answer, from_database = asked(f"{person}?{DAY}")
        assert (answer["reason"], from_database) == ("unknown_practitioner", True)
        answer, from_database = asked(f"{known}?{DAY}&institution={place}")
        assert (answer["reason"], from_database) == ("institution_not_contracted", True)


def test_a_change_is_seen_from_its_acknowledgement_on_and_waited_for_before(city, asked, copy):
    here = city.institution()
    person, other = city.person(here), city.person(here)
    for each in (person, other):
        asked(f"{each}?{DAY}&institution={here}")
    file_id = city.clerk.get(f"/practitioners/{person}").json["id"]
    service = city.office.service
    with service.engine.connect() as conn:
        write_standings(conn, [file_id])
        assert copy.marks.is_changing(slot_of(file_id))
        assert asked(f"{person}?{DAY}")[1], "the database is asked while a change is under way"
        assert asked(f"{person}?{DAY}")[1], "and what it told then is not kept"
        assert not asked(f"{other}?{DAY}")[1]
        conn.rollback()
    assert not copy.marks.is_changing(slot_of(file_id))
    asked(f"{person}?{DAY}")
    assert not asked(f"{person}?{DAY}")[1]
    number = copy.marks.number()
    with service.work() as work:
        write_standings(work.conn, [file_id])
    [old] = [copy.ask(_token(city), person, None)]
    assert old is None
    assert not copy.marks.holds(slot_of(file_id), number), "what was read before the change is not kept after it"


def _token(city):
    from scoring_service.services.accounts.signing_in import digest

    return digest(city.settlement.token)


def test_an_institution_in_change_is_not_told(city, asked):
    here = city.institution()
    person = city.person(here)
    question = f"{person}?{DAY}&institution={here}"
    asked(question)
    answers = []
    with city.office.service.work() as work:
        hold(work.conn, Lock.REGISTRY)
        waiting = threading.Thread(target=lambda: answers.append(asked(question)))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive(), "the general way waits for the change"
    waiting.join(10)
    assert answers[0][0]["reason"] == "eligible"
    ending = {"from": "2025-01-01", "until": "2025-07-01"}
    assert city.admin.post(f"/institutions/{here}/agreements", ending).status_code in {200, 201}
    assert asked(question)[0]["reason"] == "institution_not_contracted"


def test_a_token_that_ends_ends_here_too(city, asked):
    person = city.person(city.institution())
    client = city.office.client_for("settlement")
    question = f"{person}?{DAY}"
    asked(question, client.token)
    assert not asked(question, client.token)[1]
    assert client.post("/auth/revoke").status_code == 204
    assert asked(question, client.token)[0]["code"] == "invalid_token"
    clerk = city.office.client_for("office.clerk")
    asked(question, clerk.token)
    assert asked(question, clerk.token)[1], "what is kept is a settlement account's"


def test_an_expired_token_is_not_answered(city, asked, copy, monkeypatch):
    person = city.person(city.institution())
    asked(f"{person}?{DAY}")
    later = datetime.now().astimezone() + timedelta(hours=13)
    monkeypatch.setattr("scoring_service.db.present_copy.time.time_ns", lambda: int(later.timestamp() * 1e9))
    assert copy.ask(_token(city), person, None) is None


def test_of_a_commit_without_an_answer_the_mark_stays(city, asked, copy):
    service = city.office.service
    person = city.person(city.institution())
    file_id = city.clerk.get(f"/practitioners/{person}").json["id"]
    asked(f"{person}?{DAY}")
    with service.engine.connect() as conn:
        transaction = conn.begin()
        mark_files(conn, [file_id])
        _terminate(service, conn)
        with pytest.raises(DBAPIError) as lost:
            transaction.commit()
    assert lost.value.connection_invalidated
    assert copy.marks.is_changing(slot_of(file_id))
    for _ in range(2):
        answer, from_database = asked(f"{person}?{DAY}")
        assert (answer["reason"], from_database) == ("eligible", True)
    assert others_have_ended(service.engine)


def _terminate(service, conn):
    backend = conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
    owner = owner_engine(service.engine)
    with owner.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": backend})


def test_a_standing_cannot_be_written_unmarked(city):
    with pytest.raises(RuntimeError, match="not marked"), city.office.service.work() as work:
        work.conn.execute(update(standings).values(revision=standings.c.revision))


_OTHER = """
import sys
from pathlib import Path
from scoring_service.db.marks import REGISTRY, Marks
marks = Marks(Path(sys.argv[1]))
with marks.first_alone() as alone:
    print(alone, flush=True)
marks._raise([REGISTRY], 1)
print(marks.number(), flush=True)
sys.stdin.readline()
"""


def test_processes_share_the_counters_and_only_the_first_alone_begins_anew(tmp_path):
    marks = Marks(tmp_path / "present")
    with marks.first_alone() as alone:
        assert alone
    command = [sys.executable, "-c", _OTHER, str(tmp_path / "present")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "False\n"
        assert int(other.stdout.readline()) == marks.number() == 1
        assert marks.is_changing(REGISTRY)
        marks.close()
        again = Marks(tmp_path / "present")
        with again.first_alone() as alone:
            assert not alone, "the other one has it open"
        again.close()
        other.kill()
    last = Marks(tmp_path / "present")
    with last.first_alone() as alone:
        assert alone
        assert last.any_open(), "a killed process ends no mark"
        last.start_anew()
    assert not last.any_open()
    assert last.holds(ACCOUNTS, 0)
    last.close()


def test_while_the_machines_clock_is_behind_the_database_is_asked(city, asked, monkeypatch):
    person, real = city.person(city.institution()), time.time_ns
    for _ in range(2):
        answer, from_database = asked(f"{person}?{DAY}")
    assert not from_database
    for by, asks in ((-3600, True), (-2 * 86_400, False), (0, False)):
        monkeypatch.setattr("scoring_service.db.present_copy.time.time_ns", lambda by=by: real() + by * 10**9)
        again, from_database = asked(f"{person}?{DAY}")
        assert (again["reason"], from_database) == (answer["reason"], asks)


def test_a_copy_that_cannot_be_read_is_done_without(city, asked, copy, monkeypatch):
    person = city.person(city.institution())
    asked(f"{person}?{DAY}")
    copy._env.close()
    answer, from_database = asked(f"{person}?{DAY}")
    assert (answer["reason"], from_database) == ("eligible", True)
    copy._env = None
    asked(f"{person}?{DAY}")
    assert not asked(f"{person}?{DAY}")[1]
    monkeypatch.setattr("scoring_service.db.present_copy.SPARED_BYTES", 1 << 60)
    assert not copy.keep(copy.marks.number())


def test_a_folder_that_is_gone_costs_no_answer(city, asked, copy, tmp_path, monkeypatch):
    person = city.person(city.institution())
    monkeypatch.setattr(copy.marks, "folder", tmp_path / "gone")
    monkeypatch.setattr(copy, "_folder", tmp_path / "gone" / "copy")
    for environment in (copy._env, None):
        monkeypatch.setattr(copy, "_env", environment)
        for _ in range(2):
            answer, from_database = asked(f"{person}?{DAY}")
            assert (answer["reason"], from_database) == ("eligible", True)
