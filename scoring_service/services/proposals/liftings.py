"""Liftings: the end of a measure, drafted by one person and posted by another (scheme.md 2.1 and 2.3, P34)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.entries import EntryKind, Measure
from scoring_service.core.errors import RuleError
from scoring_service.core.fold import fold
from scoring_service.core.gates import check_lifting
from scoring_service.core.procedure import NoticeKind, ProposalState
from scoring_service.core.standing import Status, state_on
from scoring_service.db.affected import Affected
from scoring_service.db.cases import institutions_of_entries, read_cases
from scoring_service.db.ledger import lock_files, read_entries
from scoring_service.db.sanction_json import stated_sanction
from scoring_service.db.tables import cases
from scoring_service.db.tables import liftings as table
from scoring_service.letters.measures import decision_facts, lifted_facts
from scoring_service.problems import Conflict, Invalid
from scoring_service.services.notices.documents import Loaded
from scoring_service.services.notices.issuing import Letter, issue_each
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.correcting import (
    affected_by,
    announce_change,
    institutions_concerned,
    require_entry,
)
from scoring_service.services.proposals.proposal import Kind, Proposal, shared_fields
from scoring_service.services.unit_of_work.touch import check_touches_entry
from scoring_service.services.years.changing import changing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy import RowMapping

    from scoring_service.core.entries import Entry
    from scoring_service.letters.facts import Facts
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedLifting(Proposal):
    """That the measure `target` ends on the day of approval; `entry` is the one that was posted."""

    target: str
    reason: str
    entry: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedLifting(DraftedLifting):
    """A lifting with what its approval has affected."""

    affected: Affected


def _show(_work: Work, row: RowMapping) -> DraftedLifting:
    return DraftedLifting(
        **shared_fields(row), target=row["target_id"], reason=row["reason"], entry=row["entry_id"]
    )


LIFTING = Kind(
    table=table,
    name="lifting",
    noun="解除措施 / lifting",
    waiting=ProposalState.DRAFTED,
    show=_show,
    check_touches=lambda work, row: check_touches_entry(work, row["practitioner_id"], row["target_id"]),
)


def draft(work: Work, entry_id: str, *, reason: str) -> DraftedLifting:
    """Draft that a measure ends; return the proposal.

    Raises NotFound, Invalid for an entry that is no measure, Conflict `measure_ended` for one that holds no more, and
    `lifting_exists` while another lifting of it waits.
    """
    entry = require_entry(work, entry_id)
    check_touches_entry(work, entry.practitioner_id, entry.id)
    if entry.kind is not EntryKind.MEASURE:
        raise Invalid("", "该记录条目不是机构措施 / this entry is no measure")
    lock_files(work.conn, [entry.practitioner_id])
    _check_holds(read_entries(work.conn, [entry.practitioner_id])[entry.practitioner_id], entry.id, work.today)
    _check_none_waits(work, entry.id)
    return proposal.propose(
        work, LIFTING, entry.practitioner_id, "drafted", target_id=entry.id, reason=reason
    )


def approve(work: Work, lifting_id: str, *, expected_version: int | None = None) -> PostedLifting:
    """Post the end of a measure, today; return the lifting with its `entry` and what it has `affected`.

    Raises NotFound, Forbidden `same_person`, Stale, Conflict `lifting_state`, `measure_ended`.
    """
    person = proposal.require(work, LIFTING, lifting_id)["practitioner_id"]
    with changing(work, [person]) as files:
        row = proposal.hold_for_decision(work, LIFTING, lifting_id, expected_version)
        file = files[person]
        measure = _measure(file.before.entries, row["target_id"])
        _check_holds(file.before.entries, measure.id, work.today)
        entry_id = file.post(
            EntryKind.MEASURE_LIFTED,
            effective_on=work.today,
            rulebook=measure.rulebook,
            target_id=measure.id,
        )
    affected = affected_by(work, entry_id, file)
    announce_change(work, "measure_lifted", person, affected, target=measure.id)
    letter = _letter(work, file, measure, row["reason"], affected)
    issue_each(work, [letter], loaded=Loaded(files={person: file.after}))
    decided = proposal.approved(work, LIFTING, row, {"entry": entry_id}, entry_id=entry_id)
    plain = {field.name: getattr(decided, field.name) for field in fields(decided)}
    return PostedLifting(**plain, affected=affected)


def _measure(entries: Iterable[Entry], entry_id: str) -> Measure:
    return next(entry for entry in entries if isinstance(entry, Measure) and entry.id == entry_id)


def _check_holds(entries: Iterable[Entry], entry_id: str, day: date) -> None:
    try:
        check_lifting(fold(entries), entry_id, day)
    except RuleError as refused:
        raise Conflict(refused.code, refused.detail) from refused


def _check_none_waits(work: Work, entry_id: str) -> None:
    waiting = select(table.c.id).where(table.c.target_id == entry_id, table.c.state == LIFTING.waiting)
    other = work.conn.execute(waiting).scalar_one_or_none()
    if other is not None:
        raise Conflict("lifting_exists", "已有待决定的解除 / another lifting of it waits", lifting=other)


def _letter(work: Work, file: ChangingFile, measure: Measure, reason: str, affected: Affected) -> Letter:
    return Letter(
        kind=NoticeKind.MEASURE,
        practitioner_id=file.practitioner_id,
        entry_id=affected.entry,
        case_id=measure.case,
        facts=_facts(work, file, measure, reason, affected),
        case_institutions=institutions_of_entries(work.conn, [measure.id]),
        also_to=institutions_concerned(work, file.practitioner_id, measure.id, affected),
    )


def _facts(work: Work, file: ChangingFile, measure: Measure, reason: str, affected: Affected) -> Facts:
    [case] = read_cases(work.conn, cases.c.id == measure.case)
    taken = case.handling.measure
    if taken is None:
        message = f"case {case.id} has posted a measure that its decision did not take"
        raise RuntimeError(message)
    folded = file.after.folded()
    registered = file.after.profile(folded).registered_on(work.today)
    state = state_on(work.today, folded.sanctions, registered=registered)
    return decision_facts(case.institution_name, case.handling, taken) | lifted_facts(
        lifted_on=work.today,
        reason=reason,
        restored=state.status is Status.NORMAL,
        spans_after=[stated_sanction(span) for span in folded.sanctions if span.holds(work.today)],
        refusals=len(affected.refusals),
    )
