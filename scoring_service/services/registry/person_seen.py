"""A person as the registry tells of them, as far as the actor may know it: to a former employer up to the last day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from scoring_service.db.persons import PRACTICE
from scoring_service.services.registry.practitioner_answers import practitioner_on_record
from scoring_service.services.registry.records import PersonRecord, Registration, RegistryRow
from scoring_service.services.standing.seen import standing_seen
from scoring_service.services.unit_of_work.tenure import tenure_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from scoring_service.services.registry.records import Practitioner
    from scoring_service.services.unit_of_work.tenure import Tenure
    from scoring_service.services.unit_of_work.transaction import Work

Row = TypeVar("Row", bound=RegistryRow)


def person_seen(work: Work, practitioner_id: str) -> Practitioner:
    """Return a person as the registry tells of them, as far as the actor may know it."""
    person, tenure = practitioner_on_record(work, practitioner_id), tenure_of(work, practitioner_id)
    return person if tenure is None else _as_left(work, person, tenure)


def _as_left(work: Work, person: Practitioner, tenure: Tenure) -> Practitioner:
    """Return what was on record of a person up to the last day at an institution."""
    standing = standing_seen(work, person.id)
    named, registered = _begun(person.persons, tenure.end), _begun(person.registrations, tenure.end)
    affiliated = (row for row in person.affiliations if row.institution == tenure.institution)
    last, registration = named[-1] if named else person, registered[-1] if registered else None
    return replace(
        person,
        name=last.name,
        code=last.code,
        category=last.category,
        **{name: getattr(last, name) for name in PRACTICE},
        status=standing.standing.state.status,
        registered_on=registration.start if registration else None,
        commitment_signed_on=registration.commitment_signed_on if registration else None,
        persons=named,
        registrations=registered,
        affiliations=_begun(affiliated, tenure.end),
        warnings=(),
        revision=standing.revision,
        version=standing.revision,
    )


def _begun(rows: Iterable[Row], end: date) -> tuple[Row, ...]:
    """Return the spans that had begun before `end`, those that ran past it without their end and its reason."""
    return tuple(_as_known(row, end) for row in rows if row.start < end)


def _as_known(row: Row, end: date) -> Row:
    if row.until is None or row.until <= end:
        return row
    if isinstance(row, PersonRecord | Registration):
        return replace(row, until=None, reason=None)
    return replace(row, until=None)
