"""Resumptions and re-registrations in random order, applied for as people do, under the shipped law (scheme.md 2.1 to 2.5)."""

from random import Random

import pytest
from model import applications, histories
from model.rulebooks import SHIPPED
from model.working_days import published
from properties.agreement import check_cache, check_every_day, check_past_knowledge
from properties.http_histories import HttpFile, open_http_office
from properties.served_histories import PLACES, ServedFile
from properties.stepwise import Record, Steps

from scoring_service.services.standing.proof import check_standings, verify_ledger
from scoring_service.settings import Settings

HISTORIES, HISTORIES_IN_A_SOAK = 16, 200
BOOKS = tuple(PLACES)
CALENDAR = published()
# At least so many in every run.
LEAST = {
    "granted": 4,
    "in time": 1,
    "late": 2,
    "office late": 1,
    "refused": 1,
    "granted after a refusal": 1,
    "lapsed": 2,
    "without consent": 1,
    "re-registered": 3,
}


@pytest.fixture(scope="module")
def office(module_engine):
    return open_http_office(module_engine, Settings(demo="off", secret_key="s" * 40, identity_key="i" * 40))


def random_histories(seed, how_many):
    """The place of work and the history, of each rulebook in turn."""
    rng = Random(f"ways back {seed}")
    for number in range(how_many):
        home = BOOKS[number % len(BOOKS)]
        yield home, histories.random_history(
            rng,
            SHIPPED,
            length=14,
            books=(home,),
            weights=applications.WEIGHTS,
            points=histories.FEWER_POINTS,
            acts=applications.ACTS,
            days=applications.next_day,
            working_days=CALENDAR,
        )


def check_ways_back(way, office, seed, how_many):
    rng, record = Random(f"days {seed}"), Record()
    for home, history in random_histories(seed, how_many):
        steps = Steps(way, office, history, home, rng=rng, record=record)
        with office.work() as work:
            check_every_day(work, steps.file, history)
            check_past_knowledge(work, steps.file, history, rng)
            check_cache(work, steps.file, history)
    print(f"{way.__name__}: {record}")  # noqa: T201 -- figures for the record
    assert record.differences == []
    counts = {name: record.counted[name] for name in LEAST}
    assert all(counts[name] >= least for name, least in LEAST.items()), counts
    assert check_standings(office.service)[1] == []
    assert verify_ledger(office.service)[1] == []


def test_the_use_cases_agree_with_the_plain_model(office):
    check_ways_back(ServedFile, office, "services 1", HISTORIES)


def test_the_api_agrees_with_the_plain_model(office):
    check_ways_back(HttpFile, office, "http 4", HISTORIES)


@pytest.mark.soak
def test_the_use_cases_agree_with_the_plain_model_on_many_histories(office):
    check_ways_back(ServedFile, office, "services, soak", HISTORIES_IN_A_SOAK)


@pytest.mark.soak
def test_the_api_agrees_with_the_plain_model_on_many_histories(office):
    check_ways_back(HttpFile, office, "http, soak", HISTORIES_IN_A_SOAK)
