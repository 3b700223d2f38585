"""Files are opened: all rows of many new people made at once and written by COPY, whoever registers them.

An answer that says "unknown" is to come out again, so no file may be opened at an instant that lies before an answer
given without it: the registry's lock is held from that instant to the commit. Writing thousands of people takes
longer than answers can wait. `open_ahead` therefore makes their rows, then writes them at an instant a little ahead of
the clock, and holds the lock only from just before that instant to the commit.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

from scoring_service.core.registry import AffiliationVersion, PersonVersion, RegistrationVersion
from scoring_service.core.standing import Span
from scoring_service.db import registry
from scoring_service.db.bulk import fresh_ids, insert_many
from scoring_service.db.clock_mark import stands_for
from scoring_service.db.files import File
from scoring_service.db.ledger import LockedFile
from scoring_service.db.locks import Lock, hold
from scoring_service.db.persons import data_columns, first_person_row
from scoring_service.db.standing import NewHead, new_standings
from scoring_service.db.tables import affiliations, persons, practitioners, registrations
from scoring_service.problems import Unavailable
from scoring_service.services.registry.persons import put_on_record
from scoring_service.written import as_searched

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Table

    from scoring_service.db.persons import PersonData
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.registry.affiliations import AskedAffiliation
    from scoring_service.services.unit_of_work.transaction import Work

_MICROSECOND = timedelta(microseconds=1)
# For longer than that after it should have come, an instant is not waited for under locks.
_PATIENCE_SECONDS = 1.0

_Rows: TypeAlias = "dict[Table, list[Columns]]"
# Who opens files, and on which day.
_Act: TypeAlias = "tuple[str, date]"


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRegistration:
    """A registration of a new file, and when the commitment letter for it was signed."""

    span: Span
    commitment_signed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A file to be opened: the person's data, and the first spans, each at an institution on record.

    `earlier` are registrations that had ended before the one that is `registered_on`, in their order.
    """

    data: PersonData
    registered_on: date | None
    registered_until: date | None = None
    commitment_signed_on: date | None
    affiliations: Sequence[AskedAffiliation]
    earlier: Sequence[EarlierRegistration] = ()

    @property
    def registrations(self) -> list[EarlierRegistration]:
        """The registrations in their order; none of who was never registered."""
        if self.registered_on is None:
            return []
        last = EarlierRegistration(
            span=Span(self.registered_on, self.registered_until), commitment_signed_on=self.commitment_signed_on
        )
        return [*self.earlier, last]


def open_files(work: Work, openings: Sequence[Opening]) -> list[str]:
    """Open files now and return their ids; the caller holds the registry's lock and knows that none is there yet.

    A file's revision is then 1 and one more for each affiliation.
    """
    regions = _regions_of(work, openings)
    instants = [work.record() for _ in range(_changes(openings))]
    return _write(work, _rows_of(work, openings, regions, instants))


class WrittenTooLate(Unavailable):
    """Files were not written by the instant that was foreseen for them; they may be written again as laid out."""


@dataclass(slots=True, kw_only=True)
class NewFiles:
    """Many files laid out to be opened ahead: their rows as if opened at `at`, the divisions that they tell of."""

    openings: Sequence[Opening]
    regions: Mapping[str, str]
    at: datetime
    rows: _Rows


def lay_out(work: Work, openings: Sequence[Opening]) -> NewFiles:
    """Make the rows of new files, to be written in this or a later transaction by `open_ahead`."""
    at, regions = work.read_clock_again(), _regions_of(work, openings)
    rows = _rows_of(work, openings, regions, [at + number * _MICROSECOND for number in range(_changes(openings))])
    return NewFiles(openings=openings, regions=regions, at=at, rows=rows)


