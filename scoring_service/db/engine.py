"""Two engines: the application's (role `scoring_app`, may not change the ledger) and the owner's."""

import select
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import NullPool

from scoring_service.core.civil import CIVIL_ZONE

APPLICATION_ROLE = "scoring_app"
CONNECT_TIMEOUT_SECONDS = 5
POOL_TIMEOUT_SECONDS = 10


def make_engine(url: str, *, pool_size: int = 8, statement_timeout_seconds: int = 30) -> Engine:
    """The application's engine: role `scoring_app`, civil time, a limit on each statement."""
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=2,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_recycle=1800,
        connect_args=_connect_args(),
    )
    _on_connect(
        engine,
        f"SET ROLE {APPLICATION_ROLE}; SET TIME ZONE '{CIVIL_ZONE.key}';"
        f" SET statement_timeout = '{statement_timeout_seconds}s';"
        " SET idle_in_transaction_session_timeout = '120s'",
    )
    event.listen(engine, "checkout", _refuse_closed)
    return engine


def make_owner_engine(url: str) -> Engine:
    """The owner's engine, for migrations and maintenance: no `SET ROLE`, no pool, no limit on a statement."""
    engine = create_engine(url, poolclass=NullPool, connect_args=_connect_args())
    _on_connect(engine, f"SET TIME ZONE '{CIVIL_ZONE.key}'")
    return engine


def _connect_args() -> dict[str, Any]:
    return {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "application_name": "scoring-service",
        "prepare_threshold": 3,
    }


def _on_connect(engine: Engine, statement: str) -> None:
    def set_session(connection: Any, _record: Any) -> None:
        before = connection.autocommit
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.autocommit = before

    event.listen(engine, "connect", set_session)


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Drop a pooled connection that the server has closed, without asking the server.

    An idle connection has nothing to read; when it has, that is the server's farewell. It costs a system call
    where a ping costs a round trip.
    """
    if connection.closed:
        raise DisconnectionError("the connection is closed")
    poller = select.poll()
    poller.register(connection.fileno(), select.POLLIN)
    if poller.poll(0):
        raise DisconnectionError("the server has closed the connection")
