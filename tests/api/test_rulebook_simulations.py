"""A draft tried on a year over HTTP: what it answers to whom, and what it refuses."""

import pytest
from api_office import make_office, make_test_service
from case_calls import answered, refused
from draft_calls import file_with, proposed
from eligibility_city import City
from sqlalchemy import func, select

from scoring_service.db.tables.schema import metadata
from scoring_service.services.simulation import drafts

MONTHS = "suspension_months.single.9"
DRAFT = "/rulebooks/national/drafts/1"
YEAR = {"year": 2025}


@pytest.fixture
def city(fresh_engine):
    """Two people of one hospital, one suspended by nine points and the other scored three; a draft makes it three months."""
    city = City(make_office(make_test_service(fresh_engine)))
    hospital = city.institution()
    city.people = [city.person(hospital) for _ in range(2)]
    for person, points in zip(city.people, (9, 3), strict=True):
        city.score(person, hospital, points)
    city.hospital, city.day = hospital, city.now().date()
    proposed(city.admin, file_with("2025-07-01", "3", MONTHS))
    return city


def test_a_draft_is_tried_on_the_year_and_says_who_would_have_been_suspended_for_longer(city):
    tried = answered(city.admin.post(f"{DRAFT}/simulate", YEAR))
    assert (tried["year"], tried["rulebook"]["id"], tried["rulebook"]["valid_from"]) == (2025, "national", "2025-07-01")
    assert (tried["entries"], tried["persons"], tried["changed"], tried["outside"]) == (2, 2, 1, 0)
    assert tried["everywhere"] is False
    assert tried["applied"] == [{"rulebook": "chifeng", "entries": 2, "replaced": True}]
    counts = {"person_times": 2, "warned": 1, "suspended": 1, "terminated": 0, "terminated_days": 0, "measures": 0}
    for side in ("before", "after"):
        assert tried[side] | counts == tried[side]
    assert 27 < tried["after"]["suspended_days"] - tried["before"]["suspended_days"] < 32
    assert [(one["code"], one["name"]) for one in tried["by_institution"]] == [(city.hospital, "安和机构")]
    assert [one["key"] for one in tried["by_band"]] == ["minor", "serious"]
    assert [one["key"] for one in tried["by_category"]] == ["doctor"]
    [person] = tried["people"]
    assert person["code"] == city.people[0]
    assert person["warnings_before"] == person["warnings_after"] == []
    [change] = person["changes"]
    assert change["before"]["from"] == change["after"]["from"]
    assert change["before"]["until"] < change["after"]["until"]


def test_nothing_but_the_audit_is_written(city):
    def rows():
        with city.office.service.engine.connect() as conn:
            return {table.name: conn.execute(select(func.count()).select_from(table)).scalar_one() for table in metadata.sorted_tables}

    before = rows()
    answered(city.admin.post(f"{DRAFT}/simulate", YEAR))
    changed = {name for name, count in rows().items() if count != before[name]}
    assert changed == {"audit_log"}
    deeds = answered(city.office.client_for("office.auditor").get("/audit?action=rulebook.simulated"))["items"]
    assert [(deed["object_id"], deed["detail"]["year"]) for deed in deeds] == [("national", 2025)]


def test_the_regulator_is_told_the_counts_alone_and_others_nothing(city):
    tried = answered(city.office.client_for("regulator").post(f"{DRAFT}/simulate", YEAR))
    assert (tried["changed"], tried["people"]) == (1, None)
    for role in ("office.clerk", "office.reviewer", "settlement", "expert"):
        assert city.office.client_for(role).post(f"{DRAFT}/simulate", YEAR).status_code == 403


def test_a_year_to_come_a_wrong_one_and_one_that_is_too_large_are_refused(city, monkeypatch):
    later = refused(city.admin.post(f"{DRAFT}/simulate", {"year": 2027}), 422, "invalid")
    assert later["errors"][0]["pointer"] == "/year"
    for wrong in ({}, {"year": "2025"}, {"year": 1999}, YEAR | {"month": 1}):
        assert city.admin.post(f"{DRAFT}/simulate", wrong).status_code == 422
    refused(city.admin.post("/rulebooks/national/drafts/7/simulate", YEAR), 404, "not_found")
    assert answered(city.admin.post(f"{DRAFT}/simulate", {"year": 2024}))["entries"] == 0
    monkeypatch.setattr(drafts, "MOST_ENTRIES", 1)
    assert refused(city.admin.post(f"{DRAFT}/simulate", YEAR), 409, "year_too_large")["entries"] == 2


def test_while_one_simulation_runs_another_is_asked_to_wait(city, monkeypatch):
    monkeypatch.setattr(drafts, "WAIT_SECONDS", 0)
    with drafts._place:
        answer = city.admin.post(f"{DRAFT}/simulate", YEAR)
    assert refused(answer, 503, "simulation_running")
    assert answer.headers["Retry-After"]
    assert answered(city.admin.post(f"{DRAFT}/simulate", YEAR))["changed"] == 1
