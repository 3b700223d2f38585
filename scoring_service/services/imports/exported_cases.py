"""Approved cases as their file has them: a row a finding, with what has become of it since."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import RowMapping, select, true

from scoring_service.core.entries import EntryKind
from scoring_service.db.cases import StoredCase, StoredFinding, findings_of_each, read_cases
from scoring_service.db.ledger import read_entries
from scoring_service.db.tables import cases, entries
from scoring_service.services.cases.reading import APPROVED, visible_cases
from scoring_service.services.imports.cases import CaseRow
from scoring_service.services.imports.exported_people import ExportedPerson, exported_people
from scoring_service.services.imports.finding_columns import ONE_DAY
from scoring_service.services.proposals.earlier_entries import CREDITS, EarlierThatDay, amount_of
from scoring_service.terms import ADJUSTMENTS, BASES, DEGREES, HANDLINGS, MEASURES, chinese

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from scoring_service.core.entries import Entry
    from scoring_service.services.unit_of_work.transaction import Work

CASES_AT_ONCE = 500
# Where the case was approved without one, so that a flag which the other service sees does not stand in the way.
_AS_APPROVED = "原案件已审核通过 / as the case was approved"
_BROUGHT_IN_LATER = CREDITS | {EntryKind.RESUMPTION, EntryKind.REREGISTRATION}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ledger:
    """What the ledger says of a batch of cases: whole files, and the entries that target another."""

    entries: Mapping[str, Mapping[str, Entry]]
    since: Mapping[str, Sequence[RowMapping]]


def case_rows(work: Work) -> Iterator[CaseRow]:
    """Return the rows of the approved cases that the actor may know of, in the order of their approval.

    So entries of one day are recorded again in their order.
    """
    query = select(cases.c.id, cases.c.institution_code, cases.c.document_no, cases.c.decided_on)
    seen = true() if work.actor.has("system") else visible_cases(work)
    query = query.where(seen, cases.c.state == APPROVED).order_by(cases.c.created_at, cases.c.id)
    numbers: Counter[tuple[str, str, date]] = Counter()
    parts = {}
    for row in work.conn.execute(query):
        decision = row.institution_code, row.document_no, row.decided_on
        numbers[decision] += 1
        parts[row.id] = numbers[decision]
    approved = select(cases.c.id).where(cases.c.id.in_(parts)).order_by(cases.c.changed_at, cases.c.id)
    ids = list(work.conn.execute(approved).scalars())
    for first in range(0, len(ids), CASES_AT_ONCE):
        yield from _rows_of(work, ids[first : first + CASES_AT_ONCE], parts)


def _rows_of(work: Work, ids: Sequence[str], parts: Mapping[str, int]) -> Iterator[CaseRow]:
    by_id = {case.id: case for case in read_cases(work.conn, cases.c.id.in_(ids))}
    findings = findings_of_each(work.conn, ids, true())
    people = {each.practitioner_id for of_case in findings.values() for each in of_case}
    named = exported_people(work, people)
    ledger = _ledger(work, sorted(people), [each for of_case in findings.values() for each in of_case])
    for case_id in ids:
        for finding in findings[case_id]:
            yield _row(by_id[case_id], finding, named[finding.practitioner_id], ledger, parts[case_id])


def _ledger(work: Work, people: Sequence[str], findings: Sequence[StoredFinding]) -> _Ledger:
    targets = {entry for each in findings for entry in (each.entry, each.measure_entry) if entry is not None}
    since = defaultdict(list)
    later = select(entries).where(entries.c.target_id.in_(targets)).order_by(entries.c.seq)
    for row in work.conn.execute(later).mappings():
        since[row["target_id"]].append(row)
    files = read_entries(work.conn, people)
    return _Ledger(
        entries={person: {entry.id: entry for entry in held} for person, held in files.items()}, since=since
    )


def _row(case: StoredCase, finding: StoredFinding, person: ExportedPerson, ledger: _Ledger, part: int) -> CaseRow:
    corrected = _last(ledger, finding.entry, EntryKind.CORRECTION)
    voided = _last(ledger, finding.measure_entry, EntryKind.CORRECTION)
    lifted = _last(ledger, finding.measure_entry, EntryKind.MEASURE_LIFTED)
    handling, measure = case.handling, case.handling.measure
    last_day = measure.until - ONE_DAY if measure and measure.until else None
    return CaseRow(
        institution=case.institution,
        handling_kind=chinese(HANDLINGS[handling.kind]),
        authority=handling.authority,
        document_no=handling.document_no,
        decided_on=handling.decided_on,
        received_on=None if handling.received_on == handling.decided_on else handling.received_on,
        summary=case.summary,
        measure_kind=chinese(MEASURES[measure.kind]) if measure else None,
        measure_from=measure.start if measure else None,
        measure_last_day=last_day,
        measure_department=measure.department if measure else None,
        effective_on=case.effective_on,
        part=part if part > 1 else None,
        practitioner=person.ref,
        name=person.name,
        item=finding.item,
        degree=chinese(DEGREES[finding.degree]),
        points=finding.points,
        adjustment=chinese(ADJUSTMENTS[finding.adjustment.kind]) if finding.adjustment else None,
        ground=finding.adjustment.ground if finding.adjustment else None,
        act=finding.act,
        occurred_from=finding.occurred_from,
        occurred_last_day=finding.occurred_until - ONE_DAY if finding.occurred_until else None,
        legal_basis=finding.legal_basis,
        reason=finding.reason or _AS_APPROVED,
        corrected_to=corrected["value"] if corrected else None,
        corrected_on=corrected["effective_on"] if corrected else None,
        corrected_basis=chinese(BASES[corrected["basis"]]) if corrected else None,
        corrected_document_no=corrected["document_no"] if corrected else None,
        lifted_on=lifted["effective_on"] if lifted else None,
        measure_voided_on=voided["effective_on"] if voided else None,
        measure_voided_basis=chinese(BASES[voided["basis"]]) if voided else None,
        earlier_that_day=_earlier(finding, ledger),
    )


def _last(ledger: _Ledger, target: str | None, kind: EntryKind) -> RowMapping | None:
    """Return the last entry of a kind that targets an entry; of several corrections it is the one that counts."""
    later = [row for row in ledger.since.get(target or "", ()) if row["kind"] == kind]
    return later[-1] if later else None


def _earlier(finding: StoredFinding, ledger: _Ledger) -> tuple[EarlierThatDay, ...] | None:
    held = ledger.entries[finding.practitioner_id]
    own = held.get(finding.entry or finding.measure_entry or "")
    if own is None:
        return None
    before = tuple(
        EarlierThatDay(kind=entry.kind, amount=amount_of(entry))
        for entry in held.values()
        if entry.kind in _BROUGHT_IN_LATER and entry.effective_on == own.effective_on and entry.seq < own.seq
    )
    return before or None
