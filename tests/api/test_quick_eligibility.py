"""The quick way of a plain question beside the pipeline: the same answer, headers included, or none at all."""

import threading
from dataclasses import replace

import pytest
from api_office import fresh_code, make_office, make_test_service
from database_addresses import owner_engine
from eligibility_city import City
from own_law import unpaid_without_commitment
from sqlalchemy import text
from werkzeug.test import Client

from scoring_service.api.pipeline.quick_eligibility import QuickEligibility
from scoring_service.app import create_app
from scoring_service.db.eligibility_question import Questions
from scoring_service.db.engine import make_engine
from scoring_service.db.locks import Lock, hold

LEFT = b"left to the pipeline"


@pytest.fixture(scope="module")
def city(module_engine):
    return City(make_office(make_test_service(module_engine)))


@pytest.fixture(scope="module")
def ask(city):
    """Ask the quick way and the pipeline, each by itself; the quick way says LEFT when it does not answer."""
    door = city.office.app.wsgi_app

    def leave(_environ, start_response):
        start_response("418 Left", [])
        return [LEFT]

    quick = Client(QuickEligibility(leave, city.office.app.extensions["scoring_service"]))
    pipeline = Client(door._inner)

    def both(path, client=None):
        headers = {"Authorization": f"Bearer {(client or city.settlement).token}"}
        answers = [way.get(f"/api/v1/eligibility/{path}", headers=headers) for way in (quick, pipeline)]
        return [(answer.status_code, answer.data, _told(answer.headers)) for answer in answers]

    return both


def _told(headers):
    return {name: value for name, value in headers.items() if name != "X-Request-Id"}


def test_both_ways_give_the_same_answer_to_the_last_header(city, ask):
    here, there = city.institution(), city.institution()
    ended = city.institution(until="2025-03-01")
    person = city.person(here, ended)
    person_id = city.clerk.get(f"/practitioners/{person}").json["id"]
    city.score(person, here, 10)
    questions = (
        *(person, person_id, fresh_code(), "nobody", person.lower(), person_id.upper()),
        *(
            f"{person}?institution={place}"
            for place in (here, there, ended, fresh_code("H"), fresh_code("P"))
        ),
        f"{person}?service_time=2024-12-31&institution={here}",
        f"{person}?institution={ended}&service_time=2025-02-01T23%3A30%3A00%2B08:00",
        f"{person}?service_time=2025-02-28T17:00:00Z&institution={ended}",
        f"{person}?service_time=2025-07-01&emergency=true",
        f"{person}?service_time=2025-07-01&institution={there}&emergency=false",
    )
    for question in questions:
        ask(question)
        quick, pipeline = ask(question)
        assert quick[0] == 200, question
        assert quick == pipeline, question


def test_a_missing_commitment_is_told_at_once_in_one_statement(fresh_engine, tmp_path, monkeypatch):
    service = make_test_service(fresh_engine, rulebooks_dir=unpaid_without_commitment(tmp_path))
    city = City(make_office(service))
    person = city.person(city.institution(), signed_on=None)
    execute, statements = Questions._execute, []
    monkeypatch.setattr(Questions, "_execute", lambda *of: statements.append(of) or execute(*of))
    quick = Client(QuickEligibility(pytest.fail, service))
    headers = {"Authorization": f"Bearer {city.settlement.token}"}
    answer = quick.get(f"/api/v1/eligibility/{person}", headers=headers).json
    assert (answer["reason"], answer["payable"], answer["status"]) == ("no_commitment", False, "normal")
    assert len(statements) == 1


def test_what_it_does_not_read_at_sight_or_must_record_is_left(city, ask):
    here = city.institution()
    person = city.person(here)
    city.score(person, here, 9)
    for question in (
        f"{person}?service_time=2025-07-01",
        f"{person}?known_at=2025-01-01T00:00:00%2B08:00",
        f"{person}?service_time=2025-07-01&service_time=2025-07-02",
        f"{person}?service_time=2025-07-01T08:00:00+08:00",
        f"{person}?service_time=yesterday",
        f"{person}?institution=nowhere",
        f"{person}?emergency=yes",
        "%E5%BC%A0",
        "x" * 65,
    ):
        assert ask(question)[0][1] == LEFT, question
    for role in ("office.clerk", "regulator"):
        assert ask(person, city.office.client_for(role))[0][1] == LEFT
    assert ask(person, city.office.stranger())[0][1] == LEFT


