"""The office's evaluation of an application for a resumption: granted, refused, or overtaken by a change (P39)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from scoring_service.core.entries import EntryKind
from scoring_service.core.gates import late_days
from scoring_service.core.procedure import NoticeKind
from scoring_service.db.affected import Affected
from scoring_service.db.cases import institutions_of_entries
from scoring_service.db.files import read_files
from scoring_service.db.sanction_json import stated_sanction
from scoring_service.letters.resuming import granted_facts, refused_facts
from scoring_service.problems import Conflict, Settled
from scoring_service.services.notices.documents import Loaded
from scoring_service.services.notices.issuing import Letter, issue_each
from scoring_service.services.proposals import consent, proposal
from scoring_service.services.proposals.consent import OPEN
from scoring_service.services.proposals.correcting import affected_by, announce_change
from scoring_service.services.proposals.resumption_reading import (
    LAPSED,
    REFUSED,
    RESUMPTION,
    ResumptionApplication,
)
from scoring_service.services.standing.ways_back import open_window, window_on
from scoring_service.services.unit_of_work.four_eyes import decided_by_actor
from scoring_service.services.years.changing import changing
from scoring_service.terms import chinese

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import RowMapping

    from scoring_service.services.standing.ways_back import ResumptionWindow
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedResumption(ResumptionApplication):
    """An application with what its approval has affected."""

    affected: Affected


@dataclass(frozen=True, slots=True, kw_only=True)
class _Posted:
    """A resumption that was posted to its file: the window it was granted in, and from when the state is normal."""

    file: ChangingFile
    window: ResumptionWindow
    entry_id: str

    @property
    def resumes_on(self) -> date:
        """The day from which no suspension that it has resumed holds."""
        spans = self.file.after.folded().sanctions
        return max(
            span.state_until
            for span in spans
            if span.resumption and span.resumption.entry == self.entry_id and span.state_until
        )


def approve(work: Work, resumption_id: str, *, expected_version: int | None = None) -> GrantedResumption:
    """Grant an application: its suspensions end with their terms, or late by what was the person's doing; return it.

    Every gate is asked again, under the file's lock; one that has closed since ends the application as `lapsed`, with
    a letter. Raises NotFound, Forbidden `same_person`, Stale, Conflict `resumption_state`, and Settled with the code
    of the gate for one that has lapsed.
    """
    person = proposal.require(work, RESUMPTION, resumption_id)["practitioner_id"]
    posted: _Posted | Conflict
    with changing(work, [person]) as files:
        row = proposal.hold_for_decision(work, RESUMPTION, resumption_id, expected_version)
        try:
            posted = _post(files[person], row)
        except Conflict as gate:
            posted = gate
    if isinstance(posted, Conflict):
        _write_of_end(work, consent.lapse(work, RESUMPTION, row, posted), chinese(posted.detail))
        raise Settled(posted.code, posted.detail, **posted.extra, state=LAPSED.value)
    return _grant(work, row, posted)


def _post(file: ChangingFile, row: RowMapping) -> _Posted:
    work, folded = file.work, file.before.folded()
    window = open_window(work.service.calendar, folded, work.today, row["filed_on"])
    entry_id = file.post(
        EntryKind.RESUMPTION,
        effective_on=work.today,
        rulebook=window.rulebook,
        application_id=row["id"],
        late_days=late_days(
            file.before.entries, work.today, row["evaluation_due_on"], file.before.merged_on()
        ),
    )
    return _Posted(file=file, window=window, entry_id=entry_id)


def _grant(work: Work, row: RowMapping, posted: _Posted) -> GrantedResumption:
    person, entry_id, resumes_on = row["practitioner_id"], posted.entry_id, posted.resumes_on
    affected = affected_by(work, entry_id, posted.file)
    announce_change(work, "resumption", person, affected, resumption=row["id"], resumes_on=resumes_on.isoformat())
    announce_change(work, "sanctions_changed", person, affected)
    issue_each(work, [_letter(work, row, posted, affected)], loaded=Loaded(files={person: posted.file.after}))
    detail = {"entry": entry_id, "resumes_on": resumes_on.isoformat()}
    granted = proposal.approved(work, RESUMPTION, row, detail, entry_id=entry_id, resumes_on=resumes_on)
    return GrantedResumption(
        **{field.name: getattr(granted, field.name) for field in fields(granted)}, affected=affected
    )


def _letter(work: Work, row: RowMapping, posted: _Posted, affected: Affected) -> Letter:
    """Return the letter of a resumption, which institutions get too that had a line refused which is payable now."""
    window = posted.window
    refused = {refusal.institution for refusal in affected.refusals if refusal.institution is not None}
    return Letter(
        kind=NoticeKind.RESUMPTION,
        practitioner_id=row["practitioner_id"],
        entry_id=posted.entry_id,
        facts=granted_facts(
            resumes_on=posted.resumes_on,
            ends_on=window.ends_on,
            filed_on=row["filed_on"],
            spans=[stated_sanction(span) for span in window.suspensions],
            refusals=len(affected.refusals),
        ),
        case_institutions=institutions_of_entries(work.conn, window.brought_by),
        also_to=refused,
    )


def refuse(
    work: Work, resumption_id: str, *, reason: str, expected_version: int | None = None
) -> ResumptionApplication:
    """Refuse an application, for which the person may then file another; return it.

    Raises NotFound, Forbidden `same_person`, Stale, Conflict `resumption_state`.
    """
    row = proposal.hold_for_decision(work, RESUMPTION, resumption_id, expected_version, OPEN)
    decided = proposal.change(
        work, RESUMPTION, row, state=REFUSED, rejected_because=reason, **decided_by_actor(work)
    )
    proposal.record_deed(work, RESUMPTION, decided, "refused", reason=reason)
    work.event("resumption_refused", practitioner_id=row["practitioner_id"], resumption=row["id"])
    _write_of_end(work, decided, reason)
    return RESUMPTION.show(work, decided)


def _write_of_end(work: Work, row: RowMapping, reason: str) -> None:
    """Write to the person and their institutions that an application has ended without a resumption."""
    person = row["practitioner_id"]
    file = read_files(work.conn, [person])[person]
    window = window_on(work.service.calendar, file.folded(), work.today)
    letter = Letter(
        kind=NoticeKind.RESUMPTION_REFUSED,
        practitioner_id=person,
        facts=refused_facts(filed_on=row["filed_on"], lapsed=row["state"] == LAPSED, reason=reason),
        case_institutions=institutions_of_entries(work.conn, window.brought_by) if window else (),
    )
    issue_each(work, [letter], loaded=Loaded(files={person: file}))
