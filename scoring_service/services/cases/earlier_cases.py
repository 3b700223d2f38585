"""A case of earlier years as it is brought in: whole, as it was handled on paper, with what has become of it since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_service.services.cases.same_decisions import folded_number

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.cases import Handling, KnownFinding
    from scoring_service.problems import Fault
    from scoring_service.services.cases.findings import JudgedFinding
    from scoring_service.services.proposals.earlier_entries import EarlierThatDay, SinceCorrected, Verdict

# By which a case is known again: the institution, the decision's number in its one form, the day, which case of it.
CaseKey = tuple[str, str, "date", int]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierFinding:
    """A finding of an earlier case, and what has become since of its score and of the measure it carries."""

    known: KnownFinding
    corrected: SinceCorrected | None = None
    measure_voided: SinceCorrected | None = None
    lifted_on: date | None = None
    earlier_that_day: tuple[EarlierThatDay, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierCase:
    """A case of earlier years: its decision, the day its entries took effect, its findings in their order.

    `part` numbers the cases that one decision brought, the first is 1.
    """

    institution: str
    handling: Handling
    summary: str
    effective_on: date
    findings: tuple[EarlierFinding, ...]
    part: int = 1

    @property
    def key(self) -> CaseKey:
        """What the case is known by again."""
        number = folded_number(self.handling.document_no)
        return self.institution, number, self.handling.decided_on, self.part

    @property
    def known(self) -> list[KnownFinding]:
        """The findings as any case has them."""
        return [finding.known for finding in self.findings]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCase:
    """An earlier case with its verdict: with `faults` if it is refused, else as its rulebook judges it."""

    case: EarlierCase
    verdict: Verdict
    faults: tuple[Fault, ...] = ()
    region: str = ""
    rulebook: Rulebook | None = None
    findings: tuple[JudgedFinding, ...] = ()
