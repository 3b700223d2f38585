"""One transaction: who acts, when, on which connection, and what is put on record beside the act."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import structlog
from psycopg.errors import DiskFull
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from scoring_service.db.bulk import FEW_ROWS, insert_many
from scoring_service.db.eligibility import PresentInstitutions
from scoring_service.db.law import PresentLaw
from scoring_service.db.locks import share_keys
from scoring_service.db.snapshots import unmoved, wait_long
from scoring_service.db.tables import audit_log
from scoring_service.problems import Settled
from scoring_service.services.unit_of_work.actor import SYSTEM, Actor
from scoring_service.services.unit_of_work.deeds import (
    NUMBERED,
    RECORDED_AND_NUMBERED,
    Change,
    Deed,
    columns_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection, Engine, Executable

    from scoring_service.clock import Clock
    from scoring_service.core.working_days import WorkingCalendar
    from scoring_service.db.present_copy import PresentCopy
    from scoring_service.db.replicas import Replicas
    from scoring_service.db.tables.schema import Columns
    from scoring_service.identity import IdentityNumbers
    from scoring_service.json_values import JsonObject
    from scoring_service.law.layers import Layers
    from scoring_service.law.rulebooks import Rulebooks
    from scoring_service.settings import Settings


_log = structlog.get_logger("scoring_service.record")

LOOK = "look"
# What is read again and again: whoever goes through the audit or polls the events would else fill the record with
# looks at the record.
ONCE_A_DAY = frozenset({"audit", "events"})
# Beyond that a person may be told twice of one look in a transaction; what is remembered of it is bounded.
MOST_LOOKS_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What every use case stands on; made once in a process. `sessions` is set beside a pooler before `engine`.

    `rulebooks` are those that the service is shipped with; `law` has the adopted ones over them.
    """

    engine: Engine
    clock: Clock
    rulebooks: Rulebooks
    calendar: WorkingCalendar
    identity_numbers: IdentityNumbers
    settings: Settings
    institutions: PresentInstitutions = field(default_factory=PresentInstitutions)
    law: PresentLaw = field(default_factory=PresentLaw)
    sessions: Engine | None = None
    replicas: Replicas | None = None
    present_copy: PresentCopy | None = None

    @property
    def session_engine(self) -> Engine:
        """The engine for what must have a session to itself: locks beyond a transaction, prepared statements."""
        return self.sessions or self.engine

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self.session_engine.dispose()

    @contextmanager
    def work(self, actor: Actor = SYSTEM, request_id: str | None = None) -> Iterator[Work]:
        """Open one transaction for `actor`; commit at the end, roll back on any error but `Settled`.

        Events are numbered last, under the lock of their head row, so that their numbers follow the order of
        commits without gaps.
        """
        with self.engine.begin() as conn:
            work = Work(service=self, conn=conn, actor=actor, request_id=request_id)
            settled = None
            try:
                yield work
            except Settled as refusal:
                settled = refusal
            work.close()
        if settled is not None:
            raise settled


    @contextmanager
    def long_reading(self, actor: Actor) -> Iterator[Work]:
        """Open a transaction as `work` does, which reads much and changes nothing but the record of that.

        It reads one state of a replica that has replayed all that is committed by now, and without one the primary. The
        record is the primary's.
        """
        with self.engine.begin() as conn:
            work = Work(service=self, conn=conn, actor=actor)
            replica = None if self.replicas is None else self.replicas.caught_up(self.engine)
            if replica is None:
                yield work
            else:
                wait_long(conn)
                work.read_clock_again()
                with unmoved(replica) as there:
                    work.conn, work.record_conn = there, conn
                    yield work
            work.close()


