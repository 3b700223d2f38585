"""The engines: the application's, whose login may not change the ledger, and the owner's."""

import select
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import NullPool

from scoring_service.core.civil import CIVIL_ZONE

APPLICATION_ROLE = "scoring_app"
CONNECT_TIMEOUT_SECONDS = 5
POOL_TIMEOUT_SECONDS = 10
IDLE_IN_TRANSACTION_SECONDS = 120


def make_engine(
    url: str, *, pool_size: int = 8, statement_timeout_seconds: int = 30, pooled: bool = False
) -> Engine:
    """The application's engine, in civil time and with a limit on each statement.

    `pooled`: a pooler may lend the sessions behind it to others between two transactions. Nothing is prepared in them
    then, and the limits are the login's own (`runtime.pooling`); the time zone is what poolers carry along.
    """
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=2,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_recycle=1800,
        connect_args=_connect_args() | ({"prepare_threshold": None} if pooled else {}),
    )
    limits = {} if pooled else session_limits(statement_timeout_seconds)
    _on_connect(engine, _settings_of_session(limits))
    event.listen(engine, "checkout", _refuse_closed)
    event.listen(engine, "handle_error", _give_up)
    return engine


def make_session_engine(url: str, *, statement_timeout_seconds: int = 30) -> Engine:
    """The application's engine for what keeps a session to itself: each connection is a new one."""
    engine = create_engine(url, poolclass=NullPool, connect_args=_connect_args())
    _on_connect(engine, _settings_of_session(session_limits(statement_timeout_seconds)))
    return engine


def session_limits(statement_timeout_seconds: int) -> dict[str, str]:
    """The limits of the application's sessions, as PostgreSQL writes them."""
    return {
        "statement_timeout": f"{statement_timeout_seconds}s",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
    }


def _settings_of_session(limits: Mapping[str, str]) -> str:
    return "; ".join(f"SET {name} = '{value}'" for name, value in {"TimeZone": CIVIL_ZONE.key, **limits}.items())


def make_owner_engine(url: str) -> Engine:
    """The owner's engine, for migrations and maintenance: no pool, no limit on a statement."""
    engine = create_engine(url, poolclass=NullPool, connect_args=_connect_args())
    # A login may have limits of its own.
    limits = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}
    _on_connect(engine, _settings_of_session(limits))
    return engine


def driver_arguments(url: str) -> dict[str, Any]:
    """What psycopg connects by, for an address as the engines take it."""
    address = make_url(url)
    return dict(address.get_dialect()().create_connect_args(address)[1])


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


def _give_up(context: ExceptionContext) -> None:
    """Give up the connections to a server that became a replica under them: new ones look for the primary.

    And one that is closed, whatever error told it: behind a pooler that is not the one of a lost connection.
    """
    connection = context.connection
    is_closed = connection is not None and not connection.invalidated and _is_closed(connection)
    if is_closed or isinstance(context.original_exception, ReadOnlySqlTransaction):
        context.is_disconnect = True


def _is_closed(connection: Connection) -> bool:
    driver = connection.connection.driver_connection
    return isinstance(driver, psycopg.Connection) and driver.closed


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
