"""Reads that a replica may answer: it is asked only when it has replayed all that the primary knew at the question."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import create_engine, func, make_url, select, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.pool import NullPool

from scoring_service.core.civil import CIVIL_ZONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine

# A replica that is further behind is left out of this question.
WAIT_SECONDS = 2.0
CONNECT_TIMEOUT_SECONDS = 2
_WRITTEN = text("SELECT pg_current_wal_insert_lsn()::text")
_REPLAYED = text("SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= CAST(:written AS pg_lsn)")

_log = structlog.get_logger("scoring_service.replicas")


class Replicas:
    """The replicas that the operator named, each asked on connections of its own."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._engines = [_engine(url) for url in urls]

    def caught_up(self, primary: Engine) -> Engine | None:
        """Return the first replica that has replayed all that is committed on `primary` by now; None without one.

        One that does not answer, is behind for longer than WAIT_SECONDS, or is no replica is told in the log.
        """
        if not self._engines:
            return None
        with primary.connect() as conn:
            written: str = conn.execute(_WRITTEN).scalar_one()
        for engine in self._engines:
            trouble = _trouble(engine, written)
            if trouble is None:
                return engine
            _log.warning("replica left out", replica=_name(engine), because=trouble)
        return None

    def states(self) -> list[dict[str, Any]]:
        """Return of each replica its host, its state, and by how many seconds its last change is past."""
        return [{"replica": _name(engine)} | _state(engine) for engine in self._engines]


def _engine(url: str) -> Engine:
    return create_engine(
        url,
        poolclass=NullPool,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "application_name": "scoring-service",
            "options": f"-c TimeZone={CIVIL_ZONE.key}",
        },
    )


def _name(engine: Engine) -> str:
    address = make_url(engine.url)
    return str(address.host or address.query.get("host", "")) + (f":{address.port}" if address.port else "")


def _trouble(engine: Engine, written: str) -> str | None:
    """Return why the replica cannot answer, None when it has replayed up to `written`."""
    until = time.monotonic() + WAIT_SECONDS
    try:
        with engine.connect() as conn:
            while not _has_replayed(conn, written):
                if not _is_replica(conn):
                    return "it is no replica"
                if time.monotonic() > until:
                    return f"it is behind for longer than {WAIT_SECONDS:g} s"
                conn.rollback()
                time.sleep(0.05)
    except (OperationalError, InterfaceError):
        return "it does not answer"
    return None


def _has_replayed(conn: Connection, written: str) -> bool:
    return conn.execute(_REPLAYED, {"written": written}).scalar_one() is True


def _is_replica(conn: Connection) -> bool:
    recovering: bool = conn.execute(select(func.pg_is_in_recovery())).scalar_one()
    return recovering


def _state(engine: Engine) -> dict[str, Any]:
    behind = func.extract("epoch", func.clock_timestamp() - func.pg_last_xact_replay_timestamp())
    try:
        with engine.connect() as conn:
            is_replica, seconds = conn.execute(select(func.pg_is_in_recovery(), behind)).one()
    except (OperationalError, InterfaceError):
        return {"state": "does not answer"}
    if not is_replica:
        return {"state": "no replica"}
    return {"state": "follows", "last_change_seconds": None if seconds is None else round(float(seconds), 1)}
