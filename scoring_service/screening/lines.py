"""The rows of a part as the lines that an engine judges: what cannot be asked about is refused first."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring_service.core.payable import PAYABLE, Reason
from scoring_service.screening import cells
from scoring_service.screening.parts import Part, Refused
from scoring_service.written import as_code, as_ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from scoring_service.screening.columns import Columns

UNREADABLE = "编码既非 UTF-8 也非 GB18030 / neither UTF-8 nor GB18030"
NO_DAY = "服务时间无法识别，应如 2025-06-10 或 20250610 / the service time cannot be read; write 2025-06-10 or 20250610"
NO_INSTITUTION = "缺少机构代码 / no institution"
NOBODY_NAMED = "没有人员时只能询问药店 / without a person only a pharmacy can be asked about"
TOO_LONG = "代码超过 64 个字符 / a code of more than 64 characters"
NO_MARK = "急诊标志应为 1 或 0、是或否、true 或 false / the mark of an emergency is 1 or 0, true or false"
# The reasons from the worst to the best: of several people of a line the worst is told.
FROM_WORST = pa.array(
    [reason.value for reason in Reason if reason not in PAYABLE]
    + [Reason.EMERGENCY_EXCEPTION.value, Reason.ELIGIBLE.value]
)
_PAYABLE = pc.is_in(FROM_WORST, pa.array([reason.value for reason in Reason if reason in PAYABLE]))
_ELIGIBLE = np.int8(FROM_WORST.index(Reason.ELIGIBLE.value).as_py())


class Lines(NamedTuple):
    """Rows that can be asked about: their part, and what is asked. `people` are in the order of the columns."""

    part: Part
    people: list[pa.Array]
    institution: pa.Array
    pharmacy: pa.Array
    day: pa.Array
    emergency: pa.Array


class Engine(Protocol):
    """Whatever judges lines: the pack's engine, or the batch of the single questions."""

    @property
    def at_once(self) -> int:
        """How many threads may look for what is unproven at once."""

    @property
    def together(self) -> int:
        """How many parts should be judged together, if so many come."""

    @property
    def pharmacies(self) -> frozenset[str]:
        """The codes of the institutions of that kind."""

    def unproven(self, lines: pa.Table) -> NDArray[np.intp]:
        """Return the places of the lines that name somebody and must be judged; the others that do are eligible."""

    def judge(self, lines: pa.Table) -> pa.Table:
        """Return `line`, `reason`, `until` of each line, in their order."""


class Verdicts(NamedTuple):
    """What is answered of each line, `reason` as a dictionary of `FROM_WORST`.

    `column` is the place of the person's column whose reason it is.
    """

    payable: pa.Array
    reason: pa.DictionaryArray
    until: pa.Array
    column: pa.Array


def askable(part: Part, columns: Columns, pharmacies: frozenset[str]) -> tuple[Lines, list[Refused]]:
    """Return the rows of a part that can be asked about, and the others with what is wrong in the first place."""
    texts = {name: cells.as_text(part.cells[name]) for name in columns.keys()[:-1]}
    people = [cells.codes(texts[name], as_ref) for name in columns.people]
    count = len(part.numbers)
    institution = cells.codes(texts[columns.institution], as_code) if columns.institution else _nothing(count)
    day = cells.days(part.cells[columns.service_time])
    emergency = cells.marks(part.cells[columns.emergency]) if columns.emergency else pa.repeat(pa.scalar(False), count)
    unnamed = _all_null(people, count)
    pharmacy = pc.if_else(unnamed, plain(institution), None) if pc.any(unnamed).as_py() else _nothing(count)
    faults = [
        (_lost(part, texts), UNREADABLE),
        (pc.is_null(day), NO_DAY),
        (pc.is_null(institution), NO_INSTITUTION) if columns.institution else None,
        (_any_too_long([*people, institution]), TOO_LONG),
        (pc.is_null(emergency), NO_MARK),
        (pc.and_(unnamed, pc.invert(_is_pharmacy(pharmacy, pharmacies))), NOBODY_NAMED),
    ]
    wrong = _first_faults(count, [fault for fault in faults if fault is not None])
    lines = Lines(part, people, institution, pharmacy, day, emergency)
    if wrong.null_count == count:
        return lines, []
    return _chosen(lines, pc.is_null(wrong)), list(_refused(part, wrong))


