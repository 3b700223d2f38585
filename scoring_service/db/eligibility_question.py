"""One settlement question in one statement, on connections that are kept for it.

The statement reads token, clock, file and institution. It runs below SQLAlchemy and the cursor, because what they do
around one row costs more than the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.standing import Span
from scoring_service.db.eligibility import KnownInstitution
from scoring_service.db.locks import Lock
from scoring_service.db.standing import decode_profile
from scoring_service.written import is_id

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from scoring_service.core.registry import Profile

# CASE reads the epoch after the registry's lock was taken. Whoever has the lock knows that no change of an institution
# is in flight; an epoch that has not moved since before the statement was sent, that its snapshot, which is older
# than the lock, holds every change made so far.
_QUERY = """
    SELECT a.roles = ARRAY['settlement'], s.practitioner_id, s.revision, s.profile,
        greatest({present}, s.recorded_at), i.kind,
        (SELECT string_agg(concat_ws(' ', g.span_id, g.from_on, g.until_on), ',' ORDER BY g.revision)
            FROM agreements g WHERE g.institution_code = i.code),
        CASE WHEN $3 IS NOT NULL AND pg_try_advisory_xact_lock_shared({lock})
            THEN pg_sequence_last_value('institutions_epoch') END
    FROM tokens t JOIN accounts a ON a.id = t.account_id
        LEFT JOIN standings s ON s.practitioner_id = {person} LEFT JOIN institutions i ON i.code = $3
    WHERE t.digest = $1 AND t.expires_at > clock_timestamp() AND a.state = 'active'
"""
_PRESENT = {False: "clock_timestamp()", True: "(SELECT now FROM clock_state)"}
_BYTEA, _TEXT, _UUID = 17, 25, 2950
# The token's digest goes as bytes, what a caller wrote as text.
_FORMATS = (1, 0, 0)
_BY_CODE, _BY_ID = b"eligibility_by_code", b"eligibility_by_id"
_PERSONS = {
    _BY_CODE: ("(SELECT practitioner_id FROM standing_codes WHERE code = $2)", _TEXT),
    _BY_ID: ("$2", _UUID),
}


@dataclass(frozen=True, slots=True)
class PresentFacts:
    """What an answer about the present is made from; `profile` is None for an unknown person.

    `epoch` moves with every change of an institution; None when none was asked about or one is in flight.
    """

    practitioner_id: str | None
    revision: int
    profile: Profile | None
    known_at: datetime
    institution: KnownInstitution | None
    epoch: bytes | None


class Questions:
    """The settlement questions of one process, and the institutions' epoch as it was last seen."""

    def __init__(self, engine: Engine, *, simulated: bool) -> None:
        self._engine = engine
        self._simulated = simulated
        self._epoch: bytes | None = None
        # As many as were ever asked at once; taking and putting back are single steps of the interpreter.
        self._idle: list[psycopg.Connection[object]] = []
        event.listen(engine, "engine_disposed", self._close)

    def ask(self, token_digest: bytes, ref: str, institution: str | None) -> PresentFacts | None:
        """Return the present facts for a settlement account's question; None when the token is not one's.

        None too while institutions are being changed, and when the connection was lost: the caller then asks the
        general way, which waits for the one and reports the other.
        """
        for _ in range(2):
            seen = self._epoch
            result = self._execute(
                _BY_ID if is_id(ref) else _BY_CODE,
                (token_digest, ref.encode(), institution.encode() if institution else None),
            )
            if result is None or not result.ntuples or result.get_value(0, 0) != b"t":
                return None
            facts = _facts(result, institution)
            if institution is None or (facts.epoch is not None and facts.epoch == seen):
                return facts
            self._epoch = facts.epoch
        return None

    def _execute(
        self, statement: bytes, parameters: tuple[bytes | None, ...]
    ) -> psycopg.pq.abc.PGresult | None:
        connection = None
        try:
            connection = self._taken()
            result = connection.pgconn.exec_prepared(statement, parameters, _FORMATS)  # type: ignore[arg-type] # NULL
        except (psycopg.Error, SQLAlchemyError):
            result = None
        if connection is not None and result is not None and result.status == ExecStatus.TUPLES_OK:
            self._idle.append(connection)
            return result
        if connection is not None:
            connection.close()
        return None

    def _taken(self) -> psycopg.Connection[object]:
        try:
            return self._idle.pop()
        except IndexError:
            return self._opened()

    def _opened(self) -> psycopg.Connection[object]:
        """Return a connection of its own, opened as the engine opens its; one call at a time has it."""
        fairy = self._engine.raw_connection()
        connection = fairy.driver_connection
        fairy.detach()
        if not isinstance(connection, psycopg.Connection):
            message = "the engine's driver is not psycopg"
            raise TypeError(message)
        connection.autocommit = True
        for statement, (person, ref_type) in _PERSONS.items():
            query = _QUERY.format(present=_PRESENT[self._simulated], lock=int(Lock.REGISTRY), person=person)
            connection.pgconn.prepare(statement, query.encode(), [_BYTEA, ref_type, _TEXT])
        return connection

    def _close(self, _engine: Engine) -> None:
        while self._idle:
            self._idle.pop().close()


def _facts(result: psycopg.pq.abc.PGresult, institution: str | None) -> PresentFacts:
    practitioner_id, revision, profile, known_at, kind, agreements, epoch = (
        result.get_value(0, column) for column in range(1, 8)
    )
    known = None
    if institution and kind is not None:
        known = KnownInstitution(code=institution, kind=kind.decode(), agreements=_spans(agreements or b""))
    return PresentFacts(
        practitioner_id.decode() if practitioner_id else None,
        int(revision) if revision else 0,
        decode_profile(profile) if profile else None,
        datetime.fromisoformat((known_at or b"").decode()).astimezone(CIVIL_ZONE),
        known,
        epoch,
    )


def _spans(agreements: bytes) -> tuple[Span, ...]:
    """Return the last version of each agreement, emptied ones left out."""
    latest = {}
    for row in agreements.decode().split(",") if agreements else ():
        span_id, start, *until = row.split(" ")
        latest[span_id] = Span(date.fromisoformat(start), date.fromisoformat(until[0]) if until else None)
    return tuple(span for span in latest.values() if span.start != span.until)
