"""A running application outlives a restart of its database."""

from contextlib import ExitStack

import pytest
from database_addresses import application_engine
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from scoring_service.db.engine import make_engine
from scoring_service.db.migrate import upgrade
from scoring_service.runtime.embedded import EmbeddedServer, embedded_database


def test_the_engine_reconnects_after_the_server_came_back(tmp_path):
    server = EmbeddedServer(data_dir=tmp_path, durable=False)
    server.start()
    try:
        upgrade(server.url())
        engine = application_engine(server.url())
        with engine.connect() as conn:
            conn.execute(text("SELECT 1"))
        server.stop()
        with pytest.raises(OperationalError), engine.connect():
            pass
        server.start()
        with engine.connect() as conn:
            assert conn.execute(text("SELECT 1")).scalar_one() == 1
        engine.dispose()
    finally:
        server.stop()


def test_the_last_to_leave_stops_the_server(tmp_path):
    data_dir = tmp_path / "the clerk's data"
    with ExitStack() as last:
        with embedded_database(data_dir) as first:
            assert last.enter_context(embedded_database(data_dir)) == first
        assert EmbeddedServer(data_dir=data_dir).addresses() == first
        engine = make_engine(first.application)
        upgrade(first.owner)
        with engine.connect() as conn:
            assert conn.execute(text("SELECT 1")).scalar_one() == 1
        engine.dispose()
    assert EmbeddedServer(data_dir=data_dir).url() is None


def test_nobody_else_may_look_into_the_cluster(server):
    assert server.cluster.stat().st_mode & 0o777 == 0o700
    with server.superuser("postgres") as conn:
        assert conn.execute("SHOW listen_addresses").fetchone() == ("",)
