"""Cases of earlier years: a row a finding; rows of one decision are one case, recorded as approved (backfill)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from scoring_service.core.entries import Basis
from scoring_service.core.errors import RuleError
from scoring_service.core.procedure import MeasureKind
from scoring_service.db import registry
from scoring_service.db.cases import Handling, HandlingMeasure
from scoring_service.services.accounts.signing_in import actor_of_account
from scoring_service.services.cases.backfill import backfill_cases
from scoring_service.services.cases.earlier_cases import EarlierCase, EarlierFinding
from scoring_service.services.cases.earlier_judging import judge_earlier
from scoring_service.services.cases.same_decisions import folded_number
from scoring_service.services.imports.case_columns import CASE_COLUMNS, DECISION_NAMES
from scoring_service.services.imports.finding_columns import ONE_DAY, FindingRow, column_of, known_finding
from scoring_service.services.imports.kind import (
    UPLOADED_BY,
    ImportKind,
    Judged,
    Outcome,
    RowFault,
    counted,
    refused,
)
from scoring_service.services.imports.people_named import people_named, person_faults
from scoring_service.services.proposals.earlier_entries import EarlierThatDay, SinceCorrected, Verdict
from scoring_service.services.unit_of_work.actor import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.services.cases.earlier_cases import JudgedCase
    from scoring_service.services.imports.kind import Counts, Options, StagedRow
    from scoring_service.services.imports.people_named import NamedPerson
    from scoring_service.services.unit_of_work.actor import Actor
    from scoring_service.services.unit_of_work.transaction import Work

_SUMMARY = "补录的案件 / a case of earlier years"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow(FindingRow):
    """A row: a decision, a finding of its case, and what has become of it since."""

    institution: str | None
    handling_kind: str | None
    authority: str | None
    document_no: str | None
    decided_on: date | None
    received_on: date | None
    summary: str | None
    measure_kind: str | None
    measure_from: date | None
    measure_last_day: date | None
    measure_department: str | None
    effective_on: date | None
    part: int | None
    corrected_to: int | None
    corrected_on: date | None
    corrected_basis: str | None
    corrected_document_no: str | None
    lifted_on: date | None
    measure_voided_on: date | None
    measure_voided_basis: str | None
    earlier_that_day: tuple[EarlierThatDay, ...] | None


def _keys(row: CaseRow) -> tuple[str, ...]:
    if row.institution is None or row.document_no is None or row.decided_on is None:
        return ()
    return (f"{row.institution}\n{folded_number(row.document_no)}\n{row.decided_on}\n{row.part or 1}",)


@dataclass(slots=True, kw_only=True)
class _Group:
    """The rows of a case, by their places in the chunk; None for one that cannot be put together."""

    places: list[int] = field(default_factory=list)
    case: EarlierCase | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assembled:
    """The cases of a chunk's rows, and the faults of rows that make none."""

    groups: tuple[_Group, ...]
    faults: Mapping[int, Sequence[RowFault]]

    @property
    def cases(self) -> list[EarlierCase]:
        """The cases that could be put together."""
        return [group.case for group in self.groups if group.case is not None]


def judge(work: Work, rows: Sequence[StagedRow], _options: Options) -> list[Judged]:
    """Tell what becomes of each row: its case is recorded, left as it is on record, or refused at its cells."""
    assembled = _assemble(work, rows)
    return _outcomes(rows, assembled, judge_earlier(work, assembled.cases))


def write(work: Work, rows: Sequence[StagedRow], options: Options) -> Counts:
    """Record the cases as approved by the actor, as whoever uploaded the file drafted them."""
    assembled = _assemble(work, rows)
    if assembled.faults:
        return counted(_outcomes(rows, assembled, judge_earlier(work, assembled.cases)))
    judged = backfill_cases(work, assembled.cases, drafted_by=uploader(work, options))
    return counted(_outcomes(rows, assembled, judged))


def uploader(work: Work, options: Options) -> Actor:
    """Return who uploaded the file: an account, or the operator of the machine."""
    account_id = options.get(UPLOADED_BY)
    actor = actor_of_account(work.conn, account_id) if account_id else None
    return actor or SYSTEM


def _assemble(work: Work, rows: Sequence[StagedRow]) -> _Assembled:
    refs = {row.values.practitioner for row in rows if row.values.practitioner is not None}
    people = people_named(work, refs)
    codes = {row.values.institution for row in rows if row.values.institution is not None}
    regions = {code: each.region for code, each in registry.institutions_by_code(work.conn, codes).items()}
    grouped: dict[tuple[str, ...], _Group] = {}
    faults: dict[int, list[RowFault]] = {}
    for place, row in enumerate(rows):
        group = grouped.setdefault(_keys(row.values) or (str(place),), _Group())
        group.places.append(place)
        wrong = person_faults(row.values.practitioner, row.values.name, people)
        wrong += [*_contradictions(row, rows[group.places[0]]), *_halves(row)]
        if group.places[0] == place:
            wrong += _incomplete(row)
        if wrong or row.unread:
            faults[place] = wrong
    for group in grouped.values():
        if not any(place in faults for place in group.places):
            members = [rows[place].values for place in group.places]
            group.case = _case(members, people, _rulebook(work, regions, members[0]))
    return _Assembled(groups=tuple(grouped.values()), faults=faults)


