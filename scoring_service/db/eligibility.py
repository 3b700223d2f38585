"""Reads for the eligibility answer: profiles by ref, principals of pharmacies, agreements of institutions."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs
from sqlalchemy import select, text

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.merging import answers_for
from scoring_service.core.registry import Profile, SpanVersion, known_versions
from scoring_service.core.standing import Span
from scoring_service.db.files import read_files
from scoring_service.db.merges import named_among
from scoring_service.db.spans import version_members
from scoring_service.db.standing import decode_profile, stored_profile
from scoring_service.db.tables import affiliations, agreements, institutions
from scoring_service.db.tables.schema import one_of
from scoring_service.written import is_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from scoring_service.core.merging import Merge
    from scoring_service.db.present_copy import PresentCopy

# Whoever changes an agreement, or who is a pharmacy's principal, holds this lock; whoever answers from them holds
# it shared, so that no such change is in flight while an answer is given (scheme.md 2.2).


class KnownFile(msgspec.Struct, frozen=True, gc=False):
    """A file as an answer uses it: its profile as it is stored and the number of changes in it.

    The profile is read where it is judged: ten thousand read at once would be cold by then.

    `changed_after` is the instant of the last change, None unless it lies after the instant that was asked about.
    """

    practitioner_id: str
    revision: int
    changed_after: datetime | None
    stored: str | bytes

    def profile(self) -> Profile:
        """Read the profile."""
        return decode_profile(self.stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownInstitution:
    """An institution as it was known: kind and agreements."""

    code: str
    kind: str
    agreements: tuple[Span, ...]

    def contracted(self, day: date) -> bool:
        """Tell whether an agreement is in force on `day`."""
        for start, until in self.agreements:  # noqa: SIM110 -- a loop, asked thousands of times in a call
            if start <= day and (until is None or day < until):
                return True
        return False


_EPOCH_OF_TIME, _MICROSECOND = datetime.fromtimestamp(0, CIVIL_ZONE), timedelta(microseconds=1)
_EPOCH = text("SELECT pg_sequence_last_value('institutions_epoch')")
_FILES = """
    SELECT {ref}, s.practitioner_id::text, s.revision, CASE WHEN s.recorded_at > %s THEN s.recorded_at END, s.profile
    FROM standings s{condition}
