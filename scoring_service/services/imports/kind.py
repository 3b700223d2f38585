"""What a kind of import says of itself: its columns, who brings and commits it, how rows are judged and written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from scoring_service.services.imports.cells import shown

if TYPE_CHECKING:
    from scoring_service.services.imports.columns import Column
    from scoring_service.services.unit_of_work.transaction import Work

# What was asked of an import beside its file, such as {"absent": "end"} or {"case": id}.
Options: TypeAlias = Mapping[str, str]
# Under this a kind that writes finds the account that brought the file; none for the operator of the machine.
UPLOADED_BY = "uploaded_by"
# How many rows came to what: `created`, `changed`, `left`, `refused`, `ended`.
Counts: TypeAlias = Counter[str]


# Among the unread columns of a row: it cannot be said what the row as a whole is about.
WHOLE_ROW = ""


class Outcome(StrEnum):
    """What becomes, or would become, of a row."""

    CREATED = "created"
    CHANGED = "changed"
    LEFT = "left"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """What is wrong in a row: the column's `name` (None: the row as a whole), and what was expected there."""

    column: str | None
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedRow:
    """A row as it was read: `values` is the kind's record; of `unread` columns the cell could not be read.

    `written` keeps what stood in a cell where that differs from the value read.
    """

    sheet: str
    number: int
    values: Any
    written: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def shown(self, column: str | None) -> str:
        """Return what stands in the cell of a column; nothing for the row as a whole."""
        if column is None:
            return ""
        return self.written[column] if column in self.written else shown(getattr(self.values, column))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The outcome of a row; one with `faults` is refused, `warnings` refuse nothing."""

    outcome: Outcome
    faults: tuple[RowFault, ...] = ()
    warnings: tuple[RowFault, ...] = ()


def refused(*faults: RowFault) -> Judged:
    """Return the judgement on a row with these faults."""
    return Judged(outcome=Outcome.REFUSED, faults=faults)


def counted(judged: Iterable[Judged]) -> Counts:
    """Return how many rows came to what."""
    return Counter(each.outcome.value for each in judged)


Judge: TypeAlias = Callable[["Work", Sequence[StagedRow], Options], Sequence[Judged]]
Write: TypeAlias = Callable[["Work", Sequence[StagedRow], Options], Counts]
# Writes a chunk that was worked out before its transaction began.
Prepared: TypeAlias = Callable[["Work"], Counts]


class Finish(Protocol):
    """What is counted, and with `write` done, once all rows of a file are judged or written. Raises Problem."""

    def __call__(
        self, work: Work, chunks: Iterator[Sequence[StagedRow]], options: Options, *, write: bool
    ) -> Counts: ...


def _no_keys(_record: Any) -> tuple[str, ...]:
    return ()


def _no_options(_work: Work, _options: Options) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportKind:
    """A kind of import.

    `record` is a frozen dataclass with a member for each column, None where nothing stands. `keys`: rows that share a
    key are about one thing and are judged and written together, in one chunk; a row whose keys are those of two
    different things is refused. `judge` tells for each row what would become of it, by statements for all of them;
    it reads only. `write` judges again under its locks and writes, in one transaction; what is on record already it
    leaves, so that it can be repeated. `prepare`, where given, works out a chunk while the one before it is written.
    `finish` looks at the file as a whole. `commits`, where given, are the roles of the other person who commits it.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    record: type
    judge: Judge
    write: Write
    prepare: Callable[[Work, Sequence[StagedRow]], Prepared | None] | None = None
    uploads: frozenset[str]
    commits: frozenset[str] = frozenset()
    keys: Callable[[Any], tuple[str, ...]] = _no_keys
    options: frozenset[str] = frozenset()
    check_options: Callable[[Work, Options], None] = _no_options
    finish: Finish | None = None
    chunk_rows: int = 2000

    @property
    def four_eyes(self) -> bool:
        """Whether another person commits what one has brought."""
        return bool(self.commits)
