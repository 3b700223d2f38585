"""The ledger of a person as it is read: each entry with what its kind carries (scheme.md 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import select

from scoring_service.core.entries import Basis, EntryKind
from scoring_service.core.rulebook import CitedRulebook, Degree
from scoring_service.core.sanctions import SanctionKind
from scoring_service.db.tables import entries, findings
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.tenure import Tenure, entries_seen, tenure_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Row

    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a score carries: its points, and the finding of a case that it was made of."""

    points: int
    decided_on: date
    case: str
    finding: str
    item: str
    degree: Degree
    legal_basis: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsCredited:
    """What a points credit carries: the points, and the application that was granted."""

    points: int
    application: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCredited:
    """What a term credit carries: the days, and the application that was granted."""

    days: int
    application: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """What a resumption carries: how many days late it came, and the application that was granted."""

    late_days: int
    application: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a measure carries: the sanction it makes, `[start, until)` of the decision, and the case it is in."""

    effect: SanctionKind
    start: date
    until: date | None
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifted:
    """What a lifting carries: the entry of the measure that it ends."""

    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What a correction carries: the entry `target`, and the value that it counts with from its start."""

    target: str
    value: int
    basis: Basis
    document_no: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedAnew:
    """A re-registration carries nothing beside its day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedYear:
    """What the close of a year carries: the year's total."""

    year: int
    total: int


Carried: TypeAlias = (
    Scored | PointsCredited | TermCredited | Resumed | Measured | Lifted | Corrected | StartedAnew | ClosedYear
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """An entry as everybody sees it who may know of it; `copied_from` is the merged file's entry that it copies."""

    id: str
    seq: int
    kind: EntryKind
    effective_on: date
    recorded_at: datetime
    revision: int
    rulebook: CitedRulebook
    copied_from: str | None
    carried: Carried


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeEntry(LedgerEntry):
    """An entry with who recorded it, which the office alone is told."""

    recorded_by: str


def ledger_of(work: Work, ref: str, *, limit: int, after: int | None) -> tuple[list[LedgerEntry], int | None]:
    """Return a page of a person's entries by `seq`, and the seq to go on after. Raises NotFound."""
    practitioner_id = sight.require_known(work, ref).id
    work.look(practitioner_id, "ledger")
    tenure = tenure_of(work, practitioner_id)
    page = entries_of(work, practitioner_id, tenure, limit=limit + 1, after=after or 0)
    return page[:limit], page[limit - 1].seq if len(page) > limit else None


def entries_of(
    work: Work, practitioner_id: str, tenure: Tenure | None, *, limit: int | None = None, after: int = 0
) -> list[LedgerEntry]:
    """Return the entries of a person that may be known under this tenure, by `seq`."""
    query = (
        select(entries, findings.c.legal_basis)
        .outerjoin(findings, findings.c.id == entries.c.finding_id)
        .where(entries_seen(practitioner_id, tenure), entries.c.seq > after)
        .order_by(entries.c.seq)
        .limit(limit)
    )
    return [_entry(row, is_office=work.actor.is_office) for row in work.conn.execute(query)]


def _entry(row: Row[Any], *, is_office: bool) -> LedgerEntry:
    kind = EntryKind(row.kind)
    shown: dict[str, Any] = {
        "id": row.id,
        "seq": row.seq,
        "kind": kind,
        "effective_on": row.effective_on,
        "recorded_at": row.recorded_at,
        "revision": row.revision,
        "rulebook": CitedRulebook(id=row.rulebook_id, sha256=row.rulebook_sha256),
        "copied_from": row.copied_from,
        "carried": CARRIED[kind](row),
    }
    return OfficeEntry(**shown, recorded_by=row.recorded_by) if is_office else LedgerEntry(**shown)


def _scored(row: Row[Any]) -> Scored:
    return Scored(
        points=row.points,
        decided_on=row.decided_on,
        case=row.case_id,
        finding=row.finding_id,
        item=row.item,
        degree=Degree(row.degree),
        legal_basis=row.legal_basis,
    )


def _measured(row: Row[Any]) -> Measured:
    return Measured(effect=SanctionKind(row.effect), start=row.from_on, until=row.until_on, case=row.case_id)


def _corrected(row: Row[Any]) -> Corrected:
    return Corrected(
        target=row.target_id,
        value=row.value,
        basis=Basis(row.basis),
        document_no=row.document_no,
        reason=row.reason,
    )


CARRIED: Mapping[EntryKind, Callable[[Row[Any]], Carried]] = {
    EntryKind.SCORE: _scored,
    EntryKind.POINTS_CREDIT: lambda row: PointsCredited(points=row.points, application=row.application_id),
    EntryKind.TERM_CREDIT: lambda row: TermCredited(days=row.days, application=row.application_id),
    EntryKind.RESUMPTION: lambda row: Resumed(late_days=row.late_days, application=row.application_id),
    EntryKind.MEASURE: _measured,
    EntryKind.MEASURE_LIFTED: lambda row: Lifted(target=row.target_id),
    EntryKind.CORRECTION: _corrected,
    EntryKind.REREGISTRATION: lambda _row: StartedAnew(),
    EntryKind.YEAR_CLOSED: lambda row: ClosedYear(year=row.year, total=row.total),
}
