"""Registrations and affiliations in time, as they were known (scheme.md 2.2 and 2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from scoring_service.core.sanctions import Sanction
from scoring_service.core.standing import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


PRINCIPAL = "pharmacy_principal"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanVersion:
    """One row of a span in time; a later `revision` with the same `span_id` supersedes it."""

    span_id: str
    revision: int
    recorded_at: datetime
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationVersion(SpanVersion):
    """One row of a registration: the category the person is registered in, the day the commitment letter was signed."""

    category: str
    commitment_signed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliationVersion(SpanVersion):
    """One row of an affiliation: the institution and the division it lies in."""

    institution: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonVersion(SpanVersion):
    """One row of person data: the name, the category and the national code of its days.

    A row that came `merged_from` another file of the person says what that one called them; its code answers too.
    """

    name: str
    category: str
    code: str | None
    merged_from: str | None = None


Version = TypeVar("Version", bound=SpanVersion)
Person = TypeVar("Person", bound=PersonVersion)


def known_versions(
    versions: Iterable[Version], known_at: datetime | None = None, revision: int | None = None
) -> list[Version]:
    """Return the last known version of each span, in the order of `revision`; emptied spans are left out."""
    latest: dict[str, Version] = {}
    for version in sorted(versions, key=lambda version: version.revision):
        late = known_at is not None and version.recorded_at > known_at
        if not late and (revision is None or version.revision <= revision):
            latest[version.span_id] = version
    return [version for version in latest.values() if version.span.start != version.span.until]


def days_without_commitment(registrations: Iterable[RegistrationVersion]) -> tuple[Span, ...]:
    """Return the days on which somebody is registered and has not signed the commitment letter (P21), by start."""
    spans = (_before_commitment(version) for version in registrations)
    return tuple(sorted((span for span in spans if span is not None), key=lambda span: span.start))


def _before_commitment(registration: RegistrationVersion) -> Span | None:
    (start, until), signed_on = registration.span, registration.commitment_signed_on
    if signed_on is None or (until is not None and until <= signed_on):
        return registration.span
    return Span(start, signed_on) if start < signed_on else None


def person_on(versions: Iterable[Person], day: date) -> Person:
    """Return the row of person data that holds on `day`: the last to begin by then, before all of them the first.

    The rows of a merged file call the person nothing.
    """
    own = (version for version in versions if version.merged_from is None)
    ordered = sorted(own, key=lambda version: (version.span.start, version.revision))
    begun = [version for version in ordered if version.span.start <= day]
    return begun[-1] if begun else ordered[0]


class Registration(NamedTuple):
    """A span in which a person is registered, and in which category."""

    category: str
    span: Span


class Affiliation(NamedTuple):
    """A span in which a person is registered at an institution."""

    institution: str
    region: str
    span: Span


class Profile(NamedTuple):
    """All that an eligibility answer needs of a file: spans, sanctions and the rulebooks of its scores.

    `without_commitment` are the days on which the person is registered and has signed no commitment letter, by start.
    """

    registrations: tuple[Registration, ...]
    affiliations: tuple[Affiliation, ...]
    sanctions: tuple[Sanction, ...]
    scored_under: tuple[tuple[date, str], ...] = ()
    without_commitment: tuple[Span, ...] = ()

    def registered_on(self, day: date) -> bool:
        """Tell whether the person is registered on `day`."""
        for _, (start, until) in self.registrations:  # noqa: SIM110 -- loops, asked thousands of times in a call
            if start <= day and (until is None or day < until):
                return True
        return False

    def affiliated(self, institution: str, day: date) -> bool:
        """Tell whether the person is registered at `institution` on `day`."""
        for code, _, (start, until) in self.affiliations:
            if code == institution and start <= day and (until is None or day < until):
                return True
        return False

    def is_principal_of(self, pharmacy: str, day: date) -> bool:
        """Tell whether the person is registered on `day` as principal of a pharmacy, and at this one."""
        return self.affiliated(pharmacy, day) and any(
            registration.category == PRINCIPAL and registration.span.covers(day)
            for registration in self.registrations
        )

    def region_on(self, day: date) -> str | None:
        """Return the division of the first institution affiliated on `day` (by start, then code)."""
        first = None
        for code, region, (start, until) in self.affiliations:
            covers = start <= day and (until is None or day < until)
            if covers and (first is None or (start, code) < first[:2]):
                first = (start, code, region)
        return first and first[2]

    def last_scored_under(self, day: date) -> str | None:
        """Return the rulebook id of the last score effective on or before `day`."""
        under = [rulebook for effective_on, rulebook in self.scored_under if effective_on <= day]
        return under[-1] if under else None


def principal_judged(pharmacy: str, day: date, principals: Mapping[str, Profile]) -> str | None:
    """Return who of a pharmacy's principals of a day, by id, is judged where nobody is named; None where there is none.

    Of several it is the one registered there last, of those the one with the last id.
    """

    def came(practitioner_id: str) -> tuple[date, str]:
        there = (row.span for row in principals[practitioner_id].affiliations if row.institution == pharmacy)
        return max(span.start for span in there if span.covers(day)), practitioner_id

    return max(principals, key=came, default=None)
