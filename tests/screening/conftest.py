"""The cluster is started once, by the first long check that asks for it."""

import pytest
from screening.two_workers import session_of_two_workers


@pytest.fixture(scope="session")
def cluster():
    with session_of_two_workers() as session:
        yield session
