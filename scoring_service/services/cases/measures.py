"""Measures of a case: against the institution or a department of it, and so on its responsible persons (P34)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.core.entries import EntryKind
from scoring_service.core.procedure import MeasureKind
from scoring_service.letters.measures import decision_facts, imposed_facts
from scoring_service.problems import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.core.sanctions import Sanction
    from scoring_service.db.cases import HandlingMeasure, KnownFinding, StoredCase
    from scoring_service.db.files import File
    from scoring_service.letters.facts import Facts
    from scoring_service.services.cases.findings import Finding
    from scoring_service.services.years.changing import ChangingFile

_AT = "/handling/measure"


def measure_faults(measure: HandlingMeasure) -> Iterator[Fault]:
    """Return each fault of a measure: an end that does not fit it, a department too few or too many."""
    terminates = measure.kind is MeasureKind.AGREEMENT_TERMINATED
    if terminates and measure.until is not None:
        yield Fault(f"{_AT}/until", "解除协议没有结束日 / a terminated agreement has no end")
    elif measure.until is not None and measure.until <= measure.start:
        yield Fault(f"{_AT}/until", "最后一日不得早于起始日 / until must be later than from")
    is_of_department = measure.kind is MeasureKind.DEPARTMENT_SUSPENDED
    if is_of_department and measure.department is None:
        yield Fault(f"{_AT}/department", "须写明暂停的是哪个科室 / say which department is suspended")
    if not is_of_department and measure.department is not None:
        yield Fault(f"{_AT}/department", "只有责令暂停科室才写科室 / only for a department that is suspended")


def unscored_faults(findings: Iterable[Finding | KnownFinding]) -> list[Fault]:
    """Return a fault for each finding without points, where the decision took no measure."""
    detail = "对机构没有采取措施的，须记分 / points may be left out only where a measure was taken"
    return [
        Fault(f"/findings/{index}/points", detail)
        for index, finding in enumerate(findings)
        if finding.points is None
    ]


def first_of_each_person(known: Sequence[KnownFinding]) -> set[str]:
    """Return the ids of the findings that carry a case's measure: each person's first."""
    first: dict[str, str] = {}
    for finding in known:
        first.setdefault(finding.practitioner_id, finding.id)
    return set(first.values())


def post_measure(file: ChangingFile, case: StoredCase, effective_on: date, rulebook: Rulebook) -> str | None:
    """Post the measure that a case's decision took to the file of a responsible person; return the entry's id.

    None where it took none.
    """
    measure = case.handling.measure
    if measure is None:
        return None
    return file.post(
        EntryKind.MEASURE,
        effective_on=effective_on,
        rulebook=rulebook,
        effect=measure.kind.effect,
        from_on=measure.start,
        until_on=measure.until,
        case_id=case.id,
    )


def sanction_of_measure(file: File, entry_id: str | None) -> Sanction | None:
    """Return the sanction that a measure makes; None where it has ended before it could begin (scheme.md 2.3)."""
    spans = file.folded().sanctions
    return next((span for span in spans if span.measure is not None and span.measure == entry_id), None)


def facts_of_measure(case: StoredCase, measure: HandlingMeasure, rulebook: Rulebook) -> Facts:
    """Return what a letter tells of a case's measure beside the sanction that it makes."""
    covers = rulebook.emergency_covers_termination
    return decision_facts(case.institution_name, case.handling, measure) | imposed_facts(
        emergency=measure.kind is not MeasureKind.AGREEMENT_TERMINATED or covers
    )
