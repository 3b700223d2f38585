"""A pooler that lends one session to several connections: taken for transactions, refused for what needs a session."""

from pathlib import Path

import pytest
import structlog
from database_addresses import application_url, through
from pooler import pooler
from sqlalchemy import text

from scoring_service.db.engine import make_owner_engine
from scoring_service.db.locks import Lock, alone
from scoring_service.runtime import pooling
from scoring_service.runtime.pooling import are_shared
from scoring_service.runtime.start import application_service, keyed, prepare, running_database
from scoring_service.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("mine", "theirs", "shared"),
    [
        ([5, 5, 5], [6, 6], False),  # a session each
        ([5, 5, 5], [5, 5], True),  # the session of one is lent to the other
        ([5, 6, 5], [7, 7], True),  # one connection is moved between sessions
        ([5, 5, 6], [6, 5], True),  # the sessions take turns
    ],
)
def test_sessions_are_told_apart_by_their_numbers(mine, theirs, shared):
    assert are_shared(mine, theirs) is shared


@pytest.fixture
def settings(fresh_url, tmp_path):
    """Settings of a service on a server of its own, reached without a pooler."""
    return Settings(data_dir=tmp_path, database_url=application_url(fresh_url), demo="off")


@pytest.fixture(scope="module")
def lending(server):
    """The port of a PgBouncer that lends two sessions to all, transaction by transaction."""
    with pooler(server.url(), sessions=2) as port:
        yield port


def changed(settings, **urls):
    return Settings(**{name: getattr(settings, name) for name in ("data_dir", "database_url", "demo")} | urls)


def test_a_pooler_is_refused_where_it_lends_what_needs_a_session(settings, fresh_url, lending, server, database_url):
    pooled, direct = through(lending, fresh_url), settings.database_url
    both_pooled = through(lending, fresh_url) + "?application_name=other"
    refusals = {
        r"DATABASE_URL leads to a pooler.*Set SCORING_DATABASE_DIRECT_URL.*pool_mode = session": {"database_url": pooled},
        r"DATABASE_DIRECT_URL leads to a pooler": {"database_url": pooled, "database_direct_url": both_pooled},
        r"lead to different databases": {"database_url": pooled, "database_direct_url": application_url(database_url)},
        r"different logins": {"database_url": pooled, "database_direct_url": fresh_url},
    }
    for refusal, urls in refusals.items():
        wrong = changed(settings, **urls)
        for start in (prepare, keyed):
            with pytest.raises(SettingsError, match=refusal):
                start(wrong, running_database(wrong))
    assert list(settings.data_dir.iterdir()) == []
    for taken in ({}, {"database_url": pooled, "database_direct_url": direct}):
        keyed(changed(settings, **taken), running_database(changed(settings, **taken)))


def test_a_pooler_in_session_mode_is_taken(settings, monkeypatch):
    numbers = {}
    monkeypatch.setattr(pooling, "_session", lambda conn: numbers.setdefault(conn, -len(numbers) - 1))
    keyed(settings, running_database(settings))


def test_behind_a_pooler_time_zone_and_limits_hold_and_locks_keep_their_sessions(settings, fresh_url, lending):
    pooled = changed(settings, database_url=through(lending, fresh_url), database_direct_url=settings.database_url)
    addresses = running_database(pooled)
    spoil(fresh_url)
    with structlog.testing.capture_logs() as logs:
        keyed(pooled, addresses)
        keyed(pooled, addresses)
    # Sessions of before are told of; these end at the administrator's RECONNECT, here with their database's connections.
    assert {line["event"] for line in logs} <= {"the pooler has sessions without the limits of today: let it RECONNECT"}
    end_sessions(fresh_url)
    service = application_service(keyed(pooled, addresses), addresses)
    shown = "SELECT current_setting('TimeZone') || ' ' || current_setting('statement_timeout')"
    for _ in range(4):
        with service.engine.begin() as conn:
            assert conn.execute(text(shown)).scalar_one() == "Asia/Shanghai 30s"
            assert conn.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one() == 0
    with alone(service.session_engine, Lock.IMPORTS) as first, alone(service.session_engine, Lock.IMPORTS) as second:
        assert (first, second) == (True, False)
    with alone(service.session_engine, Lock.IMPORTS) as again:
        assert again
    service.dispose()


def spoil(url):
    """Give the service's login other defaults, as an administrator may have."""
    owner = make_owner_engine(url)
    with owner.begin() as conn:
        database = conn.execute(text("SELECT current_database()")).scalar_one()
        conn.execute(text(f"ALTER ROLE scoring_app IN DATABASE {database} SET TimeZone = 'UTC'"))
    owner.dispose()


def end_sessions(url):
    owner = make_owner_engine(url)
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with owner.begin() as conn:
        conn.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}"))
    owner.dispose()
