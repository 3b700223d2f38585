"""The service over HTTP, on the worker's PostgreSQL, with real tokens.

What tests commit here stays for the worker's other tests, so each takes names of its own: `fresh_code`,
`fresh_staff_no` and `token_for` never give the same one twice. The simulated clock starts at CLOCK_START, and goes
forward only: a test that moves it far takes `alone` (an application on a database of its own).
"""

from collections.abc import Callable, Iterator

import pytest
from api_office import Client, Office, make_office, make_test_service
from database_addresses import application_engine
from flask import Flask
from sqlalchemy import Engine

from scoring_service.services.unit_of_work.transaction import Service


@pytest.fixture(scope="session")
def engine(committed_url: str) -> Iterator[Engine]:
    """The application's engine on the database that this folder's tests commit into."""
    engine = application_engine(committed_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def service(engine: Engine) -> Service:
    return make_test_service(engine)


@pytest.fixture(scope="session")
def office(service: Service) -> Office:
    return make_office(service)


@pytest.fixture(scope="session")
def app(office: Office) -> Flask:
    return office.app


@pytest.fixture(scope="session")
def client_for(office: Office) -> Callable[..., Client]:
    """`client_for("office.clerk", region="1504")`: a client of a new account, with a staff number of its own."""
    return office.client_for


@pytest.fixture(scope="session")
def token_for(office: Office) -> Callable[..., str | None]:
    """The bare token of a new account, for what the client does not do."""
    return lambda *roles, **bound: office.client_for(*roles, **bound).token


@pytest.fixture
def stranger(office: Office) -> Client:
    return office.stranger()


@pytest.fixture
def alone(fresh_engine: Engine) -> Office:
    """An application on a database of its own, for a test that moves the clock far, races or breaks things."""
    return make_office(make_test_service(fresh_engine))
