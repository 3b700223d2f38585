"""The demo year: planned the same each time, recorded through the use cases, counted from the ledger."""

from dataclasses import replace
from datetime import datetime

import pytest

from scoring_service.clock import SHANGHAI
from scoring_service.demo import record
from scoring_service.demo.plan import make_plan
from scoring_service.services.ledger_check import check_standings, verify_ledger
from scoring_service.services.statistics import statistics_of
from scoring_service.settings import Settings

FIGURES = ("institutions", "person_times", "suspended", "terminated")


@pytest.fixture
def service(fresh_engine):
    from scoring_service.assembly import make_service

    return make_service(Settings(demo="full", secret_key="s" * 40, identity_key="i" * 40), fresh_engine)


def figures(service, **question):
    with service.work() as work:
        told = statistics_of(work, year=2025, **question)
    return tuple(told[name] for name in FIGURES)


def shortened(plan, count):
    """The plan's first cases with the people and places that they need."""
    cases = plan.cases[:count]
    codes = {finding.practitioner for case in cases for finding in case.findings} | {plan.doctor}
    people = tuple(one for one in plan.practitioners if one.code in codes)
    people = tuple(replace(one, second_institution=None) for one in people)
    places = {one.institution for one in people} | {case.institution for case in cases} | {plan.clinic}
    institutions = tuple(one for one in plan.institutions if one.code in places)
    return replace(plan, cases=cases, practitioners=people, institutions=institutions)


def test_the_plan_is_the_same_at_every_call():
    plan = make_plan()
    assert plan == make_plan()
    assert len({one.code for one in plan.practitioners}) == len(plan.practitioners)
    assert len({case.document_no for case in plan.cases}) == len(plan.cases)


def test_what_is_recorded_is_what_is_counted(service, monkeypatch):
    plan = shortened(make_plan(), 12)
    monkeypatch.setattr(record, "make_plan", lambda: plan)
    record.seed(service, "full")
    scored = [finding for case in plan.cases for finding in case.findings]
    assert figures(service)[:2] == (len({case.institution for case in plan.cases}), len(scored))
    half = plan.cases[6].drafted_at.replace(hour=0, minute=0)
    known = [case for case in plan.cases if case.approved_at < half]
    assert figures(service, known_at=half)[1] == sum(len(case.findings) for case in known)


def test_a_case_without_approval_does_not_count(service, monkeypatch):
    plan = shortened(make_plan(), 6)
    never = replace(plan.cases[0], approved_at=datetime(2999, 1, 1, tzinfo=SHANGHAI))
    monkeypatch.setattr(record, "make_plan", lambda: replace(plan, cases=(never, *plan.cases[1:])))
    record.seed(service, "full")
    assert figures(service)[1] == sum(len(case.findings) for case in plan.cases[1:])


@pytest.mark.soak
def test_the_whole_year_gives_the_published_totals(service):
    record.seed(service, "full")
    assert figures(service) == (328, 914, 15, 4)
    with service.work() as work:
        half = statistics_of(work, year=2025, known_at=datetime(2025, 7, 1, tzinfo=SHANGHAI))
    assert 0 < half["person_times"] < 914
    assert verify_ledger(service)[1] == check_standings(service)[1] == []
