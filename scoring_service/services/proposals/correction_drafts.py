"""Corrections that one person drafts and another posts: clerical, by reconsideration, by a court (scheme.md 2.1)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from scoring_service.core.entries import Basis
from scoring_service.core.procedure import ProposalState
from scoring_service.db.ledger import read_entries
from scoring_service.db.tables import corrections as table
from scoring_service.problems import Invalid, NotFound
from scoring_service.services.proposals.correcting import (
    announce,
    check_lower,
    post_correction,
    require_entry,
    target_among,
)
from scoring_service.services.unit_of_work.four_eyes import (
    check_decidable,
    check_other_person,
    decided_by_actor,
    recorded_by_actor,
)
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.sight import is_id, practitioner_filter
from scoring_service.services.unit_of_work.touch import check_touches_entry
from scoring_service.services.years.changing import changing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

    from scoring_service.services.unit_of_work.transaction import Work

KIND = "correction"
STATES = DRAFTED, APPROVED, REJECTED = (
    ProposalState.DRAFTED,
    ProposalState.APPROVED,
    ProposalState.REJECTED,
)
# An appeal posts its correction itself, with the decision.
BASES = tuple(basis.value for basis in Basis if basis is not Basis.APPEAL)


def draft(
    work: Work, entry_id: str, *, value: int, basis: str, document_no: str, reason: str
) -> dict[str, Any]:
    """Draft that an entry counts with `value` (points, or days of a term credit) from the start; 0 voids it.

    Raises NotFound, Conflict `not_correctable` for an entry that is neither a score nor a credit, Invalid for a
    value that is not lower than the present one, or another basis.
    """
    entry = require_entry(work, entry_id)
    check_touches_entry(work, entry.practitioner_id, entry.id)
    if basis not in BASES:
        raise Invalid("/basis", f"须为 {', '.join(BASES)} 之一 / must be one of {', '.join(BASES)}")
    known = tuple(read_entries(work.conn, [entry.practitioner_id])[entry.practitioner_id])
    check_lower(known, target_among(known, entry.id), value)
    row: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "practitioner_id": entry.practitioner_id,
        "target_id": entry.id,
        "value": value,
        "basis": basis,
        "document_no": document_no,
        "reason": reason,
        "state": DRAFTED,
    }
    work.conn.execute(insert(table).values(**row, **recorded_by_actor(work)))
    return _told(work, row["id"], "drafted")


def approve(work: Work, correction_id: str, *, expected_version: int | None = None) -> dict[str, Any]:
    """Post a drafted correction; return it with its `entry` and what it has `affected`.

    Raises NotFound, Forbidden `same_person`, Conflict `correction_state`, Stale, Invalid when the value is no longer
    lower than the present one.
    """
    person = require_correction(work, correction_id).practitioner_id
    with changing(work, [person]) as files:
        found = hold_correction(work, correction_id)
        check_other_person(work, found)
        check_decidable(found, KIND, DRAFTED, expected_version)
        posted = post_correction(
            files[person],
            target_entry_id=found.target_id,
            value=found.value,
            basis=found.basis,
            document_no=found.document_no,
            reason=found.reason,
        )
    affected = announce(work, posted)
    entry_id = affected["entry"]
    _change(work, found, state=APPROVED, entry_id=entry_id, **decided_by_actor(work))
    return _told(work, correction_id, "approved", entry=entry_id) | {"affected": affected}


def reject(
    work: Work, correction_id: str, *, reason: str, expected_version: int | None = None
) -> dict[str, Any]:
    """Reject a drafted correction. Raises NotFound, Forbidden `same_person`, Conflict `correction_state`, Stale."""
    found = hold_correction(work, correction_id)
    check_other_person(work, found)
    check_decidable(found, KIND, DRAFTED, expected_version)
    _change(work, found, state=REJECTED, rejected_because=reason, **decided_by_actor(work))
    return _told(work, correction_id, "rejected", reason=reason)


def require_correction(work: Work, correction_id: str) -> Row[Any]:
    """Return a drafted correction's row. Raises NotFound."""
    return _found(work, correction_id, lock=False)


def hold_correction(work: Work, correction_id: str) -> Row[Any]:
    """Return a drafted correction's row, locked for an act of the actor's.

    Raises NotFound, Forbidden as `touch` says of its entry.
    """
    found = _found(work, correction_id, lock=True)
    check_touches_entry(work, found.practitioner_id, found.target_id)
    return found


def _found(work: Work, correction_id: str, *, lock: bool) -> Row[Any]:
    query = select(table).where(
        table.c.id == correction_id, practitioner_filter(work, table.c.practitioner_id)
    )
    found = work.conn.execute(query.with_for_update() if lock else query) if is_id(correction_id) else None
    row = found.one_or_none() if found is not None else None
    if row is None:
        raise NotFound("更正 / correction")
    return row


def read_correction(work: Work, correction_id: str) -> dict[str, Any]:
    """Return a drafted correction, the look at the person on record. Raises NotFound."""
    row = require_correction(work, correction_id)
    work.look(row.practitioner_id, KIND)
    return correction_json(row._asdict())


def listing(work: Work, *, state: str | None = None) -> Listing[dict[str, Any]]:
    """Return the list of the drafted corrections that the actor may know of."""
    query = select(table).where(practitioner_filter(work, table.c.practitioner_id))
    if state is not None:
        query = query.where(table.c.state == state)
    keys = (table.c.recorded_at, table.c.id)
    return Listing(query=query, keys=keys, show=correction_json, looked_at=KIND)


def correction_json(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a drafted correction and what became of it; `target` is the entry that it corrects."""
    return {
        "id": row["id"],
        "version": row["version"],
        "state": row["state"],
        "practitioner": row["practitioner_id"],
        "target": row["target_id"],
        "value": row["value"],
        "basis": row["basis"],
        "document_no": row["document_no"],
        "reason": row["reason"],
        "recorded_by": row["recorded_by"],
        "recorded_at": row["recorded_at"].isoformat(),
        "decided_by": row["decided_by"],
        "decided_at": row["decided_at"] and row["decided_at"].isoformat(),
        "rejected_because": row["rejected_because"],
        "entry": row["entry_id"],
    }


def _change(work: Work, found: Row[Any], **columns: Any) -> None:
    work.conn.execute(
        update(table).where(table.c.id == found.id).values(version=found.version + 1, **columns)
    )


def _told(work: Work, correction_id: str, deed: str, **detail: Any) -> dict[str, Any]:
    row = require_correction(work, correction_id)
    work.audit(
        f"correction.{deed}",
        object_kind=KIND,
        object_id=row.id,
        practitioner_id=row.practitioner_id,
        detail=detail or None,
    )
    return correction_json(row._asdict())
