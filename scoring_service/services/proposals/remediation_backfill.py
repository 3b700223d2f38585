"""Backfill of remediation: entries of earlier days posted with the applications they rest on, told to nobody."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from scoring_service.core.entries import EntryKind
from scoring_service.core.procedure import ProposalState
from scoring_service.core.registry import known_versions
from scoring_service.db.tables import remediation_applications, reregistrations, resumptions
from scoring_service.services.proposals.earlier_entries import (
    CREDITS,
    Verdict,
    amount_of,
    post_earlier,
    post_earlier_correction,
)
from scoring_service.services.proposals.earlier_remediation import judge_remediation
from scoring_service.services.unit_of_work.four_eyes import decided_by_actor
from scoring_service.services.years.changing import changing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy import Table

    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.proposals.earlier_remediation import EarlierRemediation, JudgedRemediation
    from scoring_service.services.unit_of_work.actor import Actor
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile

_EFFECTS = {EntryKind.POINTS_CREDIT: "points", EntryKind.TERM_CREDIT: "term"}
# What an application of earlier years says where the file says nothing.
_ON_PAPER = "纸质材料存档 / on file on paper"


def backfill_remediation(
    work: Work, batch: Sequence[EarlierRemediation], *, recorded_by: Actor, also_locked: Collection[str] = ()
) -> list[JudgedRemediation]:
    """Post earlier credits, resumptions and new starts, as `recorded_by` brought them in and the actor let them be.

    Return what became of each: they are judged again under the locks of all their files, to which those of
    `also_locked` come; the refused are not posted. That the actor is another person is the caller's to check.
    """
    people = {each.practitioner_id for each in batch}
    with changing(work, people | set(also_locked), served_on_paper=True) as files:
        judged = judge_remediation(work, batch)
        for each in judged:
            if each.verdict is Verdict.CREATED:
                _record(work, each, files[each.earlier.practitioner_id], recorded_by)
    return judged


def _record(work: Work, judged: JudgedRemediation, file: ChangingFile, recorded_by: Actor) -> None:
    earlier = judged.earlier
    application_id = str(uuid.uuid4())
    entry_id = judged.adopts
    if entry_id is None:
        entry_id = post_earlier(file, earlier.kind, earlier.effective_on, judged.amount, application_id)
    else:
        application_id = _application_of(file, entry_id) or application_id
    if earlier.corrected is not None:
        post_earlier_correction(file, entry_id, earlier.corrected)
    shared = {
        "id": application_id,
        "practitioner_id": file.practitioner_id,
        "state": ProposalState.APPROVED,
        "entry_id": entry_id,
        **_recorded_by(work, recorded_by),
        **decided_by_actor(work),
    }
    table, columns = _application(file, judged, entry_id)
    work.conn.execute(insert(table).values(shared | columns))
    _put_on_record(work, judged, file, entry_id, application_id)


def _application_of(file: ChangingFile, entry_id: str) -> str | None:
    entry = next(entry for entry in file.after.entries if entry.id == entry_id)
    return getattr(entry, "application", None)


def _recorded_by(work: Work, actor: Actor) -> Columns:
    return {
        "recorded_by_account": actor.account_id,
        "recorded_by": actor.username,
        "recorded_staff_no": actor.staff_no,
        "recorded_at": work.record(),
    }


def _application(file: ChangingFile, judged: JudgedRemediation, entry_id: str) -> tuple[Table, Columns]:
    """Return the table that the application of an entry is kept in, and the columns of its kind."""
    earlier = judged.earlier
    if earlier.kind in CREDITS:
        return remediation_applications, _of_credit(earlier, judged.amount)
    if earlier.kind is EntryKind.RESUMPTION:
        return resumptions, _of_resumption(file, earlier, entry_id)
    return reregistrations, _of_new_start(file, earlier)


def _of_credit(earlier: EarlierRemediation, amount: int) -> Columns:
    return {
        "activity": earlier.activity,
        "completed_on": earlier.completed_on,
        "effect": _EFFECTS[earlier.kind],
        "evidence": earlier.statement or _ON_PAPER,
        "filed_by": "office",
        "consented_on": earlier.filed_on or earlier.effective_on,
        "granted": amount,
    }


def _of_resumption(file: ChangingFile, earlier: EarlierRemediation, entry_id: str) -> Columns:
    filed_on = earlier.filed_on or earlier.effective_on
    entry = next(entry for entry in file.after.entries if entry.id == entry_id)
    ends = [
        span.state_until
        for span in file.after.folded().sanctions
        if span.resumption and span.resumption.entry == entry_id and span.state_until
    ]
    return {
        "statement": earlier.statement or _ON_PAPER,
        "filed_on": filed_on,
        "filed_by": "office",
        "rulebook_sha256": entry.rulebook.sha256,
        "consented_on": filed_on,
        "evaluation_due_on": earlier.effective_on,
        "resumes_on": max(ends, default=earlier.effective_on),
    }


def _of_new_start(file: ChangingFile, earlier: EarlierRemediation) -> Columns:
    """Return the columns of a new start; its registration and affiliations are on record from the people's file."""
    day = earlier.effective_on
    registered = [version for version in known_versions(file.before.registrations) if version.span.covers(day)]
    begun = [version for version in known_versions(file.before.affiliations) if version.span.start == day]
    return {
        "proposed_on": day,
        "statement": earlier.statement,
        "commitment_signed_on": next((each.commitment_signed_on for each in registered), None) or day,
        "affiliations": [
            {"institution": each.institution, "from": day.isoformat(), "until": _written(each.span.until)}
            for each in begun
        ],
    }


def _written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


_EVENTS = {
    EntryKind.POINTS_CREDIT: "credit_granted",
    EntryKind.TERM_CREDIT: "credit_granted",
    EntryKind.RESUMPTION: "resumption",
    EntryKind.REREGISTRATION: "reregistration",
}


def _put_on_record(
    work: Work, judged: JudgedRemediation, file: ChangingFile, entry_id: str, application_id: str
) -> None:
    earlier = judged.earlier
    entry = next(entry for entry in file.after.entries if entry.id == entry_id)
    detail: dict[str, Any] = {"entry": entry_id, "on": earlier.effective_on.isoformat(), "amount": amount_of(entry)}
    work.event(_EVENTS[earlier.kind], practitioner_id=file.practitioner_id, served_on_paper=True, **detail)
    work.audit(
        "remediation.backfilled",
        object_kind=earlier.kind,
        object_id=application_id,
        practitioner_id=file.practitioner_id,
        detail=detail,
    )
