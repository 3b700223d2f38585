import pytest
from case_world import build, make_service


@pytest.fixture
def world(engine, conn):
    return build(make_service(engine), conn)
