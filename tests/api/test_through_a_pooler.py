"""The service over HTTP through a PgBouncer that lends its sessions from transaction to transaction.

The whole folder is run so by `make soak`.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from api_office import make_office, make_test_service
from database_addresses import application_url, through
from eligibility_city import City
from pooler import pooler
from sqlalchemy import text

from scoring_service.db.engine import make_engine, make_session_engine

FOLDER = Path(__file__).parent


@pytest.fixture
def city(server, fresh_url):
    """An office whose transactions share two sessions, and a settlement system beside it."""
    with pooler(server.url(), sessions=2) as port:
        engine = make_engine(through(port, fresh_url), pooled=True)
        sessions = make_session_engine(application_url(fresh_url))
        yield City(make_office(replace(make_test_service(engine), sessions=sessions)))
        engine.dispose()
        sessions.dispose()


def test_cases_and_settlement_go_through_a_pooler_that_lends_two_sessions_to_all(city):
    here = city.institution()
    people = [city.person(here) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda person: city.score(person, here, 10), people[:3]))
        asked = {"service_time": "2025-07-01", "institution": here}
        answers = list(threads.map(lambda person: city.ask(person, **asked), people * 3))
    assert [answer["payable"] for answer in answers] == [False, False, False, True, True, True] * 3
    with city.office.service.engine.connect() as conn:
        assert conn.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one() == 0


@pytest.mark.soak
def test_the_whole_folder_goes_through_a_pooler():
    environment = os.environ | {"SCORING_TEST_POOLER": "transaction"}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-m", "not soak", str(FOLDER)]
    run = subprocess.run(command, env=environment, cwd=FOLDER.parents[1], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-4000:]