def plain(column: pa.Array) -> pa.Array:
    """Return a column that may be held as a dictionary as its values."""
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _nothing(count: int) -> pa.Array:
    return pa.nulls(count, pa.string())


def _all_null(columns: Sequence[pa.Array], count: int) -> pa.Array:
    empty = pa.repeat(pa.scalar(value=True), count)
    for column in columns:
        empty = pc.and_(empty, pc.is_null(column))
    return empty


def _lost(part: Part, texts: dict[str, pa.Array]) -> pa.Array:
    """Tell where a cell that says something could not be decoded."""
    lost = pa.repeat(pa.scalar(value=False), len(part.numbers))
    for name, text in texts.items():
        lost = pc.or_(lost, pc.and_(pc.is_null(text), pc.is_valid(part.cells[name])))
    return lost


def _any_too_long(columns: Sequence[pa.Array]) -> pa.Array:
    long = cells.too_long(columns[0])
    for column in columns[1:]:
        long = pc.or_(long, cells.too_long(column))
    return long


def _is_pharmacy(institution: pa.Array, pharmacies: frozenset[str]) -> pa.Array:
    known = pc.is_in(institution, pa.array(sorted(pharmacies), pa.string()))
    return pc.or_(known, pc.fill_null(pc.starts_with(institution, "P"), fill_value=False))


def _first_faults(count: int, faults: Sequence[tuple[pa.Array, str]]) -> pa.Array:
    wrong = pa.nulls(count, pa.string())
    for mask, why in faults:
        if pc.any(mask).as_py():
            wrong = pc.coalesce(wrong, pc.if_else(mask, why, None))
    return wrong


def _chosen(lines: Lines, mask: pa.Array) -> Lines:
    part, people, *others = lines
    return Lines(part.chosen(mask), [person.filter(mask) for person in people], *(each.filter(mask) for each in others))


def _refused(part: Part, wrong: pa.Array) -> Iterator[Refused]:
    mask = pc.is_valid(wrong)
    lines = part.chosen(mask)
    whys = wrong.filter(mask).to_pylist()
    for place, (number, why) in enumerate(zip(lines.numbers.to_pylist(), whys, strict=True)):
        yield Refused(number, why, row_as_text(lines, place))


def row_as_text(part: Part, place: int) -> bytes:
    """Return a row as it stands, of a table the cells that were read."""
    if isinstance(part.rows, pa.Array):
        row: bytes = part.rows[place].as_py()
        return row
    values = (column[place].as_py() for column in part.cells.values())
    return ",".join("" if value is None else str(value) for value in values).encode()


def questions_of(lines: Lines) -> Iterator[pa.Table]:
    """Give what an engine is asked of the people of each column; the lines are numbered from 0."""
    count = len(lines.day)
    for place, person in enumerate(lines.people or [_nothing(count)]):
        yield pa.table(
            {
                "line": pa.arange(0, count),
                "person": person,
                "institution": lines.institution,
                "pharmacy": _nothing(count) if place else lines.pharmacy,
                "day": lines.day,
                "emergency": lines.emergency,
            }
        )


class Question(NamedTuple):
    """What an engine is asked of the people of a column: all lines, the places of those it must judge, and these."""

    lines: pa.Table
    places: NDArray[np.intp]
    unproven: pa.Table


def questions_to(engine: Engine, lines: Lines) -> list[Question]:
    """Return what an engine is asked of the people of each column."""
    tables = list(questions_of(lines))
    places = [engine.unproven(table) for table in tables]
    return [Question(table, some, rows_at(some, table)) for table, some in zip(tables, places, strict=True)]


