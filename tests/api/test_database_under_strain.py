"""A database that has no connection left, or takes too long: refused in time, written once when it is asked again."""

from contextlib import ExitStack

import pytest
from api_office import fresh_code, make_office, make_test_service
from database_addresses import application_url, owner_engine
from sqlalchemy import func, select, text

from scoring_service.db import engine as engines
from scoring_service.db.tables import institutions

CONNECTIONS = 3


@pytest.fixture
def office(fresh_url, monkeypatch):
    """An office with three connections, a third of a second's patience for one, and a second's for a statement."""
    monkeypatch.setattr(engines, "POOL_TIMEOUT_SECONDS", 0.3)
    engine = engines.make_engine(application_url(fresh_url), pool_size=1, statement_timeout_seconds=1)
    yield make_office(make_test_service(engine))
    engine.dispose()


@pytest.fixture
def registers(office):
    """Register one institution, always by the same call."""
    admin = office.client_for("office.admin")
    agreement = {"from": "2025-01-01", "until": None}
    row = {"code": fresh_code("H"), "name": "同一医院", "kind": "hospital", "region": "150402", "agreement": agreement}
    admin.get("/institutions")

    def register():
        answer = admin.post("/institutions", row, headers={"Idempotency-Key": "once"})
        with owner_engine(office.service.engine).connect() as conn:
            kept = select(func.count()).where(institutions.c.code == row["code"])
            return answer, conn.execute(kept).scalar_one()

    return register


def refused(answer):
    return answer.status_code, answer.json["code"], answer.headers["Retry-After"]


def test_without_a_connection_left_a_call_is_refused_and_written_once_later(office, registers):
    with ExitStack() as held:
        for _ in range(CONNECTIONS):
            held.enter_context(office.service.engine.connect())
        answer, kept = registers()
        assert (*refused(answer), kept) == (503, "unavailable", "5", 0)
    for _ in range(2):
        answer, kept = registers()
        assert (answer.status_code, kept) == (201, 1)


def test_a_statement_that_takes_too_long_is_ended_and_its_act_rolled_back(office, registers):
    with owner_engine(office.service.engine).connect() as conn:
        conn.execute(text("LOCK TABLE agreements IN ACCESS EXCLUSIVE MODE"))
        answer, kept = registers()
        assert (*refused(answer), kept) == (503, "unavailable", "5", 0)
    for _ in range(2):
        answer, kept = registers()
        assert (answer.status_code, kept) == (201, 1)
