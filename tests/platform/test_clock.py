from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from scoring_service.clock import SimulatedClock, make_clock, start_clock
from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.db.tables import clock_state
from scoring_service.problems import Problem
from scoring_service.settings import Settings, SettingsError

START = datetime(2025, 1, 1, tzinfo=CIVIL_ZONE)
SIMULATED = Settings(clock="simulated", clock_start=START)


@pytest.fixture
def clock(conn) -> SimulatedClock:
    conn.execute(delete(clock_state))
    start_clock(conn, SIMULATED)
    return make_clock(SIMULATED)


def test_the_simulated_clock_stands_still_and_each_recorded_change_moves_it(conn, clock):
    assert clock.now(conn) == clock.now(conn) == START
    assert clock.record(conn) == START + timedelta(microseconds=1)
    assert clock.record(conn) == clock.now(conn) == START + timedelta(microseconds=2)


def test_it_goes_forward_only_and_a_restart_goes_on_from_it(conn, clock):
    later = datetime(2025, 5, 9, 1, 30, tzinfo=UTC)
    assert clock.advance(conn, later) == later
    assert clock.now(conn).utcoffset() == timedelta(hours=8)
    with pytest.raises(Problem) as caught:
        clock.advance(conn, START)
    assert (caught.value.status, caught.value.code) == (409, "clock_backwards")
    start_clock(conn, SIMULATED)
    assert clock.now(conn) == later


def test_a_first_start_needs_an_instant(conn):
    conn.execute(delete(clock_state))
    with pytest.raises(SettingsError, match="SCORING_CLOCK_START"):
        start_clock(conn, Settings(clock="simulated"))


def test_the_system_clock_tells_civil_time_and_cannot_be_set(conn):
    clock = make_clock(Settings())
    assert clock.now(conn).tzinfo is CIVIL_ZONE
    assert abs(clock.now(conn) - datetime.now(UTC)) < timedelta(seconds=5)
    with pytest.raises(Problem):
        clock.advance(conn, START)
