"""A practitioner as the registry tells of them; identity numbers are masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoring_service.core.attention import attention
from scoring_service.core.standing import State, state_on
from scoring_service.db import practitioner_lists, registry
from scoring_service.db.standing import decode_profile
from scoring_service.services.registry.namesakes import namesakes
from scoring_service.services.registry.spans import span_answer, unbroken
from scoring_service.services.standing.reading import rulebook_on

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Row

    from scoring_service.core.registry import AffiliationVersion, Profile
    from scoring_service.db.persons import PersonRow
    from scoring_service.db.registry import KnownSpans, RegistrationRow
    from scoring_service.services.unit_of_work.transaction import Work


def practitioner_answer(work: Work, practitioner_id: str) -> dict[str, Any]:
    """Return a person with registrations and affiliations as they are on record now, and the state of today."""
    row = practitioner_lists.person_with_standing(work.conn, practitioner_id, work.today.year)
    spans = registry.spans_known(work.conn, [practitioner_id])[practitioner_id]
    current = current_registration(spans, work.today)
    return _named(row) | {
        "status": _state(decode_profile(row.profile), work.today).status.value,
        "registered_on": unbroken(spans.registrations, current)[0].span.start.isoformat() if current else None,
        "persons": [person_answer(version, spans) for version in spans.persons],
        "registrations": [registration_answer(version, spans) for version in spans.registrations],
        "affiliations": [affiliation_answer(version, spans) for version in spans.affiliations],
        "commitment_signed_on": _iso(current.commitment_signed_on) if current else None,
        "warnings": namesakes(work, practitioner_id),
        "revision": row.revision,
        "version": row.version,
    }


def list_answer(work: Work, row: Row[Any]) -> dict[str, Any]:
    """Return a person as a list shows them: state, this year's points and institutions of today.

    `attention` is what they ask attention for today; `to_suspension` is the distance to the suspension's threshold, 0
    from there on, both under the person's own rulebook.
    """
    profile = decode_profile(row.profile)
    codes = {each.institution for each in profile.affiliations if each.span.covers(work.today)}
    points = row.points or 0
    rulebook = rulebook_on(work.rulebooks, profile, work.today)
    state = _state(profile, work.today)
    return _named(row) | {
        "status": state.status.value,
        "attention": attention(work.today, state, profile.sanctions, points, rulebook),
        "points": points,
        "to_suspension": max(0, rulebook.suspend_at - points),
        "institutions": sorted(codes),
        "revision": row.revision,
        "version": row.version,
    }


def current_registration(spans: KnownSpans, today: date) -> RegistrationRow | None:
    """Return the registration of today, else the last one on record."""
    running = [version for version in spans.registrations if version.span.covers(today)]
    chosen = running or list(spans.registrations)
    return chosen[-1] if chosen else None


def person_answer(version: PersonRow, spans: KnownSpans) -> dict[str, Any]:
    """Return what a person was called and coded as in a span; the identity number is masked."""
    return {
        "number": spans.numbers[version.span_id],
        **span_answer(version.span),
        "name": version.name,
        "code": version.code,
        "id_number": version.id_number_masked,
        "category": version.category,
        "reason": version.reason,
    }


def registration_answer(version: RegistrationRow, spans: KnownSpans) -> dict[str, Any]:
    """Return a registration span."""
    return {
        "number": spans.numbers[version.span_id],
        **span_answer(version.span),
        "category": version.category,
        "commitment_signed_on": _iso(version.commitment_signed_on),
        "reason": version.reason,
    }


def affiliation_answer(version: AffiliationVersion, spans: KnownSpans) -> dict[str, Any]:
    """Return an affiliation span."""
    return {
        "number": spans.numbers[version.span_id],
        "institution": version.institution,
        **span_answer(version.span),
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _named(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "code": row.code,
        "name": row.name,
        "id_number": row.id_number_masked,
        "category": row.category,
    }


def _state(profile: Profile, today: date) -> State:
    return state_on(today, profile.sanctions, registered=profile.registered_on(today))
