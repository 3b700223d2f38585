"""A process that answers from the copy of the present learns of an adoption at once, and is asked no statement for it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from api_office import make_office, make_test_service
from case_calls import answered
from draft_calls import adopted, file_with, proposed
from eligibility_city import City
from sqlalchemy import text
from werkzeug.test import Client

from scoring_service.api.pipeline.quick_eligibility import QuickEligibility
from scoring_service.clock import SystemClock, real_now
from scoring_service.db.eligibility_question import Questions
from scoring_service.db.locks import Lock, hold
from scoring_service.db.marks import Marks
from scoring_service.db.present_copy import PresentCopy

LEFT = b"left"


@pytest.fixture
def copy(fresh_engine, tmp_path):
    marks = Marks(tmp_path)
    with marks.first_alone() as alone:
        assert alone
    marks.follow(fresh_engine)
    yield PresentCopy(marks)
    marks.close()


def make_city(engine, copy):
    return City(make_office(replace(make_test_service(engine), clock=SystemClock(), present_copy=copy)))


@pytest.fixture
def city(fresh_engine, copy):
    return make_city(fresh_engine, copy)


def quick_way(city, monkeypatch):
    """Ask the quick way alone: the reason that it tells, LEFT when it leaves the question, and whether it asked the database."""

    def leave(_environ, start_response):
        start_response("418 Left", [])
        return [LEFT]

    quick = Client(QuickEligibility(leave, city.office.service))
    execute, statements = Questions._execute, []
    monkeypatch.setattr(Questions, "_execute", lambda *of: statements.append(of) or execute(*of))

    def ask(question):
        statements.clear()
        answer = quick.get(f"/api/v1/eligibility/{question}", headers={"Authorization": f"Bearer {city.settlement.token}"})
        return (LEFT if answer.data == LEFT else answer.json["reason"]), bool(statements)

    return ask


def test_an_adoption_is_known_at_once_beside_the_copy(city, fresh_engine, copy, monkeypatch):
    here = city.institution()
    person = city.person(here)
    city.score(person, here, 12)
    second = city.office.client_for("office.admin")
    other = make_city(fresh_engine, copy)
    begins_on = real_now().date() + timedelta(days=40)
    late = f"{person}?service_time={begins_on}&institution={here}&emergency=true"
    early = f"{person}?service_time={begins_on - timedelta(days=1)}&institution={here}&emergency=true"
    here_way, other_way = quick_way(city, monkeypatch), quick_way(other, monkeypatch)
    for way in (here_way, other_way):
        for question in (late, early):
            way(question)
            city.settlement.get(f"/eligibility/{question}")
            other.settlement.get(f"/eligibility/{question}")
            way(question)
            assert way(question) == ("emergency_exception", False)
    draft = file_with(f"{begins_on}", "false", key="emergency_covers_termination")
    proposed(city.admin, draft)
    assert here_way(late) == ("emergency_exception", False)
    answered(second.post("/rulebooks/national/drafts/1/approve", {}))
    for way, one in ((here_way, city), (other_way, other)):
        # A refusal is put on record, so the quick way leaves it; what it does not leave it judges by the new law.
        assert way(late)[0] == LEFT
        assert answered(one.settlement.get(f"/eligibility/{late}"))["reason"] == "terminated"
        way(early)
        assert way(early) == ("emergency_exception", False)


def test_while_an_adoption_is_under_way_nobody_is_answered_from_memory(city, monkeypatch):
    here = city.institution()
    person = city.person(here)
    way = quick_way(city, monkeypatch)
    question = f"{person}?institution={here}"
    answers = []
    for _ in range(3):
        city.settlement.get(f"/eligibility/{question}")
        way(question)
    assert way(question) == ("eligible", False)
    with city.office.service.work() as work:
        hold(work.conn, Lock.LAW)
        ways = (lambda: way(question)[0], lambda: answered(city.settlement.get(f"/eligibility/{question}"))["reason"])
        waiting = [threading.Thread(target=lambda ask=ask: answers.append(ask())) for ask in ways]
        for thread in waiting:
            thread.start()
            thread.join(0.3)
        assert all(thread.is_alive() for thread in waiting), "either way waits until the law is known"
    for thread in waiting:
        thread.join(10)
    assert answers == ["eligible"] * 2
    way(question)
    assert way(question) == ("eligible", False)


def test_a_database_lost_while_the_law_is_read_leaves_the_question_to_the_general_way(city, monkeypatch):
    here = city.institution()
    person = city.person(here)
    way = quick_way(city, monkeypatch)
    question = f"{person}?institution={here}"
    for _ in range(3):
        city.settlement.get(f"/eligibility/{question}")
        way(question)
    waiting = text("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())")
    with city.office.service.work() as work, ThreadPoolExecutor(1) as pool:
        hold(work.conn, Lock.LAW)
        answer = pool.submit(way, question)
        while (pid := work.conn.execute(waiting).scalar()) is None:
            assert not answer.done(), answer.result()
            time.sleep(0.01)
        work.conn.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        assert answer.result(10)[0] == LEFT


def test_the_day_of_an_adoption_is_that_of_the_real_clock(city):
    second = city.office.client_for("office.admin")
    day = real_now().date() + timedelta(days=2)
    done = adopted(city.admin, second, file_with(f"{day}"))
    assert (done["state"], done["begins_on"]) == ("approved", f"{day}")