def open_ahead(work: Work, files: NewFiles) -> list[str]:
    """Open many files as `open_files` does, and take the registry's lock only when they are written.

    Nothing may be recorded in this transaction afterwards but its events. Raises WrittenTooLate when it took longer
    than was foreseen; after the second time running, the next call holds the lock from the start. Raises Unavailable
    when an institution's division was corrected meanwhile, and the files are to be laid out anew. All is rolled back
    then.
    """
    clock_goes = not work.service.clock.simulated and stands_for(work.conn) is None
    if not clock_goes or _FORESIGHT.late_running > 1:
        hold(work.conn, Lock.REGISTRY)
        _FORESIGHT.late_running = 0
        return open_files(work, files.openings)
    changes, people = _changes(files.openings), len(files.openings)
    began = time.monotonic()
    instant = work.read_clock_again() + _FORESIGHT.of(people)
    _move(files, instant)
    ids = _write(work, files.rows)
    work.write_deeds()
    _FORESIGHT.learn(people, time.monotonic() - began)
    _wait_for(work, instant - _FORESIGHT.locked_before)
    woken = time.monotonic()
    hold(work.conn, Lock.REGISTRY)
    if _regions_of(work, files.openings) != files.regions:
        raise Unavailable("unavailable", _CHANGED, retry_after=1)
    _FORESIGHT.learn_locking(time.monotonic() - woken)
    if work.read_clock_again() >= instant:
        _FORESIGHT.late_running += 1
        raise WrittenTooLate("unavailable", _LATE, retry_after=1)
    _FORESIGHT.late_running = 0
    _wait_for(work, instant + changes * _MICROSECOND)
    return ids


def _wait_for(work: Work, instant: datetime) -> None:
    """Wait for an instant that is near. Raises WrittenTooLate when the clock went back meanwhile."""
    left, began = instant - work.read_clock_again(), time.monotonic()
    at_most = left.total_seconds() + _PATIENCE_SECONDS
    while left > timedelta():
        if time.monotonic() - began > at_most:
            raise WrittenTooLate("unavailable", _LATE, retry_after=1)
        time.sleep(min(left.total_seconds(), _PATIENCE_SECONDS))
        left = instant - work.read_clock_again()


_LATE = "写入超时，将重试 / writing took too long; it is tried again"
_CHANGED = "机构区划刚被更正，将重试 / an institution's division was corrected just now; it is tried again"


def _regions_of(work: Work, openings: Sequence[Opening]) -> Mapping[str, str]:
    """Return the present divisions of the institutions at which files are opened."""
    places = {each.institution for opening in openings for each in opening.affiliations}
    return registry.regions_by_code(work.conn, places)


def _changes(openings: Sequence[Opening]) -> int:
    """Return how many instants are needed: of the person, the registrations and each affiliation."""
    return 2 + max((len(each.affiliations) + len(each.earlier) for each in openings), default=0)


def _rows_in(opening: Opening) -> int:
    """Return how many rows have an id of their own: file, person's data, registrations, affiliations."""
    return 2 + max(1, len(opening.registrations)) + len(opening.affiliations)


class _Foresight:
    """How long it takes to write people, and to take the lock then, by how long it took so far."""

    def __init__(self) -> None:
        self._seconds = 0.0003
        self._locking = 0.01
        self.late_running = 0

    @property
    def locked_before(self) -> timedelta:
        """From asking for the lock to the instant at which the files are opened; answers wait as long."""
        return timedelta(seconds=0.005 + 1.5 * self._locking)

    def learn_locking(self, seconds: float) -> None:
        """Take how long it took to get the lock and look around: longer at once, shorter by and by."""
        self._locking = max(seconds, 0.8 * self._locking + 0.2 * seconds)

    def of(self, people: int) -> timedelta:
        """Return for how long ahead these people are written."""
        return timedelta(seconds=0.02 + 1.25 * people * self._seconds)

    def learn(self, people: int, seconds: float) -> None:
        """Take how long it took: longer at once, shorter by and by."""
        each = seconds / max(people, 1)
        self._seconds = max(each, 0.85 * self._seconds + 0.15 * each)


_FORESIGHT = _Foresight()