@dataclass(slots=True, kw_only=True)
class Work:
    """An open transaction. Use cases take it first; none of them commits.

    `reads`: whoever opened it knows that it changes nothing but the record of what is told. `record_conn`: where that
    record is written when it is not where the rest is read.
    """

    service: Service
    conn: Connection
    actor: Actor
    request_id: str | None = None
    reads: bool = False
    record_conn: Connection | None = None
    _now: datetime | None = None
    _law: Layers | None = None
    _identity_numbers: IdentityNumbers | None = None
    _events: list[Change] = field(default_factory=list)
    _audit: list[Deed] = field(default_factory=list)
    _looks: set[tuple[str, str, str | None]] = field(default_factory=set)
    _answers: list[tuple[Executable, Sequence[Mapping[str, Any]]]] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The scheme's instant, read once in a transaction."""
        if self._now is None:
            self._now = self.service.clock.now(self.conn)
        return self._now

    def read_clock_again(self) -> datetime:
        """Read the scheme's instant anew: after a lock was waited for, what was read before it is too early."""
        self._now = self.service.clock.now(self.conn)
        return self._now

    @property
    def today(self) -> date:
        """The civil date of `now` in Asia/Shanghai."""
        return self.now.date()

    @property
    def rulebooks(self) -> Rulebooks:
        """The dated rulebooks, by the knowledge of `now`."""
        return self.rulebooks_known_at(self.now)

    def rulebooks_known_at(self, known_at: datetime) -> Rulebooks:
        """Return the dated rulebooks as they were known at an instant of this transaction, or an earlier one."""
        if self._law is None:
            copy = self.service.present_copy
            marks = None if copy is None else copy.marks
            self._law = self.service.law.read(self.conn, self.service.rulebooks, marks)
        return self._law.as_known(known_at)

    @property
    def identity_numbers(self) -> IdentityNumbers:
        """Identity numbers under keys that stay the same until this transaction ends."""
        if share_keys(self.conn) or self._identity_numbers is None:
            self._identity_numbers = self.service.identity_numbers.under_present_keys()
        return self._identity_numbers

    def read_law_again(self) -> None:
        """Read the law anew when it is next asked for: what was read before its lock was waited for is too early."""
        self._law = None

    def record(self) -> datetime:
        """Return the instant of a recorded change; take it late, under the locks that the change needs."""
        instant = self.service.clock.record(self.conn)
        self._now = instant if self._now is None else max(self._now, instant)
        return instant

    def audit(
        self,
        action: str,
        *,
        object_kind: str | None = None,
        object_id: str | None = None,
        practitioner_id: str | None = None,
        case_id: str | None = None,
        institution_code: str | None = None,
        detail: JsonObject | None = None,
    ) -> None:
        """Put an act or a look on record: every write, and every look at a person."""
        self._audit.append(
            Deed(
                action=action,
                object_kind=object_kind,
                object_id=object_id,
                practitioner_id=practitioner_id,
                case_id=case_id,
                institution_code=institution_code,
                detail=detail,
            )
        )

    def look(self, practitioner_id: str, what: str, case_id: str | None = None, *, in_list: bool = False) -> None:
        """Put on record that the actor looked at a person (`what`: file, standing, ledger, case …).

        It is told once in a transaction, and of what is read again and again once a day. `in_list`: the person was one
        row of a list.
        """
        if (practitioner_id, what, case_id) in self._looks:
            return
        self._looks.add((practitioner_id, what, case_id))
        self.audit(
            LOOK,
            object_kind=what,
            object_id=practitioner_id,
            practitioner_id=practitioner_id,
            case_id=case_id,
            detail={"in_list": True} if in_list else None,
        )

    def event(
        self,
        kind: str,
        *,
        practitioner_id: str | None = None,
        institution_code: str | None = None,
        region: str | None = None,
        **detail: Any,
    ) -> None:
        """Announce a change; the row is numbered when the transaction closes."""
        self._events.append(
            Change(
                kind=kind,
                practitioner_id=practitioner_id,
                institution_code=institution_code,
                region=region,
                detail=detail,
            )
        )

    def record_of_answer(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put on record what is told, at the end: an answer that only reads is given also when the disk is full."""
        self._answers.append((statement, rows))

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Try what may be refused: when it raises, what it wrote and would have put on record is undone.

        Of what raises `Settled` it stays.
        """
        settled = None
        try:
            with self.conn.begin_nested():
                try:
                    yield
                except Settled as refusal:
                    settled = refusal
        except Exception:
            self.discard()
            raise
        if settled is not None:
            raise settled

    def discard(self) -> None:
        """Forget what was to be put on record of an act that was rolled back to a savepoint."""
        self._audit.clear()
        self._looks.clear()
        self._events.clear()
        self._answers.clear()
        self._now = self._law = None

    def close(self) -> None:
        """Write the audit rows and number the events: the last statements of the transaction.

        What only read is not refused because the full disk has no room for the record of it: that goes to the log.
        """
        try:
            self._write_records()
        except OperationalError as error:
            if not isinstance(error.orig, DiskFull) or not self._only_read():
                raise
            self._tell_unrecorded()

    @property
    def _record(self) -> Connection:
        return self.record_conn or self.conn

    def write_looks(self) -> None:
        """Write what is to be put on record so far: whoever reads a long list keeps no look of it in memory."""
        self.write_deeds()
        if len(self._looks) > MOST_LOOKS_REMEMBERED:
            self._looks.clear()

    def _write_records(self) -> None:
        for statement, rows in self._answers:
            self._record.execute(statement, rows)
        deeds = self._to_record()
        announced = self._announced() if self._events else None
        if announced is not None and 0 < len(deeds) < FEW_ROWS:
            rows = [columns_of(deed) for deed in deeds]
            self._record.execute(RECORDED_AND_NUMBERED, {**self._who(), **announced, "deeds": rows})
            return
        self._write_deeds(deeds)
        if announced is not None:
            self._record.execute(NUMBERED, announced)

    def write_deeds(self) -> None:
        """Write the audit rows so far; what is to be quick at the end of its transaction has them behind it."""
        self._write_deeds(self._to_record())
        self._audit.clear()

    def _write_deeds(self, deeds: Sequence[Deed]) -> None:
        if deeds:
            who = self._who()
            insert_many(self._record, audit_log, [who | columns_of(deed) for deed in deeds])

    def _only_read(self) -> bool:
        return self.reads and not self._events and all(deed.action == LOOK for deed in self._audit)

    def _tell_unrecorded(self) -> None:
        from scoring_service.telemetry.metrics import UNRECORDED  # noqa: PLC0415 -- the counters' folder is named by now

        log = _log.bind(account_id=self.actor.account_id, request_id=self.request_id, at=self.now.isoformat())
        for deed in self._audit:
            UNRECORDED.labels("look").inc()
            log.error("look not recorded", practitioner_id=deed.practitioner_id)
        for _statement, rows in self._answers:
            for row in rows:
                UNRECORDED.labels("refusal").inc()
                log.error("refusal not recorded", decision_id=row["decision_id"])

    def _to_record(self) -> list[Deed]:
        """Return the deeds, without the looks that one a day stands for and that are on record today."""
        daily = [deed for deed in self._audit if deed.action == LOOK and deed.object_kind in ONCE_A_DAY]
        if not daily:
            return self._audit
        kept = audit_log.c
        seen = select(kept.practitioner_id, kept.object_kind).where(
            kept.practitioner_id.in_({deed.practitioner_id for deed in daily}),
            kept.username == self.actor.username,
            kept.action == LOOK,
            kept.object_kind.in_(ONCE_A_DAY),
            kept.at >= datetime.combine(self.today, time(), self.now.tzinfo),
        )
        known = {tuple(row) for row in self._record.execute(seen)}
        return [
            deed
            for deed in self._audit
            if deed.action != LOOK or (deed.practitioner_id, deed.object_kind) not in known
        ]

    def _who(self) -> Columns:
        return {
            "at": self.now,
            "account_id": self.actor.account_id,
            "username": self.actor.username,
            "staff_no": self.actor.staff_no,
            "role": ",".join(sorted(self.actor.roles)),
            "request_id": self.request_id,
        }

    def _announced(self) -> dict[str, Any]:
        rows = [columns_of(change) for change in self._events]
        return {"count": len(rows), "recorded_at": self.now, "changes": rows}
