"""Backfill: cases of earlier years recorded as approved, many in one transaction (scheme.md 2.1).

Their entries take effect on the days given, with what has happened to them since. Everybody was told on paper: no
letter is issued, no window opens and no duty is counted. Sanctions that run today are announced.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scoring_service.core.entries import EntryKind
from scoring_service.core.procedure import CaseState
from scoring_service.db.bulk import insert_many
from scoring_service.db.tables import case_hands, cases, findings
from scoring_service.services.cases.approval import absorbed_findings
from scoring_service.services.cases.case_checks import Place
from scoring_service.services.cases.case_rows import case_columns, finding_columns
from scoring_service.services.cases.earlier_judging import judge_earlier
from scoring_service.services.cases.measures import first_of_each_person
from scoring_service.services.proposals.earlier_entries import (
    Verdict,
    post_earlier_correction,
    post_earlier_that_day,
)
from scoring_service.services.years.changing import changing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.cases.earlier_cases import EarlierCase, EarlierFinding, JudgedCase
    from scoring_service.services.cases.findings import JudgedFinding
    from scoring_service.services.proposals.earlier_entries import SinceCorrected
    from scoring_service.services.unit_of_work.actor import Actor
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile


@dataclass(slots=True)
class _Rows:
    """What a batch writes beside its entries, table by table."""

    cases: list[Columns] = field(default_factory=list)
    findings: list[Columns] = field(default_factory=list)
    hands: list[Columns] = field(default_factory=list)


def backfill_cases(work: Work, batch: Sequence[EarlierCase], *, drafted_by: Actor) -> list[JudgedCase]:
    """Record earlier cases as approved by the actor, as `drafted_by` brought them in; return what became of each.

    They are judged again under the locks of all their files: the refused are not recorded, and what is on record
    stays as it is. That the actor is another person than `drafted_by` is the caller's to check (four eyes).
    """
    people = {finding.practitioner_id for case in batch for finding in case.known}
    rows = _Rows()
    with changing(work, people, served_on_paper=True) as files:
        judged = judge_earlier(work, batch)
        for each in judged:
            if each.verdict is Verdict.CREATED and each.rulebook is not None:
                recording = _Recording(
                    id=str(uuid.uuid4()), case=each.case, region=each.region, rulebook=each.rulebook, files=files
                )
                _record(work, recording, each.findings, rows, drafted_by)
    for table, written in ((cases, rows.cases), (findings, rows.findings), (case_hands, rows.hands)):
        if written:
            insert_many(work.conn, table, written)
    return judged


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recording:
    """An earlier case on its way into the ledger: its id, its rulebook and the files of its people, locked."""

    id: str
    case: EarlierCase
    region: str
    rulebook: Rulebook
    files: Mapping[str, ChangingFile]

    def file(self, finding: EarlierFinding) -> ChangingFile:
        """The file of a finding's person."""
        return self.files[finding.known.practitioner_id]


def _record(
    work: Work, recording: _Recording, judged: Sequence[JudgedFinding], rows: _Rows, drafted_by: Actor
) -> None:
    case, now = recording.case, work.record()
    absorbed, first = absorbed_findings(case.known), first_of_each_person(case.known)
    for position, (finding, judgement) in enumerate(zip(case.findings, judged, strict=True)):
        known = finding.known
        post_earlier_that_day(recording.file(finding), case.effective_on, finding.earlier_that_day)
        scores = known.id not in absorbed and known.points is not None
        posted = {
            "absorbed": known.id in absorbed,
            "entry_id": _post_score(recording, finding) if scores else None,
            "measure_entry_id": _post_measure(recording, finding) if known.id in first else None,
        }
        rows.findings.append(finding_columns(recording.id, position, judgement) | posted)
    rows.cases.append(_case_row(recording, now))
    rows.hands += _hands(work, recording.id, drafted_by, now)
    _announce(work, recording, drafted_by)


def _post_score(recording: _Recording, finding: EarlierFinding) -> str:
    case, known = recording.case, finding.known
    file = recording.file(finding)
    entry_id = file.post(
        EntryKind.SCORE,
        effective_on=case.effective_on,
        rulebook=recording.rulebook,
        points=known.points,
        decided_on=case.handling.decided_on,
        case_id=recording.id,
        finding_id=known.id,
        item=known.item,
        degree=known.degree,
    )
    _event(recording, finding, "score_recorded", entry=entry_id, points=known.points)
    if finding.corrected is not None:
        _post_correction(recording, finding, entry_id, finding.corrected)
    return entry_id


def _post_measure(recording: _Recording, finding: EarlierFinding) -> str | None:
    measure, file = recording.case.handling.measure, recording.file(finding)
    if measure is None:
        return None
    entry_id = file.post(
        EntryKind.MEASURE,
        effective_on=recording.case.effective_on,
        rulebook=recording.rulebook,
        effect=measure.kind.effect,
        from_on=measure.start,
        until_on=measure.until,
        case_id=recording.id,
    )
    _event(recording, finding, "measure", entry=entry_id)
    if finding.lifted_on is not None:
        lifted = file.post(
            EntryKind.MEASURE_LIFTED,
            effective_on=finding.lifted_on,
            rulebook=recording.rulebook,
            target_id=entry_id,
        )
        _event(recording, finding, "measure_lifted", entry=lifted, target=entry_id)
    if finding.measure_voided is not None:
        _post_correction(recording, finding, entry_id, finding.measure_voided)
    return entry_id


def _post_correction(
    recording: _Recording, finding: EarlierFinding, target: str, corrected: SinceCorrected
) -> None:
    entry_id = post_earlier_correction(recording.file(finding), target, corrected)
    _event(recording, finding, "correction", entry=entry_id, target=target)


def _event(recording: _Recording, finding: EarlierFinding, kind: str, **detail: Any) -> None:
    file = recording.file(finding)
    file.work.event(
        kind,
        practitioner_id=file.practitioner_id,
        institution_code=recording.case.institution,
        region=recording.region,
        case=recording.id,
        served_on_paper=True,
        **detail,
    )


def _case_row(recording: _Recording, now: datetime) -> Columns:
    place = Place(institution=recording.case.institution, region=recording.region)
    return case_columns(place, recording.case.handling, recording.rulebook) | {
        "id": recording.id,
        "state": CaseState.APPROVED,
        "summary": recording.case.summary,
        "effective_on": recording.case.effective_on,
        "created_at": now,
        "changed_at": now,
    }


def _hands(work: Work, case_id: str, drafted_by: Actor, now: datetime) -> list[Columns]:
    """Return the hands of a case; the operator of the machine, who has no account, is named by audit and entries."""
    hands = (("drafted", drafted_by), ("submitted", drafted_by), ("approved", work.actor))
    return [
        {"case_id": case_id, "deed": deed, "staff_no": hand.staff_no, "account_id": hand.account_id, "at": now}
        for deed, hand in hands
        if hand.account_id is not None
    ]


def _announce(work: Work, recording: _Recording, drafted_by: Actor) -> None:
    case = recording.case
    place = {"institution_code": case.institution, "region": recording.region}
    work.event("case_approved", **place, case=recording.id, served_on_paper=True)
    work.audit(
        "case.backfilled",
        object_kind="case",
        object_id=recording.id,
        case_id=recording.id,
        institution_code=case.institution,
        detail={"effective_on": case.effective_on.isoformat(), "drafted_by": drafted_by.username},
    )
