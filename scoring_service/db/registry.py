"""The registry's rows: institutions, agreements, practitioners, registrations and affiliations.

Rows in time are only ever added; the last known row of a span is its present version (scheme.md 2.2).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import insert, select, union_all, update
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.registry import (
    AffiliationVersion,
    RegistrationVersion,
    SpanVersion,
    known_versions,
)
from scoring_service.db.bulk import insert_many
from scoring_service.db.finding import keep_words, words_of_institution
from scoring_service.db.persons import PersonRow, keep_present, read_persons
from scoring_service.db.spans import next_version, version_members, version_values
from scoring_service.db.tables import (
    affiliations,
    agreements,
    institution_words,
    institutions,
    persons,
    practitioners,
    registrations,
    standing_sanctions,
)
from scoring_service.db.tables.schema import one_of
from scoring_service.written import as_searched

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Row

    from scoring_service.core.standing import Span
    from scoring_service.db.ledger import LockedFile
    from scoring_service.db.tables.schema import Columns

_MICROSECOND = timedelta(microseconds=1)
Version = TypeVar("Version", bound=SpanVersion)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRow(RegistrationVersion):
    """One row of a registration, with the reason of its end."""

    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpans:
    """A person's data, registrations and affiliations as they were known at a moment, in the order of their start.

    `merged` are the person data that came with files merged into this one: what those called the person.
    `numbers` names each span for ever: the file's revision at which its first row was recorded, by `span_id`.
    """

    persons: tuple[PersonRow, ...]
    registrations: tuple[RegistrationRow, ...]
    affiliations: tuple[AffiliationVersion, ...]
    merged: tuple[PersonRow, ...]
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionFields:
    """What is recorded of an institution itself; a field of it is a column of its row."""

    code: str
    name: str
    kind: str
    region: str

    def columns(self) -> dict[str, Any]:
        """Return these fields by column."""
        return {field.name: getattr(self, field.name) for field in fields(InstitutionFields)}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInstitution(InstitutionFields):
    """An institution's row: `revision` counts its agreements' rows, `version` every change."""

    recorded_at: datetime
    last_recorded_at: datetime
    revision: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPractitioner:
    """What a person's row says of the present: their category, and how often the row was written."""

    category: str
    version: int


def add_institutions(
    conn: Connection, rows: Sequence[Mapping[str, Any]], agreed: Sequence[Mapping[str, Any]]
) -> bool:
    """Insert institutions and, when every code was free, their first agreements; tell whether it was."""
    statement = upsert(institutions).on_conflict_do_nothing().returning(institutions.c.code)
    free = len(conn.execute(statement, [dict(row) for row in rows]).all()) == len(rows)
    if free:
        keep_words(conn, institution_words, [_words_of(row["code"], row["name"]) for row in rows])
    if free and agreed:
        insert_many(conn, agreements, agreed)
    return free


def lock_institution(conn: Connection, code: str) -> StoredInstitution:
    """Lock an institution's row against other writers, not against rows that refer to it."""
    query = select(institutions).where(institutions.c.code == code).with_for_update(key_share=True)
    return StoredInstitution(**conn.execute(query).mappings().one())


def change_institution(conn: Connection, code: str, **values: Any) -> None:
    """Write new values to an institution and count its version on."""
    conn.execute(
        update(institutions)
        .where(institutions.c.code == code)
        .values(version=institutions.c.version + 1, **values)
    )
    if "name" in values:
        keep_words(conn, institution_words, [_words_of(code, values["name"])])


def _words_of(code: str, name: str) -> Columns:
    return {"institution_code": code, "words": words_of_institution(code, name)}


def institutions_by_code(conn: Connection, codes: Collection[str]) -> dict[str, StoredInstitution]:
    """Return these institutions by code; an unknown code is left out."""
    rows = conn.execute(select(institutions).where(institutions.c.code.in_(codes))).mappings()
    return {row["code"]: StoredInstitution(**row) for row in rows}


def regions_by_code(conn: Connection, codes: Collection[str]) -> dict[str, str]:
    """Return the divisions of these institutions by code; an unknown code is left out."""
    query = select(institutions.c.code, institutions.c.region).where(one_of(institutions.c.code, "codes"))
    return {row.code: row.region for row in conn.execute(query, {"codes": list(codes)})}