def test_a_change_of_an_institution_is_seen_at_once_and_waited_for(city, ask):
    here = city.institution()
    person = city.person(here)
    question = f"{person}?institution={here}&service_time=2025-08-01"
    ask(question)
    assert b'"reason":"eligible"' in ask(question)[0][1]
    service = city.office.app.extensions["scoring_service"]
    with service.work() as work:
        hold(work.conn, Lock.REGISTRY)
        asked = threading.Thread(target=lambda: answers.append(ask(question)))
        answers = []
        asked.start()
        asked.join(0.3)
        assert asked.is_alive(), "the pipeline waits for the change"
    asked.join(10)
    assert answers[0][0][1] == LEFT
    ending = {"from": "2025-01-01", "until": "2025-07-01"}
    assert city.admin.post(f"/institutions/{here}/agreements", ending).status_code in {200, 201}
    quick, pipeline = ask(question)
    assert b'"reason":"institution_not_contracted"' in quick[1]
    assert quick == pipeline


def test_an_answer_takes_one_statement(city, monkeypatch):
    here = city.institution()
    person = city.person(here)
    quick = Client(QuickEligibility(pytest.fail, city.office.app.extensions["scoring_service"]))
    headers = {"Authorization": f"Bearer {city.settlement.token}"}
    questions = [f"/api/v1/eligibility/{person}", f"/api/v1/eligibility/{person}?institution={here}"]
    execute, statements = Questions._execute, []
    monkeypatch.setattr(Questions, "_execute", lambda *of: statements.append(of) or execute(*of))
    for _first_and_again in range(2):
        statements.clear()
        assert [quick.get(question, headers=headers).json["reason"] for question in questions] == ["eligible"] * 2
        # From here on nothing but the connection that is kept can be spoken through.
        monkeypatch.setattr(city.office.service.engine, "raw_connection", pytest.fail)
    assert len(statements) == len(questions)


def test_a_lost_connection_is_left_to_the_pipeline_once_and_then_opened_again(city, ask):
    person = city.person(city.institution())
    assert b'"reason":"eligible"' in ask(person)[0][1]
    owner = owner_engine(city.office.service.engine)
    with owner.connect() as conn:
        conn.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    quick, pipeline = ask(person)
    assert quick[1] == LEFT
    assert pipeline[0] == 200
    assert ask(person)[0] == pipeline


def test_without_a_database_it_is_the_pipeline_that_says_so(city):
    nowhere = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    service = replace(city.office.service, engine=nowhere)
    asked = Client(create_app(service.settings, service)).get(
        f"/api/v1/eligibility/{fresh_code()}", headers={"Authorization": "Bearer x"}
    )
    assert (asked.status_code, asked.json["code"]) == (503, "unavailable")
    assert asked.headers["Retry-After"]
    nowhere.dispose()


def test_every_code_of_a_person_is_answered_at_once(city, ask):
    here, doctor = city.institution(), fresh_code("D")
    nurse = city.person(here, category="nurse", prefix="N")
    body = {"code": doctor, "from": "2025-03-01", "reason": "取得医师资格"}
    added = city.admin.post(f"/practitioners/{nurse}/codes", body)
    assert (added.status_code, added.json["code"], added.json["category"]) == (201, doctor, "doctor")
    assert city.admin.post(f"/practitioners/{nurse}/codes", body).json["code"] == "practitioner_exists"
    for ref in (nurse, doctor):
        quick, pipeline = ask(f"{ref}?institution={here}&service_time=2025-05-01")
        assert quick[1] != LEFT
        assert (quick, city.reason(ref, institution=here)) == (pipeline, "eligible")
