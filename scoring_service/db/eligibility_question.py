"""One settlement question in one round trip, on a connection that each thread keeps for it.

The function `eligibility_question` (migration 0006) reads token, clock, file and institution. It is called below
SQLAlchemy and the cursor, because what they do around one row costs more than the row.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import event

from scoring_service.core.standing import Span
from scoring_service.db.eligibility import KnownInstitution, is_id
from scoring_service.db.standing import decode_profile
from scoring_service.db.tables.schema import SHANGHAI

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from scoring_service.core.registry import Profile

_STATEMENT = b"eligibility_question"
_QUERY = (
    b"SELECT practitioner_id, revision, profile, known_at, kind, agreements, roles"
    b" FROM eligibility_question($1, $2, $3, $4, $5)"
)
_SETTLEMENT = b"settlement"
_BYTEA, _TEXT, _UUID, _BOOLEAN = 17, 25, 2950, 16
_mine = threading.local()


@dataclass(frozen=True, slots=True)
class PresentFacts:
    """What an answer about the present is made from; `profile` is None for an unknown person."""

    practitioner_id: str | None
    revision: int
    profile: Profile | None
    known_at: datetime
    institution: KnownInstitution | None


def ask(
    engine: Engine, token_digest: bytes, ref: str, institution: str | None, *, simulated: bool
) -> PresentFacts | None:
    """Return the present facts for a settlement account's question; None when the token is not one's.

    None too when the connection was lost: the caller then asks the general way, which reports it.
    """
    by_id = is_id(ref)
    parameters = [
        b"\\x" + token_digest.hex().encode(),
        None if by_id else ref.encode(),
        ref.encode() if by_id else None,
        institution.encode() if institution else None,
        b"t" if simulated else b"f",
    ]
    result = _execute(engine, parameters)
    if result is None or result.get_value(0, 6) != _SETTLEMENT:
        return None
    return _facts(result, institution)


def _facts(result: psycopg.pq.abc.PGresult, institution: str | None) -> PresentFacts:
    found, revision, profile, known_at, kind, agreements = (
        result.get_value(0, column) for column in range(6)
    )
    known = None
    if institution and kind is not None:
        known = KnownInstitution(code=institution, kind=kind.decode(), agreements=_spans(agreements or b""))
    return PresentFacts(
        found.decode() if found else None,
        int(revision) if revision else 0,
        decode_profile(profile) if profile else None,
        datetime.fromisoformat((known_at or b"").decode()).astimezone(SHANGHAI),
        known,
    )


def _spans(agreements: bytes) -> tuple[Span, ...]:
    """Return the last version of each agreement, emptied ones left out."""
    latest = {}
    for row in agreements.decode().split(",") if agreements else ():
        span_id, _, start, *until = row.split(" ")
        latest[span_id] = Span(date.fromisoformat(start), date.fromisoformat(until[0]) if until else None)
    return tuple(span for span in latest.values() if span.start != span.until)


def _execute(engine: Engine, parameters: list[bytes | None]) -> psycopg.pq.abc.PGresult | None:
    connection = _connection(engine)
    result = connection.pgconn.exec_prepared(_STATEMENT, parameters)  # type: ignore[arg-type] # None is NULL
    if result.status == ExecStatus.TUPLES_OK:
        return result
    _mine.connection = None
    connection.close()
    return None


def _connection(engine: Engine) -> psycopg.Connection[object]:
    """Return the calling thread's connection, opened as the engine opens its own."""
    held: tuple[Engine, psycopg.Connection[object]] | None = getattr(_mine, "connection", None)
    if held is not None and held[0] is engine:
        return held[1]
    fairy = engine.raw_connection()
    connection = fairy.driver_connection
    fairy.detach()
    if not isinstance(connection, psycopg.Connection):
        message = "the engine's driver is not psycopg"
        raise TypeError(message)
    connection.autocommit = True
    types = [_BYTEA, _TEXT, _UUID, _TEXT, _BOOLEAN]
    connection.pgconn.prepare(_STATEMENT, _QUERY, types)
    event.listen(engine, "engine_disposed", lambda _engine: connection.close())
    _mine.connection = (engine, connection)
    return connection