def rows_at(places: NDArray[np.intp], lines: pa.Table) -> pa.Table:
    """Return the lines at some places, none of their columns held as a dictionary."""
    some = lines.take(pa.array(places))
    return pa.table({name: plain(whole(some.column(name))) for name in some.column_names})


def verdicts_of(engine: Engine, some: list[Question]) -> Iterator[pa.Table]:
    """Give `line`, `reason`, `until` of all lines of each, which is let go; what must be judged is judged together.

    Raises RuntimeError where a line is told twice or never.
    """
    unproven = pa.concat_tables([each.unproven for each in some])
    numbers = pa.chunked_array([pa.arange(0, len(unproven))])
    verdicts = engine.judge(unproven.set_column(0, "line", numbers))
    if not verdicts.column("line").equals(numbers):
        raise RuntimeError(f"{len(unproven)} lines were judged {len(verdicts)} times")
    some.reverse()
    while some:
        lines, places, mine = some.pop()
        yield _with_others(lines, places, verdicts[: len(mine)])
        verdicts = verdicts[len(mine) :]


def _with_others(lines: pa.Table, places: NDArray[np.intp], verdicts: pa.Table) -> pa.Table:
    """Return what is told of each line: at some places the verdicts, everywhere else that it is eligible."""
    count = lines.num_rows
    ranks, until, has_none = np.full(count, _ELIGIBLE), np.zeros(count, np.int32), np.ones(count, bool)
    ranks[places] = pc.index_in(verdicts.column("reason"), FROM_WORST).to_numpy()
    resumes = whole(verdicts.column("until"))
    until[places] = pc.fill_null(resumes.view(pa.int32()), 0).to_numpy()
    has_none[places] = pc.is_null(resumes).to_numpy(zero_copy_only=False)
    columns = [_ranked(pa.array(ranks)), pa.array(until, mask=has_none).view(pa.date32())]
    return pa.table([lines.column("line"), *columns], names=["line", "reason", "until"])


def worst(columns: Sequence[Question], tables: Iterable[pa.Table]) -> Verdicts:
    """Return the verdicts on lines by what is told of the people of each column: that of the worst off.

    Null where a line names nobody.
    """
    of_columns = (_of_column(*each, place) for place, each in enumerate(zip(columns, tables, strict=True)))
    verdicts = reduce(_worse, of_columns)
    return verdicts._replace(payable=_PAYABLE.take(verdicts.reason.indices))


def _of_column(question: Question, table: pa.Table, place: int) -> Verdicts:
    count, (reason, until) = len(table), (whole(table.column(name)) for name in ("reason", "until"))
    ranks = reason.indices
    person, pharmacy = (whole(question.lines.column(name)) for name in ("person", "pharmacy"))
    if person.null_count:
        names_nobody = pc.and_(pc.is_null(person), pc.is_null(pharmacy))
        ranks, until = (pc.if_else(names_nobody, None, each) for each in (ranks, until))
    return Verdicts(_nothing(count), _ranked(ranks), until, pa.repeat(pa.scalar(place, pa.int32()), count))


def _ranked(ranks: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(ranks, FROM_WORST)


def whole(column: pa.ChunkedArray) -> pa.Array:
    """Return a column of a table in one piece."""
    piece = column.combine_chunks()
    return piece.chunk(0) if isinstance(piece, pa.ChunkedArray) else piece


def _worse(some: Verdicts, other: Verdicts) -> Verdicts:
    ranks: list[pa.Array] = [each.reason.indices for each in (some, other)]
    stays = pc.less_equal(*(pc.fill_null(rank, len(FROM_WORST)) for rank in ranks))
    until, column = (pc.if_else(stays, *both) for both in zip(some[2:], other[2:], strict=True))
    return Verdicts(some.payable, _ranked(pc.if_else(stays, *ranks)), until, column)
