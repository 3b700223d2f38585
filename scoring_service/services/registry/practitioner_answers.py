"""A practitioner as the registry tells of them; identity numbers are masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.core.attention import attention
from scoring_service.core.registry import days_without_commitment
from scoring_service.core.standing import State, state_on
from scoring_service.db import practitioner_lists, registry
from scoring_service.db.persons import PRACTICE
from scoring_service.db.standing import decode_profile
from scoring_service.services.registry.namesakes import namesakes
from scoring_service.services.registry.records import (
    Affiliation,
    ListedPractitioner,
    MergedFile,
    PersonRecord,
    Practitioner,
    Registration,
)
from scoring_service.services.registry.spans import unbroken
from scoring_service.services.standing.reading import rulebook_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scoring_service.core.registry import AffiliationVersion, Profile
    from scoring_service.db.persons import PersonRow
    from scoring_service.db.practitioner_lists import PersonWithStanding
    from scoring_service.db.registry import KnownSpans, RegistrationRow
    from scoring_service.services.unit_of_work.transaction import Work


def practitioner_on_record(work: Work, practitioner_id: str) -> Practitioner:
    """Return a person with registrations and affiliations as they are on record now, and the state of today."""
    person = practitioner_lists.person_with_standing(work.conn, practitioner_id, work.today.year)
    spans = registry.spans_known(work.conn, [practitioner_id])[practitioner_id]
    current = current_registration(spans, work.today)
    return Practitioner(
        id=person.id,
        code=person.code,
        name=person.name,
        id_number=person.id_number_masked,
        category=person.category,
        status=_state(decode_profile(person.profile), work.today).status,
        revision=person.revision,
        version=person.version,
        registered_on=unbroken(spans.registrations, current)[0].span.start if current else None,
        commitment_signed_on=current.commitment_signed_on if current else None,
        lacks_commitment=any(span.covers(work.today) for span in days_without_commitment(spans.registrations)),
        **_practice_of(spans.persons[-1]),
        persons=tuple(person_record(version, spans) for version in (*spans.merged, *spans.persons)),
        registrations=tuple(registration(version, spans) for version in spans.registrations),
        affiliations=tuple(affiliation(version, spans) for version in spans.affiliations),
        merged_files=_merged_files(spans.merged),
        warnings=namesakes(work, practitioner_id),
    )


def _merged_files(rows: Sequence[PersonRow]) -> tuple[MergedFile, ...]:
    """Return the files that these rows of person data came from, the earliest merge first."""
    rows_of: dict[str, list[PersonRow]] = {}
    for row in rows:
        rows_of.setdefault(row.merged_from or "", []).append(row)
    merged = (
        MergedFile(
            id=file,
            codes=tuple(sorted({row.code for row in of_file if row.code is not None})),
            merged_at=max(row.recorded_at for row in of_file),
        )
        for file, of_file in rows_of.items()
    )
    return tuple(sorted(merged, key=lambda each: each.merged_at))


def listed_practitioner(work: Work, person: PersonWithStanding) -> ListedPractitioner:
    """Return a person as a list shows them: state, this year's points and institutions of today."""
    profile = decode_profile(person.profile)
    codes = {each.institution for each in profile.affiliations if each.span.covers(work.today)}
    points = person.points or 0
    rulebook = rulebook_on(work.rulebooks, profile, work.today)
    state = _state(profile, work.today)
    return ListedPractitioner(
        id=person.id,
        code=person.code,
        name=person.name,
        id_number=person.id_number_masked,
        category=person.category,
        status=state.status,
        revision=person.revision,
        version=person.version,
        attention=attention(work.today, state, profile.sanctions, points, rulebook),
        points=points,
        to_suspension=max(0, rulebook.suspend_at - points),
        institutions=tuple(sorted(codes)),
    )


def current_registration(spans: KnownSpans, today: date) -> RegistrationRow | None:
    """Return the registration of today, else the last one on record."""
    running = [version for version in spans.registrations if version.span.covers(today)]
    chosen = running or list(spans.registrations)
    return chosen[-1] if chosen else None


def person_record(version: PersonRow, spans: KnownSpans) -> PersonRecord:
    """Return what a person was called and coded as in a span; the identity number is masked."""
    return PersonRecord(
        number=spans.numbers[version.span_id],
        start=version.span.start,
        until=version.span.until,
        name=version.name,
        code=version.code,
        id_number=version.id_number_masked,
        category=version.category,
        **_practice_of(version),
        reason=version.reason,
        merged_from=version.merged_from,
    )


def _practice_of(version: PersonRow) -> dict[str, str | None]:
    return {name: getattr(version, name) for name in PRACTICE}


def registration(version: RegistrationRow, spans: KnownSpans) -> Registration:
    """Return a registration span."""
    return Registration(
        number=spans.numbers[version.span_id],
        start=version.span.start,
        until=version.span.until,
        category=version.category,
        commitment_signed_on=version.commitment_signed_on,
        reason=version.reason,
    )


def affiliation(version: AffiliationVersion, spans: KnownSpans) -> Affiliation:
    """Return an affiliation span."""
    return Affiliation(
        number=spans.numbers[version.span_id],
        start=version.span.start,
        until=version.span.until,
        institution=version.institution,
    )


def _state(profile: Profile, today: date) -> State:
    return state_on(today, profile.sanctions, registered=profile.registered_on(today))
