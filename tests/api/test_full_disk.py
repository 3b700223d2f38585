"""A database without room: reading goes on, writing is refused whole, and with room again all is as before."""

import pytest
from api_office import fresh_code, make_office, make_test_service
from eligibility_city import City
from sqlalchemy import func, select, text

from scoring_service.db.engine import make_owner_engine
from scoring_service.db.tables import audit_log, eligibility_refusals, practitioners
from scoring_service.telemetry.metrics import exposition

# What PostgreSQL raises when a table cannot grow, in the tables that grow by reading and by writing.
FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$
"""
GROWING = ("audit_log", "eligibility_refusals", "practitioners")


@pytest.fixture
def city(fresh_engine):
    return City(make_office(make_test_service(fresh_engine)))


@pytest.fixture
def full(fresh_url):
    """Fill the disk, and make room again."""

    owner = make_owner_engine(fresh_url)

    def run(*statements):
        with owner.begin() as conn:
            for statement in statements:
                conn.execute(text(statement))

    def fill():
        run(FULL, *(f"CREATE TRIGGER no_room BEFORE INSERT ON {table} EXECUTE FUNCTION no_room()" for table in GROWING))

    yield fill, lambda: run("DROP FUNCTION no_room CASCADE")
    owner.dispose()


def count(engine, table):
    with engine.connect() as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def unrecorded(what):
    lines = exposition().decode().splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith(f'scoring_unrecorded_total{{what="{what}"}}'))


def test_reading_goes_on_and_writing_is_refused_whole(city, fresh_engine, full, capsys):
    fill, empty = full
    here = city.institution()
    person = city.person(here)
    city.score(person, here, 10)
    asked = {"service_time": "2025-07-01", "institution": here}
    before = [count(fresh_engine, table) for table in (audit_log, eligibility_refusals, practitioners)]
    looks, refusals = unrecorded("look"), unrecorded("refusal")
    fill()
    assert city.reason(person, **asked) == "suspended"
    batch = city.settlement.post("/eligibility/batch", {"checks": [{"ref": person, **asked}]})
    assert [answer["reason"] for answer in batch.json["results"]] == ["suspended"]
    assert city.clerk.get(f"/practitioners/{person}/standing").status_code == 200
    assert (unrecorded("look") - looks, unrecorded("refusal") - refusals) == (1, 2)
    told = capsys.readouterr().out
    assert "look not recorded" in told
    assert person not in told

    new = {"code": fresh_code(), "name": "李示例", "category": "doctor", "registered_on": "2025-01-01"}
    refused = city.admin.post("/practitioners", new)
    assert (refused.status_code, refused.json["code"]) == (503, "storage_full")
    assert refused.headers["Retry-After"]
    assert [count(fresh_engine, table) for table in (audit_log, eligibility_refusals, practitioners)] == before

    empty()
    assert city.admin.post("/practitioners", new).status_code == 201
    assert city.reason(person, **asked) == "suspended"
    assert count(fresh_engine, eligibility_refusals) == before[1] + 1
