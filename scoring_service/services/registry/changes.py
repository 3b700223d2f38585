"""Many files changed at once: their new rows are numbered under their locks and written together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scoring_service.core.standing import Span
from scoring_service.db import registry
from scoring_service.db.locks import Lock, hold
from scoring_service.db.persons import PersonData, person_row
from scoring_service.db.standing import refresh
from scoring_service.services.registry.affiliations import lock_for_pharmacies
from scoring_service.services.registry.persons import put_on_record, superseding_registrations

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.db.ledger import LockedFile
    from scoring_service.db.registry import KnownSpans
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAffiliation:
    """A span at an institution; `supersedes` is the id of the span on record that it replaces, None for a new one."""

    institution: str
    span: Span
    supersedes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """What becomes other in a file: checked by whoever asks for it.

    `data`: the whole data of the person, None where none changes. `registration`: `category` and
    `commitment_signed_on` of the running registration. `ends_on`: the first day on which the person is not registered.
    """

    data: PersonData | None = None
    registration: Mapping[str, Any] = field(default_factory=dict)
    affiliations: Sequence[ChangedAffiliation] = ()
    ends_on: date | None = None

    def __bool__(self) -> bool:
        """Whether anything becomes other."""
        return bool(self.data or self.registration or self.affiliations or self.ends_on)


def write_changes(work: Work, files: Mapping[str, LockedFile], changes: Mapping[str, FileChange], kind: str) -> None:
    """Write the changes of locked files, each put on record as an act of this kind."""
    if any(change.data is not None for change in changes.values()):
        hold(work.conn, Lock.REGISTRY)
    else:
        lock_for_pharmacies(
            work, {each.institution for change in changes.values() for each in change.affiliations}
        )
    spans = registry.spans_known(work.conn, list(changes))
    rows = _Rows(work)
    for practitioner_id, change in changes.items():
        rows.add(files[practitioner_id], spans[practitioner_id], change)
    registry.append_versions(work.conn, rows.personal, rows.registered, rows.affiliated)
    registry.change_practitioners(work.conn, list(changes))
    refresh(work.conn, [files[practitioner_id] for practitioner_id in changes])
    for practitioner_id, change in changes.items():
        put_on_record(work, kind, practitioner_id, fields=_names(change))


def _names(change: FileChange) -> list[str]:
    named = {"data": change.data, "affiliations": change.affiliations, "ends_on": change.ends_on}
    return sorted([*(name for name, value in named.items() if value), *change.registration])


class _Rows:
    """The new rows of many files, all recorded at one instant; each file makes its own the later."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._recorded: dict[str, Any] = {"recorded_at": work.record(), "recorded_by": work.actor.username}
        self.personal: list[Columns] = []
        self.registered: list[Columns] = []
        self.affiliated: list[Columns] = []

    def add(self, file: LockedFile, spans: KnownSpans, change: FileChange) -> None:
        present = spans.persons[-1]
        if change.data is not None:
            version: dict[str, Any] = {"span": present.span, "span_id": present.span_id, "data": change.data}
            self.personal.append(person_row(file, **version, **self._recorded))
        if change.registration:
            for version in superseding_registrations(self._work, spans, change.registration):
                self._register(file, version)
        for each in change.affiliations:
            self._affiliate(file, each)
        if change.ends_on is not None:
            self._end(file, spans, change.ends_on)
        if self._work.service.clock.simulated:
            # The clock stands still: it is to stand after all that was recorded.
            while self._work.now < file.last_recorded_at:
                self._work.record()

    def _register(self, file: LockedFile, version: Mapping[str, Any]) -> None:
        self.registered.append(registry.registration_row(file, **version, **self._recorded))

    def _affiliate(self, file: LockedFile, each: ChangedAffiliation) -> None:
        version: dict[str, Any] = {
            "institution": each.institution,
            "span": each.span,
            "span_id": each.supersedes,
        }
        self.affiliated.append(registry.affiliation_row(file, **version, **self._recorded))

    def _end(self, file: LockedFile, spans: KnownSpans, on: date) -> None:
        """End the registrations and affiliations that run past a day; one that would begin later is emptied."""
        for registered in spans.registrations:
            if registered.span.until is None or registered.span.until > on:
                version = {
                    "span": _ended(registered.span, on),
                    "span_id": registered.span_id,
                    "category": registered.category,
                    "commitment_signed_on": registered.commitment_signed_on,
                    "reason": ENDED_BY_FILE,
                }
                self._register(file, version)
        for affiliated in spans.affiliations:
            if affiliated.span.until is None or affiliated.span.until > on:
                ended = _ended(affiliated.span, on)
                self._affiliate(
                    file,
                    ChangedAffiliation(
                        institution=affiliated.institution, span=ended, supersedes=affiliated.span_id
                    ),
                )


ENDED_BY_FILE = "导入的名册 / by an imported file"


def _ended(span: Span, on: date) -> Span:
    return Span(span.start, max(on, span.start))
