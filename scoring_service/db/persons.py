"""Person data in time: name, category, identity number and national codes, as rows that are only ever added."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, or_, select, update

from scoring_service.core.registry import PersonVersion, known_versions
from scoring_service.db.spans import next_version, version_members
from scoring_service.db.tables import persons, practitioners, standing_codes
from scoring_service.db.tables.schema import one_of
from scoring_service.written import as_searched

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from scoring_service.core.standing import Span
    from scoring_service.db.ledger import LockedFile
    from scoring_service.db.tables.schema import Columns

@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPractitioner:
    """A person as an answer about something else names them."""

    id: str
    code: str | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """What a person is admitted to do, in the words of the file of P15: 执业类型、执业类别、执业范围、专业技术职务."""

    practice_type: str | None = None
    practice_category: str | None = None
    practice_scope: str | None = None
    professional_title: str | None = None


PRACTICE = tuple(each.name for each in fields(Practice))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonData(Practice):
    """What a row says of a person; the practitioner's own row keeps the present values for lists and searches.

    An identity number is compared by its keyed hash: it is encrypted differently each time.
    """

    name: str
    category: str
    code: str | None
    id_number_encrypted: bytes | None = field(default=None, compare=False)
    id_number_digest: bytes | None = None
    id_number_masked: str | None = field(default=None, compare=False)


DATA = tuple(each.name for each in fields(PersonData))


def data_columns(data: PersonData) -> Columns:
    """Return person data by column."""
    return {name: getattr(data, name) for name in DATA}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow(PersonVersion):
    """One row of a person's data, with the three forms of the identity number and the reason of a change."""

    practice_type: str | None
    practice_category: str | None
    practice_scope: str | None
    professional_title: str | None
    id_number_encrypted: bytes | None
    id_number_digest: bytes | None
    id_number_masked: str | None
    reason: str | None

    @property
    def data(self) -> PersonData:
        """What the row says of the person."""
        return PersonData(**{name: getattr(self, name) for name in DATA})


def person_row(
    file: LockedFile,
    *,
    span: Span,
    span_id: str | None = None,
    data: PersonData,
    reason: str | None = None,
    merged_from: str | None = None,
    recorded_at: datetime,
    recorded_by: str,
) -> Columns:
    """Return the next row of a locked file for person data; `span_id` names the row's span that it supersedes."""
    version = next_version(file, span=span, span_id=span_id, recorded_at=recorded_at, recorded_by=recorded_by)
    return data_columns(data) | {"reason": reason, "merged_from": merged_from} | version


def first_person_row(registration: Columns, data: PersonData, span_id: str) -> Columns:
    """Return the first row of a file's person data: one change with the registration that opens the file."""
    shared = ("practitioner_id", "revision", "recorded_at", "from_on", "recorded_by")
    own = {"span_id": span_id, "until_on": None, "reason": None, "merged_from": None}
    return data_columns(data) | {name: registration[name] for name in shared} | own


def append_person(conn: Connection, file: LockedFile, **version: Any) -> None:
    """Add a row of person data to a locked file; `version` are the fields of `person_row`."""
    conn.execute(insert(persons), [person_row(file, **version)])


_PERSONS = (
    select(persons)
    .where(one_of(persons.c.practitioner_id, "people"))
    .order_by(persons.c.practitioner_id, persons.c.revision)
)


def read_persons(conn: Connection, practitioner_ids: Sequence[str]) -> dict[str, list[PersonRow]]:
    """Return every row of person data of these people, in the order of `revision`."""
    rows_of: dict[str, list[PersonRow]] = {each: [] for each in practitioner_ids}
    for row in conn.execute(_PERSONS, {"people": list(practitioner_ids)}):
        rows_of[row.practitioner_id].append(_version(row))
    return rows_of


def present_data(rows: Sequence[PersonRow]) -> PersonData:
    """Return the data that the practitioner's own row keeps: those of the row that begins last."""
    own = (row for row in known_versions(rows) if row.merged_from is None)
    return max(own, key=lambda row: (row.span.start, row.revision)).data


def keep_present(conn: Connection, practitioner_ids: Sequence[str]) -> None:
    """Write the present data of these people to their own rows."""
    present = {each: present_data(rows) for each, rows in read_persons(conn, practitioner_ids).items()}
    values = [
        data_columns(data) | {"person": each, "name_searched": as_searched(data.name)} for each, data in present.items()
    ]
    conn.execute(update(practitioners).where(practitioners.c.id == bindparam("person")), values)


def is_taken(
    conn: Connection, *, codes: Collection[str], digests: Collection[bytes], but: str | None = None
) -> bool:
    """Tell whether someone other than `but` has one of these codes, now or formerly, or identity numbers.

    The number of a file that was merged is still the person's.
    """
    person = func.coalesce(practitioners.c.merged_into, practitioners.c.id)
    query = select(practitioners.c.id).where(
        or_(
            practitioners.c.id.in_(
                select(standing_codes.c.practitioner_id).where(standing_codes.c.code.in_(codes))
            ),
            practitioners.c.id_number_digest.in_(digests),
        )
    )
    if but is not None:
        query = query.where(person != but)
    return conn.execute(query.limit(1)).first() is not None


def _version(row: Row[Any]) -> PersonRow:
    return PersonRow(
        **version_members(row),
        reason=row.reason,
        merged_from=row.merged_from,
        **{name: getattr(row, name) for name in DATA},
    )