def _rows_of(
    work: Work, openings: Sequence[Opening], regions: Mapping[str, str], instants: Sequence[datetime]
) -> _Rows:
    """Return all rows of new files by table, in the order in which they are written."""
    ids = iter(fresh_ids(sum(map(_rows_in, openings))))
    opened = [_opened(each, regions, ids, instants, (work.actor.username, work.today)) for each in openings]
    rows: _Rows = {
        practitioners: [each.person for each in opened],
        persons: [each.named for each in opened],
        registrations: [row for each in opened for row in each.registered],
        affiliations: [row for each in opened for row in each.affiliated],
    }
    files = {each.head.practitioner_id: each.file for each in opened}
    return rows | new_standings([each.head for each in opened], files)


def _move(files: NewFiles, instant: datetime) -> None:
    """Move the instants of files that are not written yet."""
    by, files.at = instant - files.at, instant
    for row in chain.from_iterable(files.rows.values()):
        for name in ("recorded_at", "last_recorded_at"):
            if name in row:
                row[name] += by  # type: ignore[operator]


def _write(work: Work, rows: _Rows) -> list[str]:
    for table, of_table in rows.items():
        if of_table:
            insert_many(work.conn, table, of_table)
    ids = [str(row["id"]) for row in rows[practitioners]]
    for practitioner_id in ids:
        put_on_record(work, "practitioner.registered", practitioner_id)
    return ids


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """All rows of a new file, and the file that they are."""

    head: NewHead
    person: Columns
    named: Columns
    registered: list[Columns]
    affiliated: list[Columns]
    file: File


def _opened(
    opening: Opening, regions: Mapping[str, str], ids: Iterator[str], instants: Sequence[datetime], act: _Act
) -> _Opened:
    by, today = act
    locked = LockedFile(
        practitioner_id=next(ids),
        revision=0,
        seq=0,
        last_recorded_at=instants[0],
        head_hash=None,
    )
    data = opening.data
    # The file of a person who was never registered opens with a span without a day.
    never = EarlierRegistration(span=Span(today, today), commitment_signed_on=None)
    registrations = opening.registrations or [never]
    registered = [
        registry.registration_row(
            locked,
            span=each.span,
            span_id=next(ids),
            category=data.category,
            commitment_signed_on=each.commitment_signed_on,
            recorded_at=instant,
            recorded_by=by,
        )
        for each, instant in zip(registrations, instants[1:], strict=False)
    ]
    affiliated = [
        registry.affiliation_row(
            locked,
            institution=each.institution,
            span=each.span,
            span_id=next(ids),
            recorded_at=instant,
            recorded_by=by,
        )
        for each, instant in zip(opening.affiliations, instants[1 + len(registrations) :], strict=False)
    ]
    named = first_person_row(registered[0], data, next(ids))
    heads = {"recorded_at": instants[0], "last_recorded_at": locked.last_recorded_at, "revision": locked.revision}
    own = {"id": locked.practitioner_id, "name_searched": as_searched(data.name)}
    return _Opened(
        head=NewHead(locked.practitioner_id, data.category, 0, locked.revision, locked.last_recorded_at),
        person=data_columns(data) | own | heads,
        named=named,
        registered=registered,
        affiliated=affiliated,
        file=_file(named, registered, affiliated, regions),
    )


def _file(
    named: Columns, registered: Sequence[Columns], affiliated: Sequence[Columns], regions: Mapping[str, str]
) -> File:
    return File(
        entries=(),
        persons=(PersonVersion(**_members(named), **_taken(named, "name", "category", "code")),),
        registrations=tuple(
            RegistrationVersion(**_members(row), **_taken(row, "category", "commitment_signed_on"))
            for row in registered
        ),
        affiliations=tuple(
            AffiliationVersion(
                **_members(row),
                institution=str(row["institution_code"]),
                region=regions[str(row["institution_code"])],
            )
            for row in affiliated
        ),
    )


def _members(row: Columns) -> dict[str, Any]:
    return _taken(row, "span_id", "revision", "recorded_at") | {"span": Span(row["from_on"], row["until_on"])}  # type: ignore[arg-type]


def _taken(row: Columns, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}
