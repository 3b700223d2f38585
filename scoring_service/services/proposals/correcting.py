"""Corrections: an entry counts with a lower value from the start, and everybody is told what that changes.

Shared by appeals, which post at once, and by `corrections`, where another person posts (scheme.md 2.1).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.core.entries import CORRECTABLE, EntryKind, Measure, scoring_year
from scoring_service.core.fold import value_of
from scoring_service.core.procedure import NoticeKind
from scoring_service.core.standing import Status, state_on
from scoring_service.db.affected import Affected, AffectedRefusal, affected_spans
from scoring_service.db.cases import institutions_of_entries
from scoring_service.db.merges import of_one_file, standing_entry
from scoring_service.db.sanction_json import stated_sanction
from scoring_service.db.tables import eligibility_refusals, entries, notices
from scoring_service.letters.facts import Facts
from scoring_service.letters.settling import correction_facts
from scoring_service.problems import Conflict, Invalid, NotFound
from scoring_service.services.notices.issuing import Letter
from scoring_service.services.notices.records import INSTITUTION
from scoring_service.services.unit_of_work.sight import practitioner_filter
from scoring_service.written import is_id

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.core.entries import Entry
    from scoring_service.core.fold import FoldedFile
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a correction says: `value` in points, or days of a term credit; 0 voids the `target`."""

    person: str
    target: Entry
    value: int
    basis: str
    document_no: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A correction that was posted to its file, not yet told to anybody."""

    correction: Correction
    entry_id: str
    file: ChangingFile


def post_correction(
    file: ChangingFile, *, target_entry_id: str, value: int, basis: str, document_no: str | None, reason: str
) -> Posted:
    """Post a correction to its file; `announce` it when the file is settled.

    Raises Conflict `not_correctable` for an entry that is no score, credit or measure, Invalid at `/value` for one
    that is not lower than the present.
    """
    known = file.before.entries
    correction = Correction(
        person=file.practitioner_id,
        target=target_among(known, target_entry_id),
        value=value,
        basis=basis,
        document_no=document_no,
        reason=reason,
    )
    check_lower(known, correction.target, value)
    return Posted(correction=correction, entry_id=_post(file, correction), file=file)


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedEntry:
    """An entry that a proposal is about: whose it is, which, of which case, and what it carries, in points or days."""

    id: str
    practitioner_id: str
    seq: int
    kind: EntryKind
    effective_on: date
    points: int | None
    days: int | None
    case_id: str | None


def require_entry(work: Work, entry_id: str) -> CitedEntry:
    """Return an entry in the actor's sight, of a merged file's its copy in the one that counts. Raises NotFound."""
    query = select(*(entries.c[field.name] for field in fields(CitedEntry))).where(
        entries.c.id == standing_entry(work.conn, entry_id), practitioner_filter(work, entries.c.practitioner_id)
    )
    row = work.conn.execute(query).mappings().one_or_none() if is_id(entry_id) else None
    if row is None:
        raise NotFound("记录条目 / entry")
    return CitedEntry(**{**row, "kind": EntryKind(row["kind"])})


def target_among(known: tuple[Entry, ...], entry_id: str) -> Entry:
    """Return the entry with this id, a score, a credit or a measure. Raises Conflict `not_correctable`."""
    target = next(entry for entry in known if entry.id == entry_id)
    if target.kind not in CORRECTABLE:
        raise Conflict(
            "not_correctable",
            "只有记分、修复和机构措施条目可以更正 / only scores, credits and measures can be corrected",
        )
    return target


def check_lower(known: tuple[Entry, ...], target: Entry, value: int) -> None:
    """Refuse a value that is not lower than the present one: more points are a new case. Raises Invalid."""
    present = value_of(target, known)
    if isinstance(target, Measure) and value != 0:
        raise Invalid("/value", "机构措施只能更正为 0（撤销） / a measure can only be corrected to 0")
    if not 0 <= value < present:
        detail = f"更正值须低于现值 {present} / the value must be lower than the present {present}"
        raise Invalid("/value", detail)


def _post(file: ChangingFile, correction: Correction) -> str:
    return file.post(
        EntryKind.CORRECTION,
        effective_on=file.work.today,
        rulebook=correction.target.rulebook,
        target_id=correction.target.id,
        value=correction.value,
        basis=correction.basis,
        document_no=correction.document_no,
        reason=correction.reason,
    )


def affected_by(work: Work, entry_id: str, file: ChangingFile) -> Affected:
    """Return what an entry has affected that was posted to a file, which is settled by now."""
    before, after = file.before.folded(), file.after.folded()
    return Affected(
        entry=entry_id,
        before=affected_spans(before.sanctions),
        after=affected_spans(after.sanctions),
        refusals=_payable_now(work, file),
    )


def announce(work: Work, posted: Posted, affected: Affected) -> Letter:
    """Announce a correction; return the letter of it, to be issued."""
    correction, person = posted.correction, posted.correction.person
    announce_change(work, "correction", person, affected, target=correction.target.id)
    if affected.before != affected.after:
        announce_change(work, "sanctions_changed", person, affected)
    return Letter(
        kind=NoticeKind.CORRECTION,
        practitioner_id=person,
        entry_id=posted.entry_id,
        facts=_facts(work, posted, affected),
        case_institutions=institutions_of_entries(work.conn, [correction.target.id]),
        also_to=institutions_concerned(work, person, correction.target.id, affected),
    )


def announce_change(work: Work, kind: str, person: str, affected: Affected, **target: str) -> None:
    """Announce as an event of `kind` what has become of a person's sanctions."""
    kept = affected.kept()
    work.event(
        kind,
        practitioner_id=person,
        **target,
        entry=affected.entry,
        before=kept["before"],
        after=kept["after"],
        refusals=len(affected.refusals),
    )


