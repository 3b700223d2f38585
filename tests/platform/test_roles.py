"""As whom the service signs in: a role that owns nothing and becomes nothing else, on any server."""

import multiprocessing
import uuid
from contextlib import contextmanager
from functools import partial

import psycopg
import pytest
import structlog
from click.testing import CliRunner
from database_addresses import application_engine, application_url
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError

from scoring_service.cli import group
from scoring_service.db.engine import make_owner_engine
from scoring_service.db.migrate import database_revision, head_revision
from scoring_service.runtime.rights import check_login
from scoring_service.runtime.start import MigrationsMissing
from scoring_service.server_account import leave_root, server_account
from scoring_service.settings import Settings, SettingsError

PRODUCTION = Settings(
    env="production", database_url="postgresql+psycopg://h/d", secret_key="s" * 40, identity_key="i" * 40, demo="off"
)
BECOMES_MORE = (
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "RESET ROLE; ALTER TABLE entries DISABLE TRIGGER append_only",
    "RESET SESSION AUTHORIZATION; CREATE ROLE more",
    "GRANT postgres TO scoring_app",
    "SET session_replication_role = replica",
    "CREATE TABLE more (n int)",
    "COPY entries TO PROGRAM 'cat'",
    "ALTER ROLE postgres NOSUPERUSER",
)


def test_the_service_is_a_role_that_owns_nothing_and_becomes_nothing_else(fresh_engine):
    with fresh_engine.connect() as conn:
        assert conn.execute(text("SELECT session_user || ' ' || current_user")).scalar_one() == "scoring_app scoring_app"
    for statement in BECOMES_MORE:
        with pytest.raises(DBAPIError, match=r"permission denied|must be|Only roles"), fresh_engine.begin() as conn:
            conn.execute(text(statement))
    check_login(fresh_engine, PRODUCTION)


def test_the_account_of_the_workers_signs_in_as_the_service_only(server, fresh_url):
    """Without root there is no second account: who started the server is its owner then."""
    logins = multiprocessing.get_context("fork").Queue()
    child = multiprocessing.get_context("fork").Process(target=sign_in_as_all, args=(make_url(fresh_url), logins))
    child.start()
    child.join()
    owner = "refused" if server_account() else "postgres"
    assert logins.get() == {"scoring_app": "scoring_app", "postgres": owner, "pgserver": "refused"}
    assert (server.cluster / "pg_hba.conf").stat().st_mode & 0o777 == 0o600


def sign_in_as_all(address, logins):
    leave_root()
    signed_in = {}
    for role in ("scoring_app", "postgres", "pgserver"):
        try:
            with psycopg.connect(host=address.query["host"], port=5432, user=role, dbname=address.database) as conn:
                signed_in[role] = conn.execute("SELECT session_user").fetchone()[0]
        except psycopg.OperationalError:
            signed_in[role] = "refused"
    logins.put(signed_in)


@contextmanager
def login(url, *attributes):
    """An engine of a new login; `attributes` are what its owner gave it, {} standing for its name."""
    name = f"login_{uuid.uuid4().hex[:8]}"
    owner = make_owner_engine(url)
    with owner.begin() as conn:
        conn.execute(text(f"CREATE ROLE {name} LOGIN"))
        for attribute in attributes:
            conn.execute(text(attribute.format(name)))
    engine = make_owner_engine(url)

    @event.listens_for(engine, "connect")
    def sign_in(connection, _record):
        connection.autocommit = True
        connection.execute(f"SET SESSION AUTHORIZATION {name}")
        connection.autocommit = False

    try:
        yield engine
    finally:
        with owner.begin() as conn:
            conn.execute(text(f"REASSIGN OWNED BY {name} TO postgres; DROP OWNED BY {name}; DROP ROLE {name}"))
        owner.dispose()


MEMBER = "GRANT scoring_app TO {}"


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ([MEMBER, "ALTER ROLE {} SUPERUSER"], "may be a superuser:"),
        ([MEMBER, "ALTER ROLE {} CREATEROLE"], "make roles"),
        ([MEMBER, "ALTER ROLE {} CREATEDB BYPASSRLS"], "make databases, pass over row security:"),
        ([MEMBER, "GRANT postgres TO {}"], "become postgres"),
        ([MEMBER, "GRANT pg_write_all_data TO {}"], "become pg_write_all_data"),
        ([MEMBER, "ALTER TABLE notices OWNER TO {}"], "change tables, which it owns:"),
        (["ALTER TABLE entries OWNER TO {}"], "change tables, which it owns, change the ledger:"),
        ([MEMBER, "GRANT UPDATE ON entries TO {}"], "change the ledger:"),
    ],
)
def test_a_login_that_may_more_is_refused_in_production_and_told_elsewhere(module_url, attributes, told):
    with login(module_url, *attributes) as engine:
        with pytest.raises(SettingsError, match=told):
            check_login(engine, PRODUCTION)
        with structlog.testing.capture_logs() as logs:
            check_login(engine, Settings())
    assert [line["event"] for line in logs] == ["the service's login may more than it needs"]


def test_a_plain_member_is_taken_and_who_is_none_is_told_what_to_grant(module_url):
    with structlog.testing.capture_logs() as logs:
        with login(module_url, MEMBER) as engine:
            check_login(engine, PRODUCTION)
        with login(module_url) as engine, pytest.raises(SettingsError, match=r"GRANT scoring_app TO \"login_"):
            check_login(engine, Settings())
    assert logs == []


@pytest.fixture
def plain_owner(empty_url, server):
    """The address of the owner of an empty database, who has no other right."""
    name, database = f"owner_{uuid.uuid4().hex[:8]}", make_url(empty_url).database
    admin = make_owner_engine(server.url("postgres")).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(text(f"CREATE ROLE {name} LOGIN; ALTER DATABASE {database} OWNER TO {name}"))
    yield f"{empty_url}&options=-crole%3D{name}"
    inside = make_owner_engine(empty_url)
    with inside.begin() as conn:
        conn.execute(text(f"ALTER DATABASE {database} OWNER TO postgres; DROP OWNED BY {name}; DROP ROLE {name}"))
    inside.dispose()
    admin.dispose()


def test_an_owner_who_is_no_superuser_migrates_and_the_service_does_not(plain_owner, empty_url, tmp_path, monkeypatch):
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SCORING_DATABASE_URL", application_url(empty_url))
    migrate = partial(CliRunner().invoke, group, ["migrate"], catch_exceptions=False)
    with pytest.raises(MigrationsMissing, match="SCORING_DATABASE_OWNER_URL"):
        migrate()
    monkeypatch.setenv("SCORING_DATABASE_OWNER_URL", plain_owner)
    assert migrate().exit_code == 0
    # At the newest schema the service starts without the owner's address.
    monkeypatch.delenv("SCORING_DATABASE_OWNER_URL")
    assert migrate().exit_code == 0
    engine = application_engine(empty_url)
    check_login(engine, PRODUCTION)
    assert database_revision(engine) == head_revision()
    engine.dispose()
