"""The registry under two hands at once, on a database of its own for each test."""

import threading
from datetime import date, datetime

import pytest
from registry_world import (
    DOCTOR,
    HOSPITAL,
    NEW_YEAR,
    PHARMACY,
    actor_of,
    add_institution,
    asked,
    register,
    service_on,
    start_clock,
    work_of,
)
from sqlalchemy import select

from scoring_service.core.standing import Span
from scoring_service.db.locks import Lock, share
from scoring_service.db.tables import practitioners
from scoring_service.problems import Conflict
from scoring_service.services.eligibility.answer import make_check as question
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.registry.institutions import put_agreement
from scoring_service.services.registry.persons import change_practitioner
from scoring_service.services.registry.registrations import put_affiliation
from scoring_service.services.unit_of_work.actor import SYSTEM

TODAY = date(2025, 6, 2)
WAIT_SECONDS = 20


@pytest.fixture
def service(fresh_engine):
    with fresh_engine.begin() as conn:
        start_clock(conn)
        work = work_of(fresh_engine, conn)
        add_institution(work, agreement=Span(NEW_YEAR, None))
        add_institution(work, PHARMACY, agreement=Span(NEW_YEAR, None))
        register(work, affiliations=[asked(HOSPITAL)])
    return service_on(fresh_engine)


class Aside(threading.Thread):
    """Runs one act in a transaction of its own, beside the test's; keeps its result or refusal."""

    def __init__(self, service, act, actor=SYSTEM):
        super().__init__(daemon=True)
        self.service, self.act, self.actor, self.result = service, act, actor, None
        self.start()

    def run(self):
        try:
            with self.service.work(self.actor) as work:
                self.result = self.act(work)
        except Exception as error:  # noqa: BLE001 - told to the test, which expects one or none.
            self.result = error

    def waits(self):
        self.join(0.4)
        return self.is_alive()

    def outcome(self):
        self.join(WAIT_SECONDS)
        assert not self.is_alive()
        return self.result


def ask(work):
    return check_lines(work, [question(DOCTOR, "2025-06-02", TODAY, HOSPITAL)])[0]


def test_an_answer_waits_for_an_agreement_in_flight_and_knows_it(service):
    with service.work() as writing:
        put_agreement(writing, HOSPITAL, from_on=None, until_on=TODAY)
        reader = Aside(service, ask, actor_of("settlement"))
        assert reader.waits()
    answer = reader.outcome()
    assert answer.reason == "institution_not_contracted"
    with service.work() as work:
        assert datetime.fromisoformat(answer.known_at) <= work.now


def test_an_answer_that_records_a_refusal_and_a_new_affiliation_do_not_wait_for_each_other(service):
    with service.work() as reading:
        share(reading.conn, Lock.REGISTRY)
        writer = Aside(
            service,
            lambda work: put_affiliation(work, DOCTOR, institution=PHARMACY, from_on=TODAY, until_on=None),
        )
        assert writer.waits()
        # What the foreign key of a recorded refusal asks of the person's row.
        reading.conn.execute(select(practitioners.c.id).with_for_update(read=True, key_share=True))
    assert writer.outcome().revision == 3


def test_a_code_registered_twice_at_once_is_registered_once(service):
    code = "D150402000777"
    with service.work() as first:
        register(first, code=code)
        second = Aside(service, lambda work: register(work, code=code))
        assert second.waits()
    refused = second.outcome()
    assert isinstance(refused, Conflict)
    assert refused.code == "practitioner_exists"


def test_a_code_given_to_two_people_at_once_is_given_to_one(service):
    numbers = "150402198001011232", "15040219800101138X"
    with service.work() as work:
        people = [register(work, code=None, id_number=number).id for number in numbers]
    give = {"code": "D150402000778"}
    with service.work() as first:
        change_practitioner(first, people[0], expected_version=1, changes=give)
        second = Aside(
            service, lambda work: change_practitioner(work, people[1], expected_version=1, changes=give)
        )
        assert second.waits()
    assert second.outcome().code == "practitioner_exists"


def test_two_affiliations_at_once_take_revisions_in_turn(service):
    with service.work() as first:
        put_affiliation(first, DOCTOR, institution=PHARMACY, from_on=NEW_YEAR, until_on=TODAY)
        second = Aside(
            service,
            lambda work: put_affiliation(work, DOCTOR, institution=PHARMACY, from_on=NEW_YEAR, until_on=None),
        )
        assert second.waits()
    assert second.outcome().code == "affiliation_overlaps"
