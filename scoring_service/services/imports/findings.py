"""Findings into a draft case: a row a finding, added to those that the case has."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoring_service.core.errors import RuleError
from scoring_service.core.procedure import CaseState
from scoring_service.db.cases import read_findings
from scoring_service.problems import Invalid, Problem
from scoring_service.services.cases.case_checks import check_case
from scoring_service.services.cases.drafting import edit, require_state
from scoring_service.services.cases.reading import require_case
from scoring_service.services.imports.finding_columns import (
    FINDING_COLUMNS,
    FindingRow,
    column_of,
    known_finding,
)
from scoring_service.services.imports.kind import ImportKind, Judged, Outcome, RowFault, counted, refused
from scoring_service.services.imports.people_named import people_named, person_faults

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.cases import KnownFinding, StoredCase
    from scoring_service.services.imports.kind import Counts, Options, StagedRow
    from scoring_service.services.unit_of_work.transaction import Work


def check_options(work: Work, options: Options) -> None:
    """Check that a draft case is named. Raises Invalid, NotFound, Conflict `case_state`."""
    if "case" not in options:
        raise Invalid("/case", "请写明要填入的草稿案件的编号 / name the draft case: ?case=ID")
    require_state(require_case(work, options["case"]), CaseState.DRAFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Additions:
    """The findings that rows add to a draft, by the place of the row, and what is wrong with the others."""

    case: StoredCase
    present: Sequence[KnownFinding]
    new: Mapping[int, KnownFinding]
    left: frozenset[int]
    faults: Mapping[int, Sequence[RowFault]]


def judge(work: Work, rows: Sequence[StagedRow], options: Options) -> list[Judged]:
    """Tell what becomes of each row: added to the draft, in it already, or refused with faults at its cells."""
    additions = _additions(work, rows, require_case(work, options["case"]))
    return _outcomes(rows, additions, _faults_of_case(work, additions))


def write(work: Work, rows: Sequence[StagedRow], options: Options) -> Counts:
    """Add the findings to the draft, as an edit of the actor's."""
    additions = _additions(work, rows, require_case(work, options["case"]))
    outcomes = _outcomes(rows, additions, _faults_of_case(work, additions))
    counts = counted(outcomes)
    if additions.new and not counts[Outcome.REFUSED]:
        findings: list[Any] = [*additions.present, *additions.new.values()]
        edit(work, additions.case.id, expected_version=None, findings=findings)
    return counts


def _additions(work: Work, rows: Sequence[StagedRow], case: StoredCase) -> _Additions:
    people = people_named(work, {row.values.practitioner for row in rows if row.values.practitioner is not None})
    rulebook = _rulebook(work, case)
    present = read_findings(work.conn, case.id)
    known = Counter(map(_content, present))
    new, left, faults = {}, set(), {}
    for place, row in enumerate(rows):
        wrong = person_faults(row.values.practitioner, row.values.name, people)
        if wrong or row.unread:
            faults[place] = wrong
            continue
        finding = known_finding(row.values, people[row.values.practitioner], rulebook)
        if known[_content(finding)]:
            known[_content(finding)] -= 1
            left.add(place)
        else:
            new[place] = finding
    return _Additions(case=case, present=present, new=new, left=frozenset(left), faults=faults)


def _rulebook(work: Work, case: StoredCase) -> Rulebook | None:
    try:
        return work.rulebooks.for_division(case.region, case.handling.decided_on)
    except RuleError:
        return None


def _content(finding: KnownFinding) -> tuple[object, ...]:
    names = ("practitioner_id", "item", "degree", "points", "occurred_from", "occurred_until", "act", "adjustment")
    return tuple(getattr(finding, name) for name in names)


def _faults_of_case(work: Work, additions: _Additions) -> dict[int, list[RowFault]]:
    """Return by the place of the row what the draft's own check finds wrong with the findings that are added."""
    places = list(additions.new)
    case = additions.case
    faults: dict[int, list[RowFault]] = {}
    try:
        check_case(
            work,
            case_id=case.id,
            institution=case.institution,
            handling=case.handling,
            findings=[*additions.present, *additions.new.values()],
        )
    except Problem as problem:
        for fault in problem.errors:
            place = _place(fault.pointer, len(additions.present), places)
            column = column_of(fault.pointer) if fault.pointer.startswith("/findings/") else None
            faults.setdefault(place, []).append(RowFault(column=column, expected=fault.detail))
    return faults


def _place(pointer: str, present: int, places: Sequence[int]) -> int:
    """Return the row that a pointer is about; what the case has already is told at the first."""
    parts = pointer.split("/")
    index = int(parts[2]) - present if parts[1] == "findings" and len(parts) > 2 else 0  # noqa: PLR2004 -- /findings/N
    return places[max(0, index)] if places else 0


def _outcomes(
    rows: Sequence[StagedRow], additions: _Additions, faults: Mapping[int, Sequence[RowFault]]
) -> list[Judged]:
    wrong = {**faults, **additions.faults}
    return [
        refused(*wrong[place])
        if place in wrong
        else Judged(outcome=Outcome.LEFT if place in additions.left else Outcome.CREATED)
        for place in range(len(rows))
    ]


FINDINGS = ImportKind(
    name="findings",
    title="草稿案件的认定事项 / Findings of a draft case",
    columns=FINDING_COLUMNS,
    record=FindingRow,
    judge=judge,
    write=write,
    uploads=frozenset({"office.clerk"}),
    options=frozenset({"case"}),
    check_options=check_options,
    # One case, one edit.
    chunk_rows=100_000,
)
