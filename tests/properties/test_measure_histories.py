"""Measures, their liftings and their corrections among all nine kinds of entry, under the shipped law (scheme.md 2.1 to 2.5)."""

from collections import Counter
from datetime import date
from random import Random

import pytest
from model import applications, histories
from model.rulebooks import SHIPPED
from model.working_days import published
from properties.agreement import check_cache, check_every_day, check_past_knowledge
from properties.http_histories import HttpFile, open_http_office
from properties.served_histories import PLACES, ServedFile
from properties.stepwise import Knowledge, Record, Steps

from scoring_service.core.entries import EntryKind
from scoring_service.services.standing.proof import check_standings, verify_ledger
from scoring_service.settings import Settings

HISTORIES, HISTORIES_IN_A_SOAK = 18, 200
BOOKS = ("chifeng", "liaoning", "hunan")
CALENDAR = published()
WEIGHTS = applications.WEIGHTS | {"measure": 24, "measure_lifted": 26, "correction": 22}
# What comes of measures in every run.
MET = ("measures taken back", "measures taken back after a lifting", "measure_ended")
CLOSED = date(2031, 1, 2)


@pytest.fixture
def office(fresh_engine):
    """A database of its own: a year is closed once."""
    return open_http_office(fresh_engine, Settings(demo="off", secret_key="s" * 40, identity_key="i" * 40))


def random_histories(seed, how_many):
    """The place of work and the history, of each rulebook in turn."""
    rng = Random(f"measures {seed}")
    for number in range(how_many):
        home = BOOKS[number % len(BOOKS)]
        yield home, histories.random_history(
            rng,
            SHIPPED,
            length=14,
            books=(home,),
            weights=WEIGHTS,
            points=histories.FEWER_POINTS,
            acts=applications.ACTS,
            days=applications.next_day,
            working_days=CALENDAR,
        )


def count_measures(history, counted):
    """How measures went: posted, lifted, refused because they had ended, taken back before or after a lifting."""
    kinds = {entry["seq"]: entry["kind"] for entry in history.entries}
    lifted = set()
    for entry in history.entries:
        counted[entry["kind"]] += 1
        if entry["kind"] == "measure_lifted":
            lifted.add(entry["target"])
        if entry["kind"] == "correction" and kinds[entry["target"]] == "measure":
            counted["measures taken back"] += 1
            counted["measures taken back after a lifting"] += entry["target"] in lifted
    counted["measure_ended"] += sum(each.get("refused") == "measure_ended" for each in history.operations)


def check_closed_years(office, driven, record, counted):
    """A closed year changes no arithmetic: what was told of a day is told again after it."""
    office.at(CLOSED)
    for year in range(2025, CLOSED.year):
        counts = office.call("admin", "POST", "/jobs/year-close/runs", {"period": str(year)})["counts"]
        counted[EntryKind.YEAR_CLOSED] += counts["files"]
    for steps in driven:
        now = Knowledge(entries=steps.history.entries, registrations=steps.history.registrations, clocks={})
        steps.compare("standings after the close", steps.file, now, steps.some_day(now))
    assert record.differences == []


def check_measures(way, office, seed, how_many):
    rng, record, counted, driven = Random(f"days {seed}"), Record(), Counter(), []
    for home, history in random_histories(seed, how_many):
        steps = Steps(way, office, history, home, rng=rng, record=record)
        driven.append(steps)
        count_measures(history, counted)
        with office.work() as work:
            check_every_day(work, steps.file, history)
            check_past_knowledge(work, steps.file, history, rng)
            check_cache(work, steps.file, history)
    check_closed_years(office, driven, record, counted)
    print(f"{way.__name__}: {record}; {dict(counted)}")  # noqa: T201 -- figures for the record
    assert set(PLACES) > set(BOOKS)
    assert set(EntryKind) <= set(counted), set(EntryKind) - set(counted)
    assert all(counted[name] > 0 for name in MET), counted
    assert check_standings(office.service)[1] == []
    assert verify_ledger(office.service)[1] == []


def test_the_use_cases_agree_with_the_plain_model(office):
    check_measures(ServedFile, office, "services 2", HISTORIES)


def test_the_api_agrees_with_the_plain_model(office):
    check_measures(HttpFile, office, "http 2", HISTORIES)


@pytest.mark.soak
def test_the_api_agrees_with_the_plain_model_on_many_histories(office):
    check_measures(HttpFile, office, "http, soak", HISTORIES_IN_A_SOAK)
