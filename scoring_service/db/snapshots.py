"""Transactions that read one state of the whole database, whatever is changed meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


@contextmanager
def unmoved(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that reads one state of the whole database and cannot write."""
    with _reading(engine) as conn:
        wait_long(conn)
        yield conn


def wait_long(conn: Connection) -> None:
    """Let this transaction stand for as long as it stands: between two reads the spans of a whole province are made."""
    conn.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def read_long(conn: Connection) -> None:
    """Let the statements of this transaction take as long as they take: a whole country is read."""
    conn.execute(text("SET LOCAL statement_timeout = 0"))


def shared_state(conn: Connection) -> str:
    """Return the name under which `unmoved_as` reads the state of this transaction for as long as it is open."""
    name: str = conn.execute(text("SELECT pg_export_snapshot()")).scalar_one()
    return name


@contextmanager
def unmoved_as(engine: Engine, state: str) -> Iterator[Connection]:
    """Open a transaction as `unmoved` does, which reads the state that another one shares."""
    with _reading(engine) as conn:
        conn.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{state}'")
        wait_long(conn)
        yield conn


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as plain:
        conn = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with conn.begin():
            yield conn
