"""The registry as its files have it: institutions with their agreements, people with registrations and affiliations.

Of corrected rows the present version is told, of somebody with several codes the present one.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.db import registry
from scoring_service.db.persons import PRACTICE
from scoring_service.db.registry import agreements_known
from scoring_service.db.tables import institutions, practitioners
from scoring_service.services.imports.commitments import CommitmentRow
from scoring_service.services.imports.exported_people import number_of
from scoring_service.services.imports.finding_columns import ONE_DAY
from scoring_service.services.imports.institutions import InstitutionRow
from scoring_service.services.imports.practitioners import PractitionerRow
from scoring_service.services.registry.persons import running_registration
from scoring_service.services.unit_of_work.sight import institution_filter, practitioner_filter
from scoring_service.terms import CATEGORIES, INSTITUTION_KINDS, chinese

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import RowMapping

    from scoring_service.core.registry import AffiliationVersion
    from scoring_service.core.standing import Span
    from scoring_service.db.registry import KnownSpans, RegistrationRow
    from scoring_service.services.unit_of_work.transaction import Work

INSTITUTIONS_AT_ONCE = 1000


def institution_rows(work: Work) -> Iterator[InstitutionRow]:
    """Return a row for each agreement of the institutions that the actor may know of, one for who has none."""
    query = select(institutions).where(institution_filter(work)).order_by(institutions.c.code)
    rows = work.conn.execute(query).all()
    for first in range(0, len(rows), INSTITUTIONS_AT_ONCE):
        batch = rows[first : first + INSTITUTIONS_AT_ONCE]
        concluded = agreements_known(work.conn, [row.code for row in batch])
        for row in batch:
            spans: list[Span | None] = [agreement.span for agreement in concluded[row.code]]
            for span in spans or [None]:
                yield InstitutionRow(
                    code=row.code,
                    name=row.name,
                    kind=chinese(INSTITUTION_KINDS[row.kind]),
                    region=row.region,
                    agreement_from=span.start if span else None,
                    agreement_last_day=_last_day(span) if span else None,
                )


PEOPLE_AT_ONCE = 1000


def practitioner_rows(work: Work) -> Iterator[PractitionerRow]:
    """Return a row for each affiliation of the people whom the actor may know of, and one for what has none."""
    for batch in _people(work):
        spans = registry.spans_known(work.conn, [row["id"] for row in batch])
        for person in batch:
            for registration, place in _places(spans[person["id"]]):
                yield _practitioner_row(work, person, registration, place)


def commitment_rows(work: Work) -> Iterator[CommitmentRow]:
    """Return a row for each person who is registered today and has signed a commitment letter."""
    for batch in _people(work):
        spans = registry.spans_known(work.conn, [row["id"] for row in batch])
        for person in batch:
            running = running_registration(work, spans[person["id"]])
            if running is not None and running.commitment_signed_on is not None:
                yield CommitmentRow(
                    code=person["code"],
                    id_number=number_of(work, person["id_number_encrypted"]),
                    name=person["name"],
                    commitment_signed_on=running.commitment_signed_on,
                )


def _people(work: Work) -> Iterator[Sequence[RowMapping]]:
    """Return the people by code, those without one last, in batches; who was merged into another file is left out."""
    columns = practitioners.c
    query = select(practitioners).where(practitioner_filter(work), columns.merged_into.is_(None))
    rows = work.conn.execute(query.order_by(columns.code, columns.id)).mappings().all()
    for first in range(0, len(rows), PEOPLE_AT_ONCE):
        yield rows[first : first + PEOPLE_AT_ONCE]


# A registration with an affiliation that begins in it; None for what there is none of.
_Place = tuple["RegistrationRow | None", "AffiliationVersion | None"]


def _places(known: KnownSpans) -> list[_Place]:
    """Return what the rows of a person are about, in the order of days."""
    placed: list[_Place] = [(_begun(each.span.start, known.registrations), each) for each in known.affiliations]
    bare = [each for each in known.registrations if all(each is not registration for registration, _place in placed)]
    nothing: list[_Place] = [(None, None)]
    return sorted([*placed, *((each, None) for each in bare)], key=_by_day) or nothing


def _begun(day: date, registrations: Sequence[RegistrationRow]) -> RegistrationRow | None:
    """Return the registration that an affiliation begins in: the last to begin by its first day."""
    begun = [each for each in registrations if each.span.start <= day]
    return begun[-1] if begun else next(iter(registrations), None)


def _by_day(row: _Place) -> tuple[date, date, str]:
    registration, place = row
    first = registration.span.start if registration else date.min
    return first, place.span.start if place else date.min, place.institution if place else ""


def _practitioner_row(
    work: Work, person: RowMapping, registration: RegistrationRow | None, place: AffiliationVersion | None
) -> PractitionerRow:
    return PractitionerRow(
        code=person["code"],
        id_number=number_of(work, person["id_number_encrypted"]),
        name=person["name"],
        category=chinese(CATEGORIES[person["category"]]),
        registered_on=registration.span.start if registration else None,
        registration_last_day=_last_day(registration.span) if registration else None,
        commitment_signed_on=registration.commitment_signed_on if registration else None,
        institution=place.institution if place else None,
        affiliated_from=place.span.start if place else None,
        affiliation_last_day=_last_day(place.span) if place else None,
        **{name: person[name] for name in PRACTICE},
    )


def _last_day(span: Span) -> date | None:
    return None if span.until is None else span.until - ONE_DAY