def agreements_known(
    conn: Connection, codes: Collection[str], known_at: datetime | None = None
) -> dict[str, list[SpanVersion]]:
    """Return each institution's agreements as known at `known_at` (None: now), in the order of their start."""
    versions: dict[str, list[SpanVersion]] = {code: [] for code in codes}
    for row in conn.execute(select(agreements).where(agreements.c.institution_code.in_(codes))):
        versions[row.institution_code].append(SpanVersion(**version_members(row)))
    return {code: _by_start(known_versions(rows, known_at)) for code, rows in versions.items()}


def agreements_on_record(conn: Connection, code: str) -> list[tuple[SpanVersion, str]]:
    """Return every row of an institution's agreements with who recorded it, in the order of `revision`."""
    query = select(agreements).where(agreements.c.institution_code == code).order_by(agreements.c.revision)
    return [(SpanVersion(**version_members(row)), row.recorded_by) for row in conn.execute(query)]


def append_agreement(
    conn: Connection,
    institution: StoredInstitution,
    *,
    span: Span,
    span_id: str | None,
    recorded_at: datetime,
    recorded_by: str,
) -> None:
    """Add a row for an agreement of a locked institution; `span_id` names the one that it supersedes."""
    revision = institution.revision + 1
    recorded_at = max(recorded_at, institution.last_recorded_at + _MICROSECOND)
    row = agreement_row(
        institution.code,
        revision,
        span=span,
        span_id=span_id,
        recorded_at=recorded_at,
        recorded_by=recorded_by,
    )
    conn.execute(insert(agreements), [row])
    change_institution(conn, institution.code, revision=revision, last_recorded_at=recorded_at)


def agreement_row(
    code: str,
    revision: int,
    *,
    span: Span,
    span_id: str | None = None,
    recorded_at: datetime,
    recorded_by: str,
) -> Columns:
    """Return the row of an institution's agreement; `span_id` names the span that it supersedes."""
    return {"institution_code": code} | version_values(
        revision=revision, span=span, span_id=span_id, recorded_at=recorded_at, recorded_by=recorded_by
    )


def practitioner_by_id(conn: Connection, practitioner_id: str) -> StoredPractitioner:
    """Return what a person's row says."""
    columns = (practitioners.c.category, practitioners.c.version)
    query = select(*columns).where(practitioners.c.id == practitioner_id)
    return StoredPractitioner(**conn.execute(query).mappings().one())


def change_practitioner(conn: Connection, practitioner_id: str, **values: Any) -> None:
    """Write new values to a person's row and count its version on."""
    if "name" in values:
        values["name_searched"] = as_searched(values["name"])
    conn.execute(
        update(practitioners)
        .where(practitioners.c.id == practitioner_id)
        .values(version=practitioners.c.version + 1, **values)
    )


def change_practitioners(conn: Connection, practitioner_ids: Sequence[str]) -> None:
    """Write the present data of these people to their rows and count their versions on."""
    keep_present(conn, practitioner_ids)
    chosen = practitioners.c.id.in_(practitioner_ids)
    conn.execute(update(practitioners).where(chosen).values(version=practitioners.c.version + 1))


def has_unanswered_termination(conn: Connection, practitioner_id: str) -> bool:
    """Tell whether a termination, begun or still to begin, waits for a re-registration."""
    sanctions = standing_sanctions.c
    return (
        conn.execute(
            select(sanctions.position).where(
                sanctions.practitioner_id == practitioner_id,
                sanctions.kind == "termination",
                sanctions.state_until_on.is_(None),
            )
        ).first()
        is not None
    )


def append_registration(conn: Connection, file: LockedFile, **version: Any) -> None:
    """Add a registration row to a locked file; `version` are the fields of `registration_row`."""
    conn.execute(insert(registrations), [registration_row(file, **version)])


def registration_row(
    file: LockedFile,
    *,
    span: Span,
    span_id: str | None = None,
    category: str,
    commitment_signed_on: date | None,
    reason: str | None = None,
    recorded_at: datetime,
    recorded_by: str,
) -> Columns:
    """Return the next row of a locked file for a registration; `span_id` names the span that it supersedes."""
    version = {"category": category, "commitment_signed_on": commitment_signed_on, "reason": reason}
    return version | next_version(
        file, span=span, span_id=span_id, recorded_at=recorded_at, recorded_by=recorded_by
    )


def append_affiliation(conn: Connection, file: LockedFile, **version: Any) -> None:
    """Add an affiliation row to a locked file; `version` are the fields of `affiliation_row`."""
    conn.execute(insert(affiliations), [affiliation_row(file, **version)])


