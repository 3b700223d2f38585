"""What a run tells in the end: lines and amounts by reason, institution and person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from scoring_service.core.payable import PAYABLE, Reason
from scoring_service.screening import cells
from scoring_service.screening.lines import FROM_WORST, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring_service.screening.columns import Columns
    from scoring_service.screening.lines import Lines, Verdicts


def amounts_of(lines: Lines, columns: Columns) -> pa.Array:
    """Return what each line comes to, null where that cannot be read; nothing where no column says it."""
    if columns.amount is None:
        return pa.repeat(pa.scalar(Decimal(), cells.AMOUNT), len(lines.day))
    return cells.amounts(lines.part.cells[columns.amount])


class Sum(NamedTuple):
    """How many lines, and what they come to."""

    lines: int
    amount: Decimal


_ELIGIBLE = FROM_WORST.index(Reason.ELIGIBLE.value)
NOTHING = Sum(0, Decimal())
TOTALS = pa.schema([("key", pa.string()), ("lines", pa.int64()), ("amount", cells.AMOUNT)])
_MOST_WAITING = 64


class Sums(Mapping[str, Sum]):
    """Lines and amounts by a key. What is added waits in tables to be read: the same keys come with every part."""

    def __init__(self) -> None:
        self._waiting, self._read = [TOTALS.empty_table()], dict[str, Sum]()

    def count(self, key: pa.Array, amount: pa.Array) -> None:
        """Add lines, each with its amount; a line whose key is null is in no sum."""
        many = pa.repeat(pa.scalar(1, pa.int64()), len(key))
        self.add(_added_up(pa.table([key, many, amount], schema=TOTALS)))

    def add(self, totals: pa.Table) -> None:
        """Add rows of `TOTALS`."""
        self._waiting.append(totals)
        self._read = {}
        if len(self._waiting) > _MOST_WAITING:
            self.table()

    def table(self) -> pa.Table:
        """Return rows of `TOTALS`, one of each key."""
        if len(self._waiting) > 1:
            self._waiting = [_added_up(pa.concat_tables(self._waiting)).drop_null()]
        return self._waiting[0]

    def _totals(self) -> dict[str, Sum]:
        if not self._read:
            keys, lines, amounts = self.table().to_pydict().values()
            self._read = dict(zip(keys, map(Sum, lines, amounts), strict=True))
        return self._read

    def __getitem__(self, key: str) -> Sum:
        return self._totals()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._totals())

    def __len__(self) -> int:
        return len(self.table())


def _added_up(totals: pa.Table) -> pa.Table:
    grouped = totals.group_by("key").aggregate([("lines", "sum"), ("amount", "sum")])
    return pa.table([grouped.column(name) for name in ("key", "lines_sum", "amount_sum")], schema=TOTALS)


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
    by_reason: Sums = field(default_factory=Sums)
    by_institution: Sums = field(default_factory=Sums)
    by_person: Sums = field(default_factory=Sums)
    recover: Sum = NOTHING
    pay: Sum = NOTHING

    @property
    def payable(self) -> int:
        """How many lines are payable."""
        return sum(self.by_reason[reason.value].lines for reason in PAYABLE if reason.value in self.by_reason)

    def add(self, lines: Lines, amounts: pa.Array, verdicts: Verdicts, changed: Mapping[str, pa.Array]) -> None:
        """Count judged lines; `changed` are the masks of those that one of the two lists gets, by its name."""
        self.judged += len(amounts)
        self.without_amount += amounts.null_count
        amount = pc.fill_null(amounts, Decimal())
        refused = pc.invert(verdicts.payable)
        self._count_reasons(verdicts, amount)
        self.by_institution.count(plain(lines.institution.filter(refused)), amount.filter(refused))
        for place, person in enumerate(lines.people):
            mask = pc.and_(refused, pc.equal(verdicts.column, place))
            self.by_person.count(plain(person.filter(mask)), amount.filter(mask))
        for name, mask in changed.items():
            before: Sum = getattr(self, name)
            chosen = amount.filter(mask)
            setattr(self, name, Sum(before.lines + len(chosen), before.amount + (pc.sum(chosen).as_py() or 0)))
        if not self.without_offset:
            self.without_offset = cells.has_no_offset(lines.part.cells[self.columns.service_time])


    def _count_reasons(self, verdicts: Verdicts, amount: pa.Array) -> None:
        """Count the many lines that are eligible by taking the others from all."""
        other = pc.not_equal(verdicts.reason.indices, _ELIGIBLE)
        reasons, amounts = plain(verdicts.reason.filter(other)), amount.filter(other)
        self.by_reason.count(reasons, amounts)
        if eligible := len(amount) - len(amounts):
            total = (pc.sum(amount).as_py() or 0) - (pc.sum(amounts).as_py() or 0)
            row = {"key": Reason.ELIGIBLE.value, "lines": eligible, "amount": total}
            self.by_reason.add(pa.Table.from_pylist([row], schema=TOTALS))

