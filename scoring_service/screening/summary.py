"""What a run tells in the end: lines and amounts by reason, institution and person."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from scoring_service.core.payable import PAYABLE, Reason
from scoring_service.screening import cells
from scoring_service.screening.lines import FROM_WORST, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring_service.screening.columns import Columns
    from scoring_service.screening.lines import Lines, Verdicts


class Sum(NamedTuple):
    """How many lines, and what they come to."""

    lines: int
    amount: Decimal


_ELIGIBLE = FROM_WORST.index(Reason.ELIGIBLE.value)
NOTHING = Sum(0, Decimal())
Sums = dict[str, Sum]


def _no_sums() -> defaultdict[str, Sum]:
    return defaultdict(lambda: NOTHING)


@dataclass(slots=True, kw_only=True)
class Summary:
    """What was judged so far. `by_institution` and `by_person` count what is not payable.

    `recover` was payable by the knowledge compared with and is no longer, `pay` is payable now and was not (P48).
    """

    known_at: str
    last_change: int
    digest: str
    against: str | None
    columns: Columns
    lines: int = 0
    judged: int = 0
    rejected: int = 0
    without_offset: bool = False
    without_amount: int = 0
    by_reason: Sums = field(default_factory=_no_sums)
    by_institution: Sums = field(default_factory=_no_sums)
    by_person: Sums = field(default_factory=_no_sums)
    recover: Sum = NOTHING
    pay: Sum = NOTHING

    @property
    def payable(self) -> int:
        """How many lines are payable."""
        return sum(self.by_reason[reason.value].lines for reason in PAYABLE if reason.value in self.by_reason)

    def add(self, lines: Lines, verdicts: Verdicts, changed: Mapping[str, pa.Array]) -> None:
        """Count judged lines; `changed` are the masks of those that one of the two lists gets, by its name."""
        count, columns = len(lines.day), self.columns
        self.judged += count
        amount = pa.repeat(pa.scalar(Decimal(), cells.AMOUNT), count)
        if columns.amount is not None:
            read = cells.amounts(lines.part.cells[columns.amount])
            self.without_amount += read.null_count
            amount = pc.fill_null(read, Decimal())
        refused = pc.invert(verdicts.payable)
        self._count_reasons(verdicts, amount)
        _count(self.by_institution, plain(lines.institution.filter(refused)), amount.filter(refused))
        for place, person in enumerate(lines.people):
            mask = pc.and_(refused, pc.equal(verdicts.column, place))
            _count(self.by_person, plain(person.filter(mask)), amount.filter(mask))
        for name, mask in changed.items():
            before: Sum = getattr(self, name)
            chosen = amount.filter(mask)
            setattr(self, name, Sum(before.lines + len(chosen), before.amount + (pc.sum(chosen).as_py() or 0)))
        if not self.without_offset:
            self.without_offset = cells.has_no_offset(lines.part.cells[columns.service_time])


    def _count_reasons(self, verdicts: Verdicts, amount: pa.Array) -> None:
        """Count the many lines that are eligible by taking the others from all."""
        other = pc.not_equal(verdicts.reason.indices, _ELIGIBLE)
        reasons, amounts = plain(verdicts.reason.filter(other)), amount.filter(other)
        _count(self.by_reason, reasons, amounts)
        if eligible := len(amount) - len(amounts):
            total = (pc.sum(amount).as_py() or 0) - (pc.sum(amounts).as_py() or 0)
            before = self.by_reason[Reason.ELIGIBLE.value]
            self.by_reason[Reason.ELIGIBLE.value] = Sum(before.lines + eligible, before.amount + total)


def _count(sums: Sums, key: pa.Array, amount: pa.Array) -> None:
    grouped = pa.table({"key": key, "amount": amount}).group_by("key").aggregate([("amount", "sum"), ([], "count_all")])
    columns = (grouped.column(name).to_pylist() for name in ("key", "amount_sum", "count_all"))
    for name, total, lines in zip(*columns, strict=True):
        if name is not None:
            before = sums[name]
            sums[name] = Sum(before.lines + lines, before.amount + (total or 0))