def institutions_concerned(work: Work, person: str, entry_id: str, affected: Affected) -> set[str]:
    """Return the codes of the institutions that were told of the entry or had a line refused that is payable now.

    The person may have left them since.
    """
    addressed = select(notices.c.addressee_ref).where(
        notices.c.practitioner_id == person,
        notices.c.entry_id == entry_id,
        notices.c.addressee_kind == INSTITUTION,
    )
    refused = {refusal.institution for refusal in affected.refusals}
    return {*work.conn.execute(addressed).scalars(), *refused} - {None}


def _facts(work: Work, posted: Posted, affected: Affected) -> Facts:
    correction, before, after = posted.correction, posted.file.before, posted.file.after
    target, year = correction.target, scoring_year(correction.target)
    totals = [file.folded().totals(work.today).get(year, 0) for file in (before, after)]
    return correction_facts(
        kind=target.kind.value,
        effective_on=target.effective_on,
        value_before=value_of(target, before.entries),
        value_after=correction.value,
        basis=correction.basis,
        document_no=correction.document_no,
        reason=correction.reason,
        year=year,
        total_before=totals[0],
        total_after=totals[1],
        spans_before=[stated_sanction(span) for span in affected.before],
        spans_after=[stated_sanction(span) for span in affected.after],
        refusals=len(affected.refusals),
    )


def _payable_now(work: Work, file: ChangingFile) -> tuple[AffectedRefusal, ...]:
    """Return the recorded refusals that rested on a sanction which is now gone from their day."""
    folded = file.before.folded(), file.after.folded()
    profile = file.after.profile(folded[1])

    def status(each: FoldedFile, day: date) -> Status:
        return state_on(day, each.sanctions, registered=profile.registered_on(day)).status

    rows = work.conn.execute(
        select(eligibility_refusals)
        .where(of_one_file(eligibility_refusals.c.practitioner_id, file.practitioner_id))
        .order_by(eligibility_refusals.c.service_on, eligibility_refusals.c.decision_id)
    )
    return tuple(
        AffectedRefusal(
            decision_id=row.decision_id,
            service_on=row.service_on,
            institution=row.institution_code or None,
            reason=row.reason,
        )
        for row in rows
        if status(folded[0], row.service_on) is not Status.NORMAL
        and status(folded[1], row.service_on) is Status.NORMAL
    )
