"""A case as it is answered and shown: to the office with its remarks and its hands, outside without them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from scoring_service.core.rulebook import Degree
from scoring_service.db.cases import (
    CaseHand,
    CaseSummary,
    Handling,
    HandlingMeasure,
    StoredCase,
    StoredFinding,
)
from scoring_service.services.cases.same_decisions import DUPLICATES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from scoring_service.core.adjustments import Adjustment
    from scoring_service.core.sanctions import Sanction
    from scoring_service.core.spread import Similar
    from scoring_service.db.persons import NamedPractitioner
    from scoring_service.services.standing.reading import StandingAnswer
    from scoring_service.services.unit_of_work.attachments import Attachment

__all__ = [
    "Case",
    "CaseFinding",
    "CaseSummary",
    "Handling",
    "HandlingMeasure",
    "OfficeCase",
    "OfficeFinding",
    "ScoredFinding",
    "case_of",
    "finding_of",
    "office_case_of",
    "office_finding_of",
    "scored_finding_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFinding:
    """A finding with the person it is on, its item's band, and what became of it."""

    id: str
    practitioner: NamedPractitioner
    item: str
    degree: Degree
    points: int | None
    band: str
    occurred_from: date | None
    occurred_until: date | None
    act: str | None
    legal_basis: str | None
    adjustment: Adjustment | None
    absorbed: bool
    entry: str | None
    measure_entry: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFinding(CaseFinding):
    """A finding with the office's own remarks: `reason`, why a flagged one stands, is written for the reviewer.

    `suggested_points` are those of its degree in the item's band; None where the rulebook suggested none.
    With the flag `same_decision`, `same_decision_case` is the other case, if the actor may know of it.
    """

    suggested_points: int | None
    flags: tuple[str, ...]
    similar: Similar | None
    reason: str | None
    same_decision_case: str | None

    @property
    def looks_double(self) -> bool:
        """Whether it looks scored twice, in this case or another of this decision."""
        return not DUPLICATES.isdisjoint(self.flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredFinding(OfficeFinding):
    """A finding of a case just approved, with the person's standing after.

    `measure_sanction` is what its measure makes of the person; None where the measure ended before it could begin.
    """

    standing: StandingAnswer
    measure_sanction: Sanction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(CaseSummary):
    """A case with those of its findings that the actor may know of."""

    findings: tuple[CaseFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeCase(Case):
    """A case as the office sees it; `reason` is why it was given back or withdrawn."""

    findings: tuple[OfficeFinding, ...]
    reason: str | None
    hands: tuple[CaseHand, ...]
    attachments: tuple[Attachment, ...]


def case_of(stored: StoredCase, findings: Iterable[CaseFinding]) -> Case:
    """Return a case with these findings."""
    return Case(**_copied(stored, CaseSummary), findings=tuple(findings))


def office_case_of(
    stored: StoredCase,
    findings: Iterable[OfficeFinding],
    *,
    hands: tuple[CaseHand, ...],
    attachments: tuple[Attachment, ...],
) -> OfficeCase:
    """Return a case with all its findings, as the office sees it."""
    return OfficeCase(
        **_copied(stored, StoredCase), findings=tuple(findings), hands=hands, attachments=attachments
    )


def finding_of(stored: StoredFinding) -> CaseFinding:
    """Return a finding without the office's remarks."""
    return CaseFinding(**_copied(stored, CaseFinding) | {"degree": Degree(stored.degree)})


def office_finding_of(
    stored: StoredFinding, *, flags: Iterable[str] | None = None, same_decision_case: str | None = None
) -> OfficeFinding:
    """Return a finding with the office's remarks; `flags` are those that it is stored with unless given."""
    return OfficeFinding(
        **_copied(stored, CaseFinding) | {"degree": Degree(stored.degree)},
        suggested_points=stored.suggested_points,
        flags=stored.flags if flags is None else tuple(flags),
        similar=stored.similar,
        reason=stored.reason,
        same_decision_case=same_decision_case,
    )


def scored_finding_of(
    finding: CaseFinding, standing: StandingAnswer, measure_sanction: Sanction | None
) -> ScoredFinding:
    """Return a finding of a case just approved; who approves is of the office."""
    kept = _copied(finding, OfficeFinding)
    return ScoredFinding(**kept, standing=standing, measure_sanction=measure_sanction)


def _copied(record: object, kind: type[Any]) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(kind)}
