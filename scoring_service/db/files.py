"""Whole files read from the ledger and the registry, and what was known of them at a moment (scheme.md 2.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.civil import civil_day
from scoring_service.core.entries import Entry, Score
from scoring_service.core.fold import FoldedFile, fold, known
from scoring_service.core.registry import (
    Affiliation,
    AffiliationVersion,
    PersonVersion,
    Profile,
    Registration,
    RegistrationVersion,
    SpanVersion,
    days_without_commitment,
    known_versions,
)
from scoring_service.db.ledger import read_entries
from scoring_service.db.persons import read_persons
from scoring_service.db.spans import version_members
from scoring_service.db.tables import affiliations, institutions, registrations
from scoring_service.db.tables.schema import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class File:
    """One person, one file: entries, person data, registrations and affiliations, every version of them.

    It is folded once, however often it is asked; that is why it has no slots.
    """

    entries: tuple[Entry, ...]
    persons: tuple[PersonVersion, ...]
    registrations: tuple[RegistrationVersion, ...]
    affiliations: tuple[AffiliationVersion, ...]

    def known_at(self, known_at: datetime, revision: int | None = None) -> File:
        """Return the part of the file that was known at `known_at`, within its first `revision` changes."""
        return File(
            entries=tuple(known(self.entries, known_at, revision)),
            persons=tuple(known_versions(self.persons, known_at, revision)),
            registrations=tuple(known_versions(self.registrations, known_at, revision)),
            affiliations=tuple(known_versions(self.affiliations, known_at, revision)),
        )

    def revision_known_at(self, known_at: datetime) -> int:
        """Return how many changes of the file were recorded up to `known_at`."""
        rows: tuple[SpanVersion, ...] = (*self.persons, *self.registrations, *self.affiliations)
        changes: tuple[Entry | SpanVersion, ...] = (*self.entries, *rows)
        return max((change.revision for change in changes if change.recorded_at <= known_at), default=0)

    def effective_before(self, day: date) -> File:
        """Return the file without the entries that take effect on `day` or later."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.effective_on < day))

    def present_person(self) -> PersonVersion:
        """Return the person data that the practitioner's own row keeps: those of the row that begins last."""
        own = (version for version in known_versions(self.persons) if version.merged_from is None)
        return max(own, key=lambda version: (version.span.start, version.revision))

    def institutions_on(self, day: date) -> list[str]:
        """Return the codes of the institutions at which the person is registered on `day`, in their order."""
        return sorted({each.institution for each in known_versions(self.affiliations) if each.span.covers(day)})

    def codes(self) -> frozenset[str]:
        """Return every national code that the person has or had."""
        return frozenset(version.code for version in known_versions(self.persons) if version.code is not None)

    def names(self) -> frozenset[str]:
        """Return every name under which the person is or was on record; a row that was voided names nobody."""
        stand = {version.span_id for version in known_versions(self.persons)}
        return frozenset(version.name for version in self.persons if version.span_id in stand)

    def merged_on(self) -> date | None:
        """Return the day on which another file of the person was last merged into this one; None if none was."""
        merged = (version.recorded_at for version in self.persons if version.merged_from is not None)
        last = max(merged, default=None)
        return last and civil_day(last)

    def folded(self) -> FoldedFile:
        """Return the fold of the entries."""
        return self._folded

    @cached_property
    def _folded(self) -> FoldedFile:
        return fold(self.entries)

    def profile(self, folded: FoldedFile) -> Profile:
        """Return what an eligibility answer needs of this file."""
        registered = known_versions(self.registrations)
        return Profile(
            registrations=tuple(
                Registration(category=version.category, span=version.span) for version in registered
            ),
            affiliations=tuple(
                Affiliation(institution=version.institution, region=version.region, span=version.span)
                for version in known_versions(self.affiliations)
            ),
            sanctions=folded.sanctions,
            scored_under=tuple(
                (step.entry.effective_on, step.entry.rulebook.id)
                for step in folded.steps
                if isinstance(step.entry, Score) and step.corrected_to != 0
            ),
            without_commitment=days_without_commitment(registered),
        )


def read_files(conn: Connection, practitioner_ids: Sequence[str]) -> dict[str, File]:
    """Return the whole files of these people."""
    entries = read_entries(conn, practitioner_ids)
    personal = read_persons(conn, practitioner_ids)
    registered = _read_registrations(conn, practitioner_ids)
    affiliated = _read_affiliations(conn, practitioner_ids)
    return {
        practitioner_id: File(
            entries=tuple(entries[practitioner_id]),
            persons=tuple(personal[practitioner_id]),
            registrations=tuple(registered[practitioner_id]),
            affiliations=tuple(affiliated[practitioner_id]),
        )
        for practitioner_id in practitioner_ids
    }


_REGISTRATIONS = select(registrations).where(one_of(registrations.c.practitioner_id, "people"))
_AFFILIATIONS = (
    select(affiliations, institutions.c.region)
    .join(institutions, institutions.c.code == affiliations.c.institution_code)
    .where(one_of(affiliations.c.practitioner_id, "people"))
)


def _read_registrations(
    conn: Connection, practitioner_ids: Sequence[str]
) -> dict[str, list[RegistrationVersion]]:
    versions: dict[str, list[RegistrationVersion]] = {
        practitioner_id: [] for practitioner_id in practitioner_ids
    }
    for row in conn.execute(_REGISTRATIONS, {"people": list(practitioner_ids)}):
        versions[row.practitioner_id].append(
            RegistrationVersion(
                **version_members(row), category=row.category, commitment_signed_on=row.commitment_signed_on
            )
        )
    return versions


def _read_affiliations(
    conn: Connection, practitioner_ids: Sequence[str]
) -> dict[str, list[AffiliationVersion]]:
    versions: dict[str, list[AffiliationVersion]] = {practitioner_id: [] for practitioner_id in practitioner_ids}
    for row in conn.execute(_AFFILIATIONS, {"people": list(practitioner_ids)}):
        versions[row.practitioner_id].append(
            AffiliationVersion(
                **version_members(row), institution=row.institution_code, region=row.region
            )
        )
    return versions
