"""Random histories driven through the use cases on PostgreSQL and replayed in the plain model (scheme.md 2)."""

from random import Random

import pytest
from model import histories
from model.rulebooks import RULEBOOKS
from properties.agreement import check_cache, check_every_day, check_past_knowledge
from properties.served_histories import PLACES, ServedFile, drive, open_office

from scoring_service.services.standing.proof import check_standings, verify_ledger

HISTORIES_A_TEST = 5
HISTORIES_IN_A_SOAK = 1000
MIXED = (("chifeng",), ("chifeng",), ("hunan",), ("liaoning",), ("chifeng", "liaoning", "hunan", "tianjin"))


@pytest.fixture(scope="module")
def office(module_engine):
    return open_office(module_engine)


def check_history(office, rng, number):
    books = MIXED[number % len(MIXED)]
    history = histories.random_history(rng, length=9, books=books, weights=histories.OF_POINTS)
    served = drive(ServedFile, office, history, books[0])
    with office.work() as work:
        check_every_day(work, served, history)
        check_past_knowledge(work, served, history, rng)
        check_cache(work, served, history)
    return {operation["kind"] for operation in history.operations if not operation.get("refused")}


def check_histories(office, seed, how_many):
    rng = Random(f"services {seed}")
    admitted = set().union(*(check_history(office, rng, number) for number in range(how_many)))
    assert admitted >= {"score", "correction"}
    assert check_standings(office.service)[1] == []
    assert verify_ledger(office.service)[1] == []


@pytest.mark.parametrize("seed", range(8))
def test_the_use_cases_agree_with_the_plain_model(office, seed):
    assert set(PLACES) == set(RULEBOOKS)
    check_histories(office, seed, HISTORIES_A_TEST)


@pytest.mark.soak
def test_the_use_cases_agree_with_the_plain_model_on_many_histories(office):
    check_histories(office, "soak", HISTORIES_IN_A_SOAK)
