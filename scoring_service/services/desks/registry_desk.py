"""A person's registry at the desk: every row that was ever recorded, by whom, when and why, and what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from scoring_service.core.procedure import ProposalState
from scoring_service.db import registry
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.merges import ProposedMerge, waiting_merge
from scoring_service.services.proposals.registry_corrections import (
    MOST_CORRECTIONS,
    RECORDS,
    REGISTRY_CORRECTION,
    RegistryCorrection,
)
from scoring_service.services.registry.practitioners import read_practitioner
from scoring_service.services.registry.records import Affiliation, Practitioner, RegistryRow
from scoring_service.services.registry.rewrites import AFFILIATION, KINDS, PERSON, REGISTRATION
from scoring_service.services.unit_of_work.listing import read_page

if TYPE_CHECKING:
    from scoring_service.core.registry import SpanVersion
    from scoring_service.db.registry import KnownSpans, RowsOnRecord
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRow:
    """A row of the registry as it was recorded; `correction` is the one that wrote it, None for a first record.

    It is `void` where it emptied its span.
    """

    row: RegistryRow
    recorded_at: datetime
    recorded_by: str
    reason: str | None
    correction: RegistryCorrection | None
    void: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowHistory:
    """A span of the registry: its last row, those that it superseded, the latest first, and corrections that wait."""

    kind: str
    number: int
    last: RecordedRow
    superseded: tuple[RecordedRow, ...]
    waiting: tuple[RegistryCorrection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryFile:
    """A person with the histories of their rows by kind, in the order of their start, and a merge that waits."""

    person: Practitioner
    rows: Mapping[str, tuple[RowHistory, ...]]
    merge: ProposedMerge | None

    @property
    def institutions(self) -> set[str]:
        """The codes of the institutions that any row names or named."""
        histories = self.rows[AFFILIATION]
        rows = [each.row for history in histories for each in (history.last, *history.superseded)]
        return {row.institution for row in rows if isinstance(row, Affiliation)}


def read_registry_file(work: Work, ref: str) -> RegistryFile:
    """Return a person's registry with its history, and put the look on record. Raises NotFound."""
    person = read_practitioner(work, ref)
    listed = proposal.listing(work, REGISTRY_CORRECTION, practitioner_id=person.id)
    corrections = read_page(work, listed, limit=MOST_CORRECTIONS).items
    spans = registry.spans_known(work.conn, [person.id])[person.id]
    on_record = registry.rows_on_record(work.conn, person.id)
    rows = {kind: _histories(kind, spans, on_record, corrections) for kind in KINDS}
    return RegistryFile(person=person, rows=rows, merge=waiting_merge(work, person.id))


def _histories(
    kind: str, spans: KnownSpans, on_record: RowsOnRecord, corrections: Sequence[RegistryCorrection]
) -> tuple[RowHistory, ...]:
    of_kind = [correction for correction in corrections if correction.kind == kind]
    written: dict[str, list[SpanVersion]] = {}
    for version in sorted(_versions(on_record, kind), key=lambda version: version.revision):
        written.setdefault(version.span_id, []).append(version)
    histories = [_history(kind, spans, on_record, versions, of_kind) for versions in written.values()]
    return tuple(sorted(histories, key=lambda history: (history.last.row.start, history.number)))


def _versions(on_record: RowsOnRecord, kind: str) -> Sequence[SpanVersion]:
    return {
        PERSON: on_record.persons,
        REGISTRATION: on_record.registrations,
        AFFILIATION: on_record.affiliations,
    }[kind]


def _history(
    kind: str,
    spans: KnownSpans,
    on_record: RowsOnRecord,
    versions: Sequence[SpanVersion],
    corrections: Sequence[RegistryCorrection],
) -> RowHistory:
    by_revision = {each.revision: each for each in corrections}
    rows = [
        _recorded(RECORDS[kind](version, spans), version, on_record, by_revision.get(version.revision))
        for version in versions
    ]
    number = spans.numbers[versions[0].span_id]
    open_ones = [each for each in corrections if each.number == number and each.state == ProposalState.DRAFTED]
    *superseded, last = rows
    return RowHistory(
        kind=kind, number=number, last=last, superseded=tuple(reversed(superseded)), waiting=tuple(open_ones)
    )


def _recorded(
    row: RegistryRow, version: SpanVersion, on_record: RowsOnRecord, correction: RegistryCorrection | None
) -> RecordedRow:
    return RecordedRow(
        row=row,
        recorded_at=version.recorded_at,
        recorded_by=on_record.hands[version.revision],
        reason=correction.reason if correction else getattr(row, "reason", None),
        correction=correction,
        void=row.start == row.until,
    )
