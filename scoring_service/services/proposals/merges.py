"""Merges: two files of one person, proposed as one by one person and approved by another (scheme.md 2.2).

There is no way back: what was recorded stays, and both references name the one file from then on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from scoring_service.core.merging import new_spans
from scoring_service.core.procedure import ProposalState
from scoring_service.db.ledger import lock_files
from scoring_service.db.locks import Lock, hold
from scoring_service.db.tables import merges as table
from scoring_service.problems import Conflict, Invalid, NotFound
from scoring_service.services.notices.issuing import issue_each
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.merge_preview import MergePreview, preview
from scoring_service.services.proposals.merge_writing import write_merge
from scoring_service.services.proposals.merged_matters import check_nothing_open, move_matters
from scoring_service.services.proposals.proposal import Kind, Proposal, shared_fields
from scoring_service.services.proposals.untold_sanctions import letters_on
from scoring_service.services.unit_of_work.listing import read_oldest
from scoring_service.services.unit_of_work.sight import practitioner_filter, require_practitioner
from scoring_service.services.unit_of_work.touch import check_touches_registry
from scoring_service.services.years.changing import changing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, RowMapping

    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedMerge(Proposal):
    """That the file `practitioner` closes and `into` answers for both; `revision` is the first change that it made.

    `preview` shows both files and the one that they would be while the decision is open.
    """

    into: str
    reason: str
    revision: int | None
    preview: MergePreview | None


def _show(_work: Work, row: RowMapping) -> ProposedMerge:
    return ProposedMerge(
        **shared_fields(row),
        into=row["into_id"],
        reason=row["reason"],
        revision=row["revision"],
        preview=None,
    )


def _visible(work: Work) -> ColumnElement[bool]:
    """Return the condition that the actor may know of both people; of a file that was merged, of the other one."""
    both = and_(practitioner_filter(work, table.c.practitioner_id), practitioner_filter(work, table.c.into_id))
    return or_(both, and_(table.c.state == ProposalState.APPROVED, practitioner_filter(work, table.c.into_id)))


def _check_touches(work: Work, row: RowMapping) -> None:
    for person in (row["practitioner_id"], row["into_id"]):
        check_touches_registry(work, person)


MERGE = Kind(
    table=table,
    name="merge",
    noun="并档 / merge",
    waiting=ProposalState.DRAFTED,
    show=_show,
    check_touches=_check_touches,
    visible=_visible,
    audited=("into_id",),
    people=("practitioner_id", "into_id"),
)


def read(work: Work, merge_id: str) -> ProposedMerge:
    """Return a merge; while it waits, with what it would make of both files. Raises NotFound."""
    return _with_preview(work, proposal.read(work, MERGE, merge_id))


def _with_preview(work: Work, shown: ProposedMerge) -> ProposedMerge:
    if shown.state != ProposalState.DRAFTED:
        return shown
    work.look(shown.into, MERGE.name)
    return replace(shown, preview=preview(work, shown.practitioner, shown.into))


def waiting_merge(work: Work, practitioner_id: str) -> ProposedMerge | None:
    """Return the merge of a file, under either part in it, that waits for its decision: one at most."""
    listed = proposal.listing(work, MERGE, state=MERGE.waiting, practitioner_id=practitioner_id)
    return next(iter(read_oldest(work, listed, limit=1)), None)


def compare(work: Work, ref: str, other: str) -> MergePreview:
    """Return two files beside each other, and what they would be if `other` closed.

    Raises NotFound, Conflict `same_file`.
    """
    into, merged = require_practitioner(work, ref).id, require_practitioner(work, other).id
    _check_two(merged, into)
    for person in (into, merged):
        work.look(person, MERGE.name)
    return preview(work, merged, into)


def _check_two(merged: str, into: str) -> None:
    if merged == into:
        raise Conflict("same_file", "两者已是同一份档案 / both references name one file already")


def draft(work: Work, ref: str, *, into: str, reason: str) -> ProposedMerge:
    """Propose that the file `ref` names closes and the one that `into` names answers for both; return the proposal.

    Raises NotFound, Invalid at `/into`, Forbidden as `touch` says, Conflict `same_file`, `merge_exists` while another
    merge of either waits, and `matters_open`.
    """
    merged = require_practitioner(work, ref).id
    check_touches_registry(work, merged)
    standing = _required(work, into)
    _check_two(merged, standing)
    check_touches_registry(work, standing)
    lock_files(work.conn, [merged, standing])
    _check_none_waits(work, merged, standing)
    check_nothing_open(work.conn, merged, standing)
    return _with_preview(work, proposal.propose(work, MERGE, merged, "drafted", into_id=standing, reason=reason))


def _required(work: Work, into: str) -> str:
    try:
        return require_practitioner(work, into).id
    except NotFound as unknown:
        raise Invalid("/into", unknown.detail) from None


def _check_none_waits(work: Work, *people: str) -> None:
    either = or_(table.c.practitioner_id.in_(people), table.c.into_id.in_(people))
    waiting = select(table.c.id).where(table.c.state == MERGE.waiting, either).limit(1)
    other = work.conn.execute(waiting).scalar_one_or_none()
    if other is not None:
        detail = "其中一份档案已有待决定的并档 / another merge of one of the files waits for its decision"
        raise Conflict("merge_exists", detail, merge=other)


def approve(work: Work, merge_id: str, *, expected_version: int | None = None) -> ProposedMerge:
    """Merge the two files, for good: known from now on; return the proposal.

    Raises NotFound, Forbidden `same_person` and as `touch` says, Stale, Conflict `merge_state`, `matters_open`.
    """
    known = proposal.require(work, MERGE, merge_id)
    proposal.check_waits(known, MERGE)
    merged, standing = known["practitioner_id"], known["into_id"]
    with changing(work, [merged, standing]) as files:
        row = proposal.hold_for_decision(work, MERGE, merge_id, expected_version)
        hold(work.conn, Lock.REGISTRY)
        check_nothing_open(work.conn, merged, standing)
        file = files[standing]
        revision = write_merge(files[merged], file)
        move_matters(work.conn, merged, standing)
    _tell(work, row, file)
    return proposal.approved(work, MERGE, row, {"revision": revision}, revision=revision)


def _tell(work: Work, row: RowMapping, file: ChangingFile) -> None:
    """Announce a merge under both references, and write to the person of spans that neither file had."""
    merged, standing = row["practitioner_id"], row["into_id"]
    work.event("practitioner_merged", practitioner_id=standing, merge=row["id"], merged=merged)
    work.event("practitioner_merged", practitioner_id=merged, merge=row["id"], into=standing)
    work.audit(
        "practitioner.merged",
        object_kind="practitioner",
        object_id=standing,
        practitioner_id=standing,
        detail={"merge": row["id"], "merged": merged},
    )
    before = [each.folded().sanctions for each in (file.before, *file.merged)]
    spans = new_spans(file.after.folded().sanctions, *before)
    issue_each(work, letters_on(work, file, spans))
