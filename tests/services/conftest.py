"""What the tests of use cases stand on: a database without rows, whatever other tests have committed."""

import pytest
from case_world import build, make_service


@pytest.fixture
def empty(module_engine):
    """A connection to the module's own database, in a transaction that is rolled back."""
    with module_engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        if transaction.is_active:
            transaction.rollback()


@pytest.fixture
def world(module_engine, empty):
    return build(make_service(module_engine), empty)