def affiliation_row(
    file: LockedFile,
    *,
    institution: str,
    span: Span,
    span_id: str | None = None,
    recorded_at: datetime,
    recorded_by: str,
) -> Columns:
    """Return the next row of a locked file for an affiliation; `span_id` names the span that it supersedes."""
    return {"institution_code": institution} | next_version(
        file, span=span, span_id=span_id, recorded_at=recorded_at, recorded_by=recorded_by
    )


def append_versions(
    conn: Connection,
    personal: Sequence[Columns],
    registered: Sequence[Columns],
    affiliated: Sequence[Columns],
) -> None:
    """Add rows of many locked files, numbered under their locks."""
    for table, rows in ((persons, personal), (registrations, registered), (affiliations, affiliated)):
        if rows:
            insert_many(conn, table, rows)


def spans_known(
    conn: Connection,
    practitioner_ids: Sequence[str],
    known_at: datetime | None = None,
    revision: int | None = None,
) -> dict[str, KnownSpans]:
    """Return the present version of each span of these people, among what was known at (known_at, revision)."""
    personal, registered, affiliated = _every_version(conn, practitioner_ids)
    named = {each: _by_start(known_versions(rows, known_at, revision)) for each, rows in personal.items()}
    return {
        each: KnownSpans(
            persons=tuple(row for row in named[each] if row.merged_from is None),
            merged=tuple(row for row in named[each] if row.merged_from is not None),
            registrations=tuple(_by_start(known_versions(registered[each], known_at, revision))),
            affiliations=tuple(_by_start(known_versions(affiliated[each], known_at, revision))),
            numbers=_numbers(personal[each], registered[each], affiliated[each]),
        )
        for each in practitioner_ids
    }


def _every_version(
    conn: Connection, practitioner_ids: Sequence[str]
) -> tuple[
    dict[str, list[PersonRow]], dict[str, list[RegistrationRow]], dict[str, list[AffiliationVersion]]
]:
    registered: dict[str, list[RegistrationRow]] = {each: [] for each in practitioner_ids}
    affiliated: dict[str, list[AffiliationVersion]] = {each: [] for each in practitioner_ids}
    personal = read_persons(conn, practitioner_ids)
    for row in conn.execute(
        select(registrations).where(registrations.c.practitioner_id.in_(practitioner_ids))
    ):
        registered[row.practitioner_id].append(_registration(row))
    for row in conn.execute(
        select(affiliations, institutions.c.region)
        .join(institutions, institutions.c.code == affiliations.c.institution_code)
        .where(affiliations.c.practitioner_id.in_(practitioner_ids))
    ):
        affiliated[row.practitioner_id].append(_affiliation(row))
    return personal, registered, affiliated


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOnRecord:
    """Every row that was ever recorded of a person, the superseded ones too; `hands` names who, by `revision`.

    The first row of person data and the first registration share a revision, and a hand.
    """

    persons: tuple[PersonRow, ...]
    registrations: tuple[RegistrationRow, ...]
    affiliations: tuple[AffiliationVersion, ...]
    hands: Mapping[int, str]


def rows_on_record(conn: Connection, practitioner_id: str) -> RowsOnRecord:
    """Return every row of a person's registry."""
    personal, registered, affiliated = _every_version(conn, [practitioner_id])
    hands = union_all(
        *(
            select(table.c.revision, table.c.recorded_by).where(table.c.practitioner_id == practitioner_id)
            for table in (persons, registrations, affiliations)
        )
    )
    return RowsOnRecord(
        persons=tuple(row for row in personal[practitioner_id] if row.merged_from is None),
        registrations=tuple(registered[practitioner_id]),
        affiliations=tuple(affiliated[practitioner_id]),
        hands={row.revision: row.recorded_by for row in conn.execute(hands)},
    )


def _numbers(*kinds: Sequence[SpanVersion]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for version in chain.from_iterable(kinds):
        numbers[version.span_id] = min(version.revision, numbers.get(version.span_id, version.revision))
    return numbers


def _registration(row: Row[Any]) -> RegistrationRow:
    return RegistrationRow(
        **version_members(row),
        category=row.category,
        commitment_signed_on=row.commitment_signed_on,
        reason=row.reason,
    )


def _affiliation(row: Row[Any]) -> AffiliationVersion:
    return AffiliationVersion(**version_members(row), institution=row.institution_code, region=row.region)


def _by_start(versions: Iterable[Version]) -> list[Version]:
    return sorted(versions, key=lambda version: (version.span.start, version.revision))