"""
# The refs travel as one JSON text, which costs half of an array of as many strings.
_ASKED = "ARRAY(SELECT json_array_elements_text(%s::json))"
_FILES_BY_CODE = _FILES.format(
    ref="c.code",
    condition=f" JOIN standing_codes c ON c.practitioner_id = s.practitioner_id WHERE c.code = ANY({_ASKED})",
)
_FILES_BY_ID = _FILES.format(
    ref="s.practitioner_id::text", condition=f" WHERE s.practitioner_id = ANY({_ASKED}::uuid[])"
)
_FILES_BY_MERGED_ID = _FILES.format(
    ref="p.id::text",
    condition=f" JOIN practitioners p ON p.merged_into = s.practitioner_id WHERE p.id = ANY({_ASKED}::uuid[])",
)
_FILES_BY_FORMER_CODE = _FILES.format(
    ref="DISTINCT p.code",
    condition=f""" JOIN practitioners f ON s.practitioner_id = coalesce(f.merged_into, f.id)
        JOIN persons p ON p.practitioner_id = f.id WHERE p.code = ANY({_ASKED}) AND NOT EXISTS
        (SELECT FROM standing_codes c WHERE c.code = p.code AND c.practitioner_id = s.practitioner_id)""",
)
_encode = msgspec.json.Encoder().encode


def present_files(
    conn: Connection, refs: Collection[str], instant: datetime, copy: PresentCopy | None
) -> dict[str, KnownFile]:
    """Return the files of these ids and national codes as they are now, by ref; an unknown ref is left out.

    Of whom the copy of the present holds the file the database is not asked.

    A merged file has no standing of its own: its id is looked for among those where nothing was found.

    Ten thousand rows at a time are read on the driver's cursor: SQLAlchemy's row would cost more than the answer.
    """
    ids = [ref for ref in refs if is_id(ref)]
    codes = [ref for ref in refs if not is_id(ref)] if ids else list(refs)
    files = {} if copy is None else _held(copy, codes, instant)
    codes = [code for code in codes if code not in files] if files else codes
    with closing(conn.connection.cursor()) as cursor:
        for query, refs_asked in ((_FILES_BY_CODE, codes), (_FILES_BY_ID, ids)):
            if refs_asked:
                cursor.execute(query, (instant, _encode(refs_asked).decode()))
                files.update((row[0], KnownFile(*row[1:])) for row in cursor.fetchall())
        if missing := [ref for ref in ids if ref not in files]:
            cursor.execute(_FILES_BY_MERGED_ID, (instant, _encode(missing).decode()))
            files.update((row[0], KnownFile(*row[1:])) for row in cursor.fetchall())
    return files


def _held(copy: PresentCopy, codes: Collection[str], instant: datetime) -> dict[str, KnownFile]:
    asked_at = (instant - _EPOCH_OF_TIME) // _MICROSECOND
    return {
        code: KnownFile(
            person_id,
            revision,
            _EPOCH_OF_TIME + recorded * _MICROSECOND if recorded > asked_at else None,
            stored,
        )
        for code, person_id, revision, recorded, stored in copy.people(codes)
    }


def formerly_called(
    conn: Connection, refs: Collection[str], instant: datetime
) -> list[tuple[str, KnownFile]]:
    """Return the files that were once recorded under a code which has since been corrected, with that code."""
    codes = [ref for ref in refs if not is_id(ref)]
    with closing(conn.connection.cursor()) as cursor:
        cursor.execute(_FILES_BY_FORMER_CODE, (instant, _encode(codes).decode()))
        return [(row[0], KnownFile(*row[1:])) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileThen:
    """A file as it was known at a past moment, and the ids and codes that it answered to."""

    file: KnownFile
    names: frozenset[str]

    def answers_to(self, ref: str) -> bool:
        """Tell whether `ref` named the person."""
        return ref in self.names


def files_known_at(
    conn: Connection,
    files: Collection[KnownFile],
    known_at: datetime,
    revision: int | None,
    merges: Collection[Merge] = (),
) -> dict[str, FileThen]:
    """Return files as they were known at a past moment, by id; a file without a change by then is left out.

    `merges` are those that made the files, or went on from them.
    """
    then_by_id = {}
    happened = [each for each in merges if each.is_known(known_at, revision)]
    answering = {each.merged: answers_for(each.merged, happened) for each in happened}
    for file in files:
        whole = read_files(conn, [file.practitioner_id])[file.practitioner_id]
        used = whole.revision_known_at(known_at)
        used = used if revision is None else min(used, revision)
        if used:
            then = whole.known_at(known_at, used)
            stored = stored_profile(then.profile(then.folded()))
            known = structs.replace(file, revision=used, stored=stored)
            ids = {ref for ref, other in answering.items() if other == file.practitioner_id} | {file.practitioner_id}
            then_by_id[file.practitioner_id] = FileThen(file=known, names=then.codes() | ids)
    return then_by_id


def files_apart(
    conn: Connection,
    named: Iterable[tuple[str, KnownFile]],
    merges: Mapping[str, Sequence[Merge]],
    known_at: datetime,
    revision: int | None,
) -> list[tuple[str, KnownFile]]:
    """Return each ref with the file that it named at `known_at`, where that has been merged by now.

    Such a file is to be read as it was then: what was stored of it is gone.
    """
    apart = []
    for ref, file in named:
        made = merges.get(file.practitioner_id, ())
        other = named_among(conn, ref, file.practitioner_id, made, known_at=known_at, revision=revision)
        merge = next((each for each in made if each.merged == other), None)
        if merge is None:
            apart.append((ref, file))
        else:
            closed = {"practitioner_id": other, "revision": merge.last_revision, "changed_after": merge.at}
            apart.append((ref, structs.replace(file, **closed, stored="")))
    return apart


def known_institutions(
    conn: Connection, codes: Collection[str], known_at: datetime | None
) -> dict[str, KnownInstitution]:
    """Return institutions with their agreements as known at `known_at` (None: now), by code."""
    if not codes:
        return {}
    rows = conn.execute(select(institutions).where(one_of(institutions.c.code, "codes")), {"codes": list(codes)})
    known = {row.code: row for row in rows if known_at is None or row.recorded_at <= known_at}
    versions: dict[str, list[SpanVersion]] = {code: [] for code in known}
    under = select(agreements).where(one_of(agreements.c.institution_code, "codes"))
    for row in conn.execute(under, {"codes": list(known)}):
        versions[row.institution_code].append(
            SpanVersion(**version_members(row))
        )
    return {
        code: KnownInstitution(
            code=code,
            kind=row.kind,
            agreements=tuple(version.span for version in known_versions(versions[code], known_at)),
        )
        for code, row in known.items()
    }


class PresentInstitutions:
    """Institutions with their agreements as they are now, remembered until the database's epoch moves.

    Every change of an institution or agreement moves the epoch (migration 0006). Read it holding the registry's
    lock, so that none is in flight.
    """

    def __init__(self) -> None:
        self._held: tuple[int | None, dict[str, KnownInstitution]] = (None, {})

    def read(self, conn: Connection, codes: Collection[str]) -> dict[str, KnownInstitution]:
        """Return these institutions by code; an unknown code is left out and not remembered."""
        epoch: int | None = conn.execute(_EPOCH).scalar_one()
        held, known = self._held
        if held != epoch:
            known = {}
            self._held = (epoch, known)
        missing = [code for code in codes if code not in known]
        known.update(known_institutions(conn, missing, None))
        return known


def people_of(conn: Connection, pharmacies: Collection[str]) -> dict[str, list[str]]:
    """Return the ids of everyone who ever was registered at each pharmacy; one of them is its principal."""
    people: dict[str, list[str]] = {code: [] for code in pharmacies}
    if pharmacies:
        rows = conn.execute(
            select(affiliations.c.institution_code, affiliations.c.practitioner_id)
            .where(affiliations.c.institution_code.in_(pharmacies))
            .distinct()
        )
        for code, practitioner_id in rows:
            people[code].append(practitioner_id)
    return people
