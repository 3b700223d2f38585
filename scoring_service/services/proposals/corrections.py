"""Corrections that one person drafts and another posts: clerical, by reconsideration, by a court (scheme.md 2.1)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from scoring_service.core.entries import Basis
from scoring_service.core.procedure import ProposalState
from scoring_service.db.affected import Affected
from scoring_service.db.ledger import read_entries
from scoring_service.db.tables import corrections as table
from scoring_service.problems import Invalid
from scoring_service.services.notices.documents import Loaded
from scoring_service.services.notices.issuing import issue_each
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.correcting import (
    affected_by,
    announce,
    check_lower,
    post_correction,
    require_entry,
    target_among,
)
from scoring_service.services.proposals.proposal import Kind, Proposal, shared_fields
from scoring_service.services.proposals.untold_sanctions import letters_untold
from scoring_service.services.unit_of_work.touch import check_touches_entry
from scoring_service.services.years.changing import changing

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from scoring_service.services.unit_of_work.transaction import Work

# An appeal posts its correction itself, with the decision.
BASES = tuple(basis.value for basis in Basis if basis is not Basis.APPEAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedCorrection(Proposal):
    """That the entry `target` counts with `value`, in points or days; `entry` is the one that was posted."""

    target: str
    value: int
    basis: str
    document_no: str
    reason: str
    entry: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedCorrection(DraftedCorrection):
    """A correction with what its approval has affected."""

    affected: Affected


def _show(_work: Work, row: RowMapping) -> DraftedCorrection:
    plain = {name: row[name] for name in ("value", "basis", "document_no", "reason")}
    return DraftedCorrection(**shared_fields(row), **plain, target=row["target_id"], entry=row["entry_id"])


CORRECTION = Kind(
    table=table,
    name="correction",
    noun="更正 / correction",
    waiting=ProposalState.DRAFTED,
    show=_show,
    check_touches=lambda work, row: check_touches_entry(work, row["practitioner_id"], row["target_id"]),
)


def draft(
    work: Work, entry_id: str, *, value: int, basis: str, document_no: str, reason: str
) -> DraftedCorrection:
    """Draft that an entry counts with `value` (points, or days of a term credit) from the start; 0 voids it.

    Raises NotFound, Conflict `not_correctable` for an entry that is no score, credit or measure, Invalid for a
    value that is not lower than the present one, of a measure other than 0, or another basis.
    """
    entry = require_entry(work, entry_id)
    check_touches_entry(work, entry.practitioner_id, entry.id)
    if basis not in BASES:
        raise Invalid("/basis", f"须为 {', '.join(BASES)} 之一 / must be one of {', '.join(BASES)}")
    known = tuple(read_entries(work.conn, [entry.practitioner_id])[entry.practitioner_id])
    check_lower(known, target_among(known, entry.id), value)
    columns = {"target_id": entry.id, "value": value, "basis": basis, "document_no": document_no, "reason": reason}
    return proposal.propose(work, CORRECTION, entry.practitioner_id, "drafted", **columns)


def approve(work: Work, correction_id: str, *, expected_version: int | None = None) -> PostedCorrection:
    """Post a drafted correction; return it with its `entry` and what it has `affected`.

    Raises NotFound, Forbidden `same_person`, Conflict `correction_state`, Stale, Invalid when the value is no longer
    lower than the present one.
    """
    person = proposal.require(work, CORRECTION, correction_id)["practitioner_id"]
    with changing(work, [person]) as files:
        row = proposal.hold_for_decision(work, CORRECTION, correction_id, expected_version)
        posted = post_correction(
            files[person],
            target_entry_id=row["target_id"],
            value=row["value"],
            basis=row["basis"],
            document_no=row["document_no"],
            reason=row["reason"],
        )
    affected, entry_id = affected_by(work, posted.entry_id, posted.file), posted.entry_id
    letters = [announce(work, posted, affected), *letters_untold(work, files[person])]
    issue_each(work, letters, loaded=Loaded(files={person: files[person].after}))
    decided = proposal.approved(work, CORRECTION, row, {"entry": entry_id}, entry_id=entry_id)
    plain = {field.name: getattr(decided, field.name) for field in fields(decided)}
    return PostedCorrection(**plain, affected=affected)
