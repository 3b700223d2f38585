import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from scoring_service.db.engine import make_engine
from scoring_service.runtime.addresses import DatabaseUnreachable
from scoring_service.runtime.embedded import EmbeddedServer
from scoring_service.runtime.start import keyed, running_database
from scoring_service.settings import Settings, SettingsError


def test_the_application_acts_as_its_own_role_in_civil_time(conn):
    assert conn.execute(text("SELECT current_user")).scalar_one() == "scoring_app"
    assert conn.execute(text("SHOW timezone")).scalar_one() == "Asia/Shanghai"


def test_a_connection_closed_by_the_server_is_replaced_at_checkout(fresh_engine, server):
    with fresh_engine.connect() as connection:
        doomed = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with server.superuser("postgres") as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [doomed])
    with fresh_engine.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != doomed


def test_connections_to_a_server_that_became_a_replica_are_given_up(fresh_engine):
    with fresh_engine.connect() as connection:
        connection.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
        connection.commit()
        with pytest.raises(DBAPIError) as failure:
            connection.execute(text("UPDATE installation SET seeded = 'off'"))
    assert failure.value.connection_invalidated
    with fresh_engine.begin() as connection:
        connection.execute(text("UPDATE installation SET seeded = 'off'"))


@pytest.fixture
def replica(data_dir):
    """The folder of the socket of a server that replays another's log; none sends it any."""
    (data_dir / "postgres" / "standby.signal").touch()
    server = EmbeddedServer(data_dir=data_dir, durable=False)
    server.start()
    yield make_url(server.url()).query["host"]
    server.stop()


def test_of_several_servers_the_primary_is_taken_and_a_replica_alone_is_refused(replica, database_url, tmp_path):
    hosts = ",".join(host.replace("/", "%2F") for host in (replica, make_url(database_url).query["host"]))
    names = {"SCORING_DATA_DIR": str(tmp_path / "own"), "SCORING_DEMO": "off"}
    address = f"postgresql://scoring_app@{hosts}/scoring?target_session_attrs=read-write"
    both = Settings.from_env(names | {"SCORING_DATABASE_URL": address})
    engine = make_engine(both.database_url)
    with engine.connect() as connection:
        assert not connection.execute(text("SELECT pg_is_in_recovery()")).scalar_one()
    engine.dispose()
    alone = Settings.from_env(names | {"SCORING_DATABASE_URL": f"postgresql://scoring_app@/scoring?host={replica}"})
    with pytest.raises(SettingsError, match="SCORING_DATABASE_URL leads to a replica"):
        keyed(alone, running_database(alone))
    address = "postgresql://scoring_app:secret@127.0.0.1:1,127.0.0.2:1/scoring"
    nobody = Settings.from_env(names | {"SCORING_DATABASE_URL": address})
    with pytest.raises(DatabaseUnreachable, match=r"scoring_app:\*\*\*@.*Connection refused") as refusal:
        keyed(nobody, running_database(nobody))
    assert "secret" not in str(refusal.value)
