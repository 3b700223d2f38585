"""The people of a chunk: their rows put together, and what is on record of them, read by few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, LargeBinary, any_, bindparam, func, select

from scoring_service.db import registry
from scoring_service.db.standing import decode_profile
from scoring_service.db.tables import practitioners, standing_codes, standings
from scoring_service.db.tables.schema import one_of
from scoring_service.services.imports.practitioners import keys_of, span_to
from scoring_service.services.unit_of_work.touch import own_files

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.core.registry import Profile
    from scoring_service.core.standing import Span
    from scoring_service.db.registry import KnownSpans, StoredInstitution
    from scoring_service.services.imports.kind import StagedRow
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(slots=True, kw_only=True)
class RegistrationOfRows:
    """A registration as the rows of a person tell it, to its last day."""

    first: date
    last_day: date | None = None
    commitment_signed_on: date | None = None

    @property
    def span(self) -> Span:
        """The registration as a half-open span."""
        return span_to(self.first, self.last_day)


@dataclass(slots=True, kw_only=True)
class PersonRows:
    """The rows of one person; `values` has what the first row with a value says of a column."""

    rows: list[StagedRow] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    values: dict[str, Any] = field(default_factory=dict)

    def registrations(self) -> list[RegistrationOfRows]:
        """Return the registrations that the rows tell of, by their first day; `values` have the last of them."""
        parts: dict[date, RegistrationOfRows] = {}
        for row in self.rows:
            values = row.values
            if values.registered_on is None:
                continue
            part = parts.setdefault(values.registered_on, RegistrationOfRows(first=values.registered_on))
            part.last_day = part.last_day or values.registration_last_day
            part.commitment_signed_on = part.commitment_signed_on or values.commitment_signed_on
        return [parts[first] for first in sorted(parts)]


def people_of(rows: Sequence[StagedRow], personal: Sequence[str]) -> list[PersonRows]:
    """Put the rows of each person together, by their first ones; `personal` are the columns of a person."""
    by_key: dict[str, PersonRows] = {}
    people: list[PersonRows] = []
    for row in rows:
        keys = keys_of(row.values)
        person = next((by_key[key] for key in keys if key in by_key), None)
        if person is None:
            person = PersonRows()
            people.append(person)
        for key in keys:
            by_key.setdefault(key, person)
            person.keys.add(key)
        person.rows.append(row)
        for name in personal:
            if person.values.get(name) is None:
                person.values[name] = getattr(row.values, name)
    return people


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonOnRecord:
    """A person on record: spans, sanctions, and whether the file has entries."""

    id: str
    spans: KnownSpans
    profile: Profile
    has_entries: bool
    is_own_file: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRecord:
    """What is on record of a chunk: who has which code and number, each person, each institution."""

    by_code: Mapping[str, str]
    by_number: Mapping[str, str]
    people: Mapping[str, PersonOnRecord]
    institutions: Mapping[str, StoredInstitution]

    def ids(self, code: str | None, id_number: str | None) -> list[str]:
        """Return whom a code and a number name: nobody, one person, or two."""
        named = [self.by_code.get(code or ""), self.by_number.get(id_number or "")]
        return sorted({each for each in named if each is not None})


def read_on_record(work: Work, people: Sequence[PersonRows], institutions: Sequence[str | None] = ()) -> OnRecord:
    """Read what is on record of these people and institutions."""
    codes = [person.values["code"] for person in people if person.values.get("code")]
    named = select(standing_codes.c.code, standing_codes.c.practitioner_id)
    by_code = {
        row.code: row.practitioner_id
        for row in work.conn.execute(named.where(one_of(standing_codes.c.code, "codes")), {"codes": codes})
    }
    by_number = _by_number(work, [person.values["id_number"] for person in people if person.values.get("id_number")])
    return OnRecord(
        by_code=by_code,
        by_number=by_number,
        people=_read_people(work, sorted({*by_code.values(), *by_number.values()})),
        institutions=registry.institutions_by_code(work.conn, {code for code in institutions if code}),
    )


# The number of a file that was merged is that of the person whom the other is of.
_WHOSE = func.coalesce(practitioners.c.merged_into, practitioners.c.id).label("id")
_NUMBERED = select(_WHOSE, practitioners.c.id_number_digest).where(
    practitioners.c.id_number_digest == any_(bindparam("digests", type_=ARRAY(LargeBinary)))
)


def _by_number(work: Work, numbers: Sequence[str]) -> dict[str, str]:
    if not numbers:
        return {}
    kept = work.identity_numbers
    digests = {digest: number for number in numbers for digest in kept.digests(number)}
    rows = work.conn.execute(_NUMBERED, {"digests": list(digests)})
    return {digests[bytes(row.id_number_digest)]: row.id for row in rows}


def _read_people(work: Work, ids: Sequence[str]) -> dict[str, PersonOnRecord]:
    if not ids:
        return {}
    spans = registry.spans_known(work.conn, ids)
    own = own_files(work, ids)
    kept = select(standings.c.practitioner_id, standings.c.seq, standings.c.profile)
    rows = work.conn.execute(kept.where(one_of(standings.c.practitioner_id, "people")), {"people": list(ids)})
    return {
        row.practitioner_id: PersonOnRecord(
            id=row.practitioner_id,
            spans=spans[row.practitioner_id],
            profile=decode_profile(row.profile),
            has_entries=row.seq > 0,
            is_own_file=row.practitioner_id in own,
        )
        for row in rows
    }
