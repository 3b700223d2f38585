"""Merges that were approved, and whose file a reference named at a moment (scheme.md 2.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select, update

from scoring_service.core.merging import (
    Merge,
    answers_for,
    laid_affiliations,
    laid_registrations,
    with_copies,
)
from scoring_service.core.registry import known_versions
from scoring_service.db.files import File, read_files
from scoring_service.db.tables import entries, merges, practitioners
from scoring_service.db.tables.schema import one_of
from scoring_service.written import is_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping, Select

    from scoring_service.core.merging import Laid, Version
    from scoring_service.db.ledger import LockedFile

_EVERY_MERGE = (
    select(
        practitioners.c.merged_into.label("stands"),
        merges.c.practitioner_id.label("merged"),
        merges.c.into_id.label("into"),
        practitioners.c.merged_at.label("at"),
        merges.c.revision,
        practitioners.c.revision.label("last_revision"),
    )
    .join(practitioners, practitioners.c.id == merges.c.practitioner_id)
    .where(merges.c.state == "approved", practitioners.c.merged_into.is_not(None))
    .order_by(practitioners.c.merged_at)
)
_MERGES = _EVERY_MERGE.where(one_of(practitioners.c.merged_into, "people"))


def merges_of(conn: Connection, practitioner_ids: Collection[str]) -> dict[str, list[Merge]]:
    """Return the merges that made these files what they are, over any number of steps, the earliest first."""
    made: dict[str, list[Merge]] = {}
    for row in conn.execute(_MERGES, {"people": list(practitioner_ids)}).mappings():
        made.setdefault(row["stands"], []).append(_merge(row))
    return made


def every_merge(conn: Connection) -> list[Merge]:
    """Return all merges that were approved, the earliest first."""
    return [_merge(row) for row in conn.execute(_EVERY_MERGE).mappings()]


def _merge(row: RowMapping) -> Merge:
    return Merge(**{name: value for name, value in row.items() if name != "stands"})


def file_named(
    conn: Connection, ref: str, practitioner_id: str, *, known_at: datetime | None, revision: int | None
) -> str:
    """Return the id of the file that `ref`, which names `practitioner_id` by now, named at `known_at` (None: now).

    Before a merge each reference answers as then: its own file, within the file's own revisions.
    """
    made = merges_of(conn, [practitioner_id]).get(practitioner_id, [])
    return named_among(conn, ref, practitioner_id, made, known_at=known_at, revision=revision)


def named_among(
    conn: Connection,
    ref: str,
    practitioner_id: str,
    made: Sequence[Merge],
    *,
    known_at: datetime | None,
    revision: int | None,
) -> str:
    """Return what `file_named` does, of the merges that `made` the file."""
    happened = [merge for merge in made if merge.is_known(known_at, revision)]
    if len(happened) == len(made):
        return practitioner_id
    if is_id(ref):
        return answers_for(ref, happened)
    apart = [practitioner_id, *(merge.merged for merge in made if merge not in happened)]
    files = read_files(conn, apart)
    then = known_at or max(merge.at for merge in made)
    named = (each for each in apart if ref in files[each].known_at(then, revision).codes())
    return next(named, practitioner_id)


def as_merged(into: File, merged: File, at: datetime) -> File:
    """Return what a file would be with another one of the person merged into it at an instant; nothing is written."""
    registered = laid_registrations(known_versions(into.registrations), known_versions(merged.registrations))
    affiliated = laid_affiliations(known_versions(into.affiliations), known_versions(merged.affiliations))
    return File(
        entries=with_copies(into.entries, merged.entries, at),
        persons=into.persons,
        registrations=(*into.registrations, *_laid(registered, at)),
        affiliations=(*into.affiliations, *_laid(affiliated, at)),
    )


def _laid(rows: Iterable[Laid[Version]], at: datetime) -> Iterator[Version]:
    """Return the rows as the last of their spans."""
    for number, (supersedes, row) in enumerate(rows):
        yield replace(row, span_id=supersedes or f"new {number}", revision=_LAST + number, recorded_at=at)


# Above the number of any change of a file.
_LAST = 1_000_000_000


def merged_by(known_at: datetime | None = None) -> Select[tuple[str]]:
    """Return the query of the files that had been merged into another one by `known_at` (None: now)."""
    merged = practitioners.alias("merged")
    query = select(merged.c.id).where(merged.c.merged_into.is_not(None))
    return query if known_at is None else query.where(merged.c.merged_at <= known_at)


def of_one_file(column: ColumnElement[Any], practitioner_id: str) -> ColumnElement[bool]:
    """Return the condition that a row is a file's, or that of one which was merged into it."""
    merged = practitioners.alias("merged")
    before = select(merged.c.id).where(merged.c.merged_into == practitioner_id)
    return or_(column == practitioner_id, column.in_(before))


def standing_id(practitioner_id: ColumnElement[str]) -> ColumnElement[str]:
    """Return the id of the file that answers for the one in a column: another's where it was merged."""
    holder = practitioners.alias("holder")
    answering = select(holder.c.merged_into).where(holder.c.id == practitioner_id).correlate_except(holder)
    return func.coalesce(answering.scalar_subquery(), practitioner_id)


ORIGIN, COPY = entries.alias("origin"), entries.alias("copied")
# A copy of an entry, or of the entry that this one is a copy of.
IS_COPY = COPY.c.copied_from == func.coalesce(ORIGIN.c.copied_from, ORIGIN.c.id)


def standing_entry(conn: Connection, entry_id: str) -> str:
    """Return the id of the entry that counts for this one: its copy where its file was merged, else itself."""
    if not is_id(entry_id):
        return entry_id
    copy = (
        select(COPY.c.id)
        .join(practitioners, practitioners.c.merged_into == COPY.c.practitioner_id)
        .join(ORIGIN, and_(ORIGIN.c.practitioner_id == practitioners.c.id, IS_COPY))
        .where(ORIGIN.c.id == entry_id)
    )
    return conn.execute(copy).scalar_one_or_none() or entry_id


def first_recorded_at() -> ColumnElement[datetime]:
    """Return when what an entry says was first recorded: of a copy, its original."""
    original = select(ORIGIN.c.recorded_at).where(ORIGIN.c.id == entries.c.copied_from).scalar_subquery()
    return func.coalesce(original, entries.c.recorded_at)


def close_file(conn: Connection, merged: LockedFile, into: LockedFile) -> None:
    """Close a locked file: the other one answers for it, and for what it answered for, since its own last change."""
    written = update(practitioners).values(merged_into=into.practitioner_id)
    conn.execute(written.where(practitioners.c.merged_into == merged.practitioner_id))
    closed = written.where(practitioners.c.id == merged.practitioner_id)
    conn.execute(closed.values(merged_at=into.last_recorded_at))
