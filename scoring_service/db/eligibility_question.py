"""One settlement question from the copy of the present, or in one statement, on connections that are kept for it.

The statement reads token, clock, file and institution. It runs below SQLAlchemy and the cursor, because what they do
around one row costs more than the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.standing import Span
from scoring_service.db.clock_mark import PRESENT
from scoring_service.db.eligibility import KnownInstitution
from scoring_service.db.law import EPOCH
from scoring_service.db.locks import Lock
from scoring_service.db.present_copy import KEPT_INSTITUTION, MILLION, RECORDED, Row
from scoring_service.db.standing import decode_profile
from scoring_service.written import is_id

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from scoring_service.core.registry import Profile
    from scoring_service.db.present_copy import Present, PresentCopy

INSTITUTIONS_AT_HAND = 50_000
# CASE reads the epoch after the registry's lock was taken. Whoever has the lock knows that no change of an institution
# is in flight; an epoch that has not moved since before the statement was sent, that its snapshot, which is older
# than the lock, holds every change made so far.
_QUERY = """
    SELECT a.roles = ARRAY['settlement'], s.practitioner_id, s.revision, s.profile,
        greatest({present}, s.recorded_at), {kept_institution},
        CASE WHEN $3 IS NOT NULL AND pg_try_advisory_xact_lock_shared({lock})
            THEN pg_sequence_last_value('institutions_epoch') END,
        {law_epoch},
        extract(epoch FROM t.expires_at), {recorded}
    FROM tokens t JOIN accounts a ON a.id = t.account_id
        LEFT JOIN standings s ON s.practitioner_id = {person} LEFT JOIN institutions i ON i.code = $3
    WHERE t.digest = $1 AND t.expires_at > clock_timestamp() AND a.state = 'active'
"""
_PRESENT = {False: PRESENT, True: "(SELECT now FROM clock_state)"}
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

    `epoch` moves with every change of an institution; None when none was asked about or one is in flight. `law_epoch`
    moves with every adoption of a rulebook; 0 while one is under way, None for facts from the copy.
    """

    practitioner_id: str | None
    revision: int
    profile: Profile | None
    known_at: datetime
    institution: KnownInstitution | None
    epoch: bytes | None = None
    law_epoch: int | None = None


class Questions:
    """The settlement questions of one process, and the institutions' epoch as it was last seen."""

    def __init__(self, engine: Engine, copy: PresentCopy | None, *, simulated: bool) -> None:
        self._engine = engine
        self._copy = copy
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
        if self._copy is not None and (present := self._copy.ask(token_digest, ref, institution)) is not None:
            return _facts_of(present, institution)
        for _ in range(2):
            seen = self._epoch
            number = 0 if self._copy is None else self._copy.marks.number()
            result = self._execute(
                _BY_ID if is_id(ref) else _BY_CODE,
                (token_digest, ref.encode(), institution.encode() if institution else None),
            )
            if result is None or not result.ntuples or result.get_value(0, 0) != b"t":
                return None
            facts = _facts(result, institution)
            if institution is None or (facts.epoch is not None and facts.epoch == seen):
                if self._copy is not None and facts.practitioner_id is not None and not is_id(ref):
                    self._copy.keep(number, **_kept(result, token_digest, ref, institution))
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
            query = _QUERY.format(
                present=_PRESENT[self._simulated],
                kept_institution=KEPT_INSTITUTION.format(institution="i"),
                lock=int(Lock.REGISTRY),
                law_epoch=EPOCH,
                recorded=RECORDED,
                person=person,
            )
            connection.pgconn.prepare(statement, query.encode(), [_BYTEA, ref_type, _TEXT])
        return connection

    def _close(self, _engine: Engine) -> None:
        while self._idle:
            self._idle.pop().close()


def _facts_of(present: Present, institution: str | None) -> PresentFacts:
    person = present.person
    return PresentFacts(
        person.practitioner_id,
        person.revision,
        decode_profile(person.profile),
        datetime.fromtimestamp(present.at / MILLION, CIVIL_ZONE),
        _institution(institution, present.institution) if institution and present.institution else None,
    )


def _kept(
    result: psycopg.pq.abc.PGresult, token_digest: bytes, ref: str, institution: str | None
) -> dict[str, Any]:
    """Return what the copy keeps of an answered question about a known person."""
    practitioner_id, revision, profile, _at, place, _epoch, _law, expires, recorded = (
        result.get_value(0, column) or b"" for column in range(1, 10)
    )
    places = [(institution, place)] if place else []
    person = Row(practitioner_id.decode(), int(revision), int(recorded), profile)
    return {"accounts": [(token_digest, float(expires))], "people": [(ref, person)], "places": places}


def _facts(result: psycopg.pq.abc.PGresult, institution: str | None) -> PresentFacts:
    practitioner_id, revision, profile, known_at, place, epoch, law_epoch = (
        result.get_value(0, column) for column in range(1, 8)
    )
    known = _institution(institution, place) if institution and place is not None else None
    return PresentFacts(
        practitioner_id.decode() if practitioner_id else None,
        int(revision) if revision else 0,
        decode_profile(profile) if profile else None,
        datetime.fromisoformat((known_at or b"").decode()).astimezone(CIVIL_ZONE),
        known,
        epoch,
        int(law_epoch or 0),
    )


@lru_cache(maxsize=INSTITUTIONS_AT_HAND)
def _institution(code: str, kept: bytes) -> KnownInstitution:
    """Return an institution from its kind and the versions of its agreements."""
    kind, _, agreements = kept.partition(b"|")
    return KnownInstitution(code=code, kind=kind.decode(), agreements=_spans(agreements))


def _spans(agreements: bytes) -> tuple[Span, ...]:
    """Return the last version of each agreement, emptied ones left out."""
    latest = {}
    for row in agreements.decode().split(",") if agreements else ():
        span_id, start, *until = row.split(" ")
        latest[span_id] = Span(date.fromisoformat(start), date.fromisoformat(until[0]) if until else None)
    return tuple(span for span in latest.values() if span.start != span.until)