def _contradictions(row: StagedRow, first: StagedRow) -> list[RowFault]:
    """Tell in which columns of the decision a row differs from the first of its case; left empty it is as there."""
    return [
        RowFault(column=name, expected=f"与第 {first.number} 行一致：同一案件 / as in row {first.number}: one case")
        for name in DECISION_NAMES
        if name not in _IN_KEY
        and getattr(row.values, name) is not None
        and getattr(row.values, name) != getattr(first.values, name)
    ]


def _halves(row: StagedRow) -> list[RowFault]:
    """Tell what is said by half: a value without its day, or a day without its value."""
    pairs = (("corrected_to", "corrected_on"), ("corrected_on", "corrected_to"), ("adjustment", "ground"))
    return [
        RowFault(column=missing, expected=_REQUIRED)
        for given, missing in pairs
        if getattr(row.values, given) is not None and getattr(row.values, missing) is None and missing not in row.unread
    ]


_IN_KEY = ("institution", "document_no", "decided_on", "part")
_REQUIRED = "必填 / required"


def _incomplete(row: StagedRow) -> list[RowFault]:
    values: CaseRow = row.values
    missing = [name for name in ("handling_kind", "authority") if getattr(values, name) is None]
    if values.measure_kind is not None and values.measure_from is None:
        missing.append("measure_from")
    faults = [RowFault(column=name, expected=_REQUIRED) for name in missing if name not in row.unread]
    if values.measure_kind is None and (values.measure_from or values.measure_last_day or values.measure_department):
        faults.append(RowFault(column="measure_kind", expected="措施的种类 / the kind of the measure"))
    return faults


def _rulebook(work: Work, regions: Mapping[str, str], values: CaseRow) -> Rulebook | None:
    region = regions.get(values.institution or "")
    if region is None or values.decided_on is None:
        return None
    try:
        return work.rulebooks.for_division(region, values.decided_on)
    except RuleError:
        return None


def _case(
    members: Sequence[CaseRow], people: Mapping[str, NamedPerson], rulebook: Rulebook | None
) -> EarlierCase | None:
    first = members[0]
    if first.decided_on is None:
        return None
    handling = Handling(
        kind=first.handling_kind or "",
        authority=first.authority or "",
        document_no=first.document_no or "",
        decided_on=first.decided_on,
        received_on=first.received_on,
        measure=_measure(first),
    )
    return EarlierCase(
        institution=first.institution or "",
        handling=handling,
        summary=first.summary or _SUMMARY,
        effective_on=first.effective_on or first.decided_on,
        part=first.part or 1,
        findings=tuple(_finding(row, people, rulebook) for row in members),
    )


def _measure(row: CaseRow) -> HandlingMeasure | None:
    if row.measure_kind is None or row.measure_from is None:
        return None
    return HandlingMeasure(
        kind=MeasureKind(row.measure_kind),
        start=row.measure_from,
        until=None if row.measure_last_day is None else row.measure_last_day + ONE_DAY,
        department=row.measure_department,
    )


def _finding(row: CaseRow, people: Mapping[str, NamedPerson], rulebook: Rulebook | None) -> EarlierFinding:
    return EarlierFinding(
        known=known_finding(row, people[row.practitioner or ""], rulebook),
        corrected=since_corrected(row.corrected_to, row.corrected_on, row.corrected_basis, row.corrected_document_no),
        measure_voided=since_corrected(
            None if row.measure_voided_on is None else 0, row.measure_voided_on, row.measure_voided_basis, None
        ),
        lifted_on=row.lifted_on,
        earlier_that_day=row.earlier_that_day or (),
    )


def since_corrected(
    value: int | None, on: date | None, basis: str | None, document_no: str | None
) -> SinceCorrected | None:
    """Return what a row says of a later correction, None where it says nothing."""
    if value is None or on is None:
        return None
    return SinceCorrected(value=value, on=on, basis=Basis(basis or Basis.CLERICAL), document_no=document_no)


def _outcomes(rows: Sequence[StagedRow], assembled: _Assembled, judged: Sequence[JudgedCase]) -> list[Judged]:
    outcomes = [Judged(outcome=Outcome.CREATED)] * len(rows)
    remaining = iter(judged)
    for group in assembled.groups:
        judgement = next(remaining) if group.case is not None else None
        if judgement is not None and judgement.verdict is Verdict.LEFT:
            for place in group.places:
                outcomes[place] = Judged(outcome=Outcome.LEFT)
        for fault in judgement.faults if judgement is not None else ():
            place, at = _cell(group, fault.pointer, fault.detail)
            outcomes[place] = refused(*outcomes[place].faults, at)
    for place, faults in assembled.faults.items():
        outcomes[place] = refused(*faults)
    return outcomes


_COLUMN_OF = {"until": "measure_last_day", "department": "measure_department", "kind": "handling_kind"}


def _cell(group: _Group, pointer: str, detail: str) -> tuple[int, RowFault]:
    """Return the row and the column that a pointer into a case is about."""
    parts = pointer.strip("/").split("/")
    if parts[0] == "findings" and len(parts) > 1:
        return group.places[int(parts[1])], RowFault(column=column_of(pointer), expected=detail)
    column = _COLUMN_OF.get(parts[-1], parts[-1])
    known = {each.name for each in CASE_COLUMNS}
    return group.places[0], RowFault(column=column if column in known else None, expected=detail)


CASES = ImportKind(
    name="cases",
    title="以前年度的案件 / Cases of earlier years",
    columns=CASE_COLUMNS,
    record=CaseRow,
    judge=judge,
    write=write,
    uploads=frozenset({"office.clerk"}),
    commits=frozenset({"office.admin"}),
    keys=_keys,
    chunk_rows=500,
)
