"""One person, one file (一医一档): the person, the registry, the standing, the ledger and all that hangs on them.

To the person and their institutions a file shows approved cases only, and neither hands nor internal notes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, true

from scoring_service.core.entries import EntryKind
from scoring_service.db.tables import entries, notices
from scoring_service.services.appeals.reading import appeals_of_person
from scoring_service.services.cases.reading import cases_of_person
from scoring_service.services.notices.issuing import receipt_history
from scoring_service.services.proposals.remediation_reading import applications_of_person
from scoring_service.services.registry.person_seen import person_seen
from scoring_service.services.standing.seen import standing_seen
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.tenure import Tenure, entries_seen, tenure_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Row

    from scoring_service.services.unit_of_work.transaction import Work

_CARRIED: Mapping[str, tuple[str, ...]] = {
    EntryKind.SCORE: ("points", "decided_on", "case_id", "finding_id", "item", "degree"),
    EntryKind.POINTS_CREDIT: ("points", "application_id"),
    EntryKind.TERM_CREDIT: ("days", "application_id"),
    EntryKind.CORRECTION: ("target_id", "value", "basis", "document_no", "reason"),
    EntryKind.REREGISTRATION: (),
    EntryKind.YEAR_CLOSED: ("year", "total"),
}


def file_of(work: Work, ref: str) -> dict[str, Any]:
    """Return a person's whole file and put the look on record. Raises NotFound."""
    practitioner_id: str = sight.require_known(work, ref)["id"]
    work.look(practitioner_id, "file")
    person, tenure = person_seen(work, practitioner_id), tenure_of(work, practitioner_id)
    return {
        "practitioner": person,
        "persons": person.persons,
        "registrations": person.registrations,
        "affiliations": person.affiliations,
        "commitment": {"signed_on": person.commitment_signed_on},
        "standing": standing_seen(work, practitioner_id),
        "entries": [entry_json(work, row) for row in _entries(work, practitioner_id, tenure)],
        "cases": cases_of_person(work, practitioner_id),
        "notices": [_notice_json(row) for row in _notices(work, practitioner_id)],
        "appeals": appeals_of_person(work, practitioner_id),
        "remediation": applications_of_person(work, practitioner_id),
    }


def ledger_of(work: Work, ref: str, *, limit: int, after: int | None) -> tuple[list[dict[str, Any]], int | None]:
    """Return a page of a person's entries by `seq`, and the seq to go on after. Raises NotFound."""
    practitioner_id: str = sight.require_known(work, ref)["id"]
    work.look(practitioner_id, "ledger")
    tenure = tenure_of(work, practitioner_id)
    rows = _entries(work, practitioner_id, tenure, limit=limit + 1, after=after or 0)
    items = [entry_json(work, row) for row in rows[:limit]]
    return items, rows[limit - 1].seq if len(rows) > limit else None


def entry_json(work: Work, row: Row[Any]) -> dict[str, Any]:
    """Return an entry with what its kind carries (scheme.md 2.1); who recorded it is told to the office only."""
    told = {
        "id": row.id,
        "seq": row.seq,
        "kind": row.kind,
        "effective_on": row.effective_on.isoformat(),
        "recorded_at": row.recorded_at.isoformat(),
        "revision": row.revision,
        "rulebook": {"id": row.rulebook_id, "sha256": row.rulebook_sha256},
    }
    if work.actor.is_office:
        told["recorded_by"] = row.recorded_by
    carried = {name.removesuffix("_id"): getattr(row, name) for name in _CARRIED[row.kind]}
    if carried.get("decided_on"):
        carried["decided_on"] = carried["decided_on"].isoformat()
    return told | carried


def _entries(
    work: Work, practitioner_id: str, tenure: Tenure | None, *, limit: int | None = None, after: int = 0
) -> list[Row[Any]]:
    query = (
        select(entries)
        .where(entries_seen(practitioner_id, tenure), entries.c.seq > after)
        .order_by(entries.c.seq)
        .limit(limit)
    )
    return list(work.conn.execute(query))


def _notices(work: Work, practitioner_id: str) -> list[Row[Any]]:
    query = (
        select(notices, receipt_history)
        .where(notices.c.practitioner_id == practitioner_id, _addressed(work))
        .order_by(notices.c.created_at, notices.c.id)
    )
    return list(work.conn.execute(query))


def _addressed(work: Work) -> ColumnElement[bool]:
    """The notices that the actor may read: the office all, everyone else those addressed to them."""
    actor = work.actor
    if actor.is_office:
        return true()
    kind, ref = notices.c.addressee_kind, notices.c.addressee_ref
    return or_(
        (kind == "practitioner") & (ref == (actor.practitioner_id or "")),
        (kind == "institution") & (ref == (actor.institution_code or "")),
    )


def _notice_json(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "practitioner": row.practitioner_id,
        "addressee": {"kind": row.addressee_kind, "ref": row.addressee_ref},
        "created_at": row.created_at.isoformat(),
        "received_on": row.received_on and row.received_on.isoformat(),
        "deemed": row.deemed,
        "proof": row.proof,
        "receipt_corrections": row.receipt_corrections,
        "window_closes_on": row.window_closes_on and row.window_closes_on.isoformat(),
        "provisional": row.provisional,
        "replaces": row.replaces,
    }
