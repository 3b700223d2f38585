"""Corrections, credits and re-registrations in random order over HTTP: cache = fold = plain model (scheme.md 2.3)."""

from random import Random

import pytest
from model import answers, histories, plain
from model.rulebooks import RULEBOOKS
from own_law import OWN_LAW
from properties.agreement import check_cache, check_every_day, days_of_interest
from properties.http_histories import HttpFile, open_http_office
from properties.served_histories import drive

from scoring_service.services.standing.proof import check_standings, verify_ledger
from scoring_service.settings import Settings

HISTORIES_A_TEST = 5
HISTORIES_IN_A_SOAK = 1000
DAYS_ASKED = 4
# Repair and return are the subject here; scores are what there is to repair.
WEIGHTS = {
    "score": 32,
    "points_credit": 12,
    "term_credit": 18,
    "correction": 20,
    "reregistration": 14,
    "absence": 4,
}


@pytest.fixture(scope="module")
def office(module_engine):
    return open_http_office(module_engine, Settings(demo="off", secret_key="s" * 40, identity_key="i" * 40, rulebooks_dir=OWN_LAW))


def told_spans(standing):
    return sorted(standing["sanctions"], key=lambda s: (s["from"], s["kind"], s["until"], s["ground"]))


def expected_spans(spans):
    return [
        span | {side: span[side] and span[side].isoformat() for side in ("from", "until", "state_until")}
        for span in spans
    ]


def check_answers(office, file, history, rng):
    """What the API tells of a few days is what the model says."""
    days = days_of_interest(history, plain.fold(history.entries, RULEBOOKS))
    for day in rng.sample(days, min(DAYS_ASKED, len(days))):
        told = office.call("clerk", "GET", f"/practitioners/{file.person}/standing?as_of={day}")
        expected = answers.standing(history.entries, RULEBOOKS, history.registrations, day)
        assert (told["points"], told["status"]) == (expected["points"], expected["status"]), (
            day,
            history.operations,
        )
        assert told["may_reapply"] == expected["may_reapply"], (day, history.operations)
        assert told_spans(told) == expected_spans(expected["sanctions"]), (day, history.operations)
        line = office.call("clerk", "GET", f"/eligibility/{file.person}?service_time={day}")
        payable, reason = answers.payable(plain.fold(history.entries, RULEBOOKS), history.registrations, day)
        assert (line["payable"], line["reason"]) == (payable, reason), (day, history.operations)


def check_history(office, rng, number):
    book = ("chifeng", "chifeng", "hunan", "liaoning", "tianjin")[number % 5]
    history = histories.random_history(rng, length=9, books=(book,), weights=WEIGHTS)
    file = drive(HttpFile, office, history, book)
    check_answers(office, file, history, rng)
    with office.work() as work:
        check_every_day(work, file, history)
        check_cache(work, file, history)
    return {operation["kind"] for operation in history.operations if not operation.get("refused")}


def check_histories(office, seed, how_many):
    rng = Random(f"http {seed}")
    admitted = set().union(*(check_history(office, rng, number) for number in range(how_many)))
    assert admitted >= {"score", "correction"}
    assert check_standings(office.service)[1] == []
    assert verify_ledger(office.service)[1] == []


@pytest.mark.parametrize("seed", range(8))
def test_over_http_the_service_agrees_with_the_plain_model(office, seed):
    check_histories(office, seed, HISTORIES_A_TEST)


@pytest.mark.soak
def test_over_http_the_service_agrees_with_the_plain_model_on_many_histories(office):
    check_histories(office, "soak", HISTORIES_IN_A_SOAK)
