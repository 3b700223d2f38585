"""Findings as they are pasted from a spreadsheet: read by the columns of their import, and told what was made of them.

Headings may be missing, stand in two lines, or be repeated; cells that were merged leave gaps, which take the value
above. What cannot be read stays as it was written, with what was expected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from scoring_service.services.imports import cells
from scoring_service.services.imports.cells import CellFault, is_blank, shown
from scoring_service.services.imports.columns import Column, Headings, headings_of
from scoring_service.services.imports.finding_columns import FINDING_COLUMNS, FindingRow
from scoring_service.services.imports.findings import FINDINGS
from scoring_service.services.imports.people_named import people_named, person_faults
from scoring_service.services.imports.staging import MOST_ROWS_ABOVE, RowReader
from scoring_service.workbooks.delimited import read_text
from scoring_service.workbooks.sheets import Row, Sheet

if TYPE_CHECKING:
    from scoring_service.services.imports.kind import RowFault, StagedRow
    from scoring_service.services.unit_of_work.transaction import Work

# Tells whether a text names an item of the catalogue.
IsItem = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedFinding(FindingRow):
    """A row of a pasted sheet: a finding, and the institution that the row says it is of."""

    institution: str | None


_INSTITUTION = Column(
    name="institution",
    heading="机构",
    aliases=(
        *("机构代码", "机构名称", "定点医药机构", "涉案机构", "医疗机构", "定点医药机构编码", "机构编码"),
        *("fixmedins_code", "fixmedins_name"),
    ),
    reading=cells.line(),
)
# What a row lacks is told when it stands in the form.
_COLUMNS = (_INSTITUTION, *(replace(column, required=False) for column in FINDING_COLUMNS))
_PASTED = replace(FINDINGS, columns=_COLUMNS, record=PastedFinding)
_BY_NAME = {column.name: column for column in _COLUMNS}
# Of these a merged cell stands for all rows that it covers.
_MERGED = ("institution", "item", "points")
_LONGEST_NAME_SEEN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedRow:
    """A row of the paste: its line, what was read, the columns `filled` from the row above, what is wrong by column."""

    staged: StagedRow
    filled: tuple[str, ...]
    faults: Mapping[str, str]

    @property
    def values(self) -> PastedFinding:
        """What was read."""
        values: PastedFinding = self.staged.values
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Paste:
    """The rows of a paste; the numbers of the lines taken for `headings`, and the columns that are not read."""

    rows: tuple[PastedRow, ...]
    headings: tuple[int, ...]
    unread: tuple[str, ...]

    @property
    def filled(self) -> int:
        """How many cells took the value above."""
        return sum(len(row.filled) for row in self.rows)


def read_paste(work: Work, text: str, is_item: IsItem, *, may_lack_points: bool) -> Paste:
    """Return what a pasted text holds, each person compared with the record. Raises UnreadableFile.

    Without headings the columns are told by what stands in them. Where somebody `may_lack_points`, as with a measure,
    no gap is filled with those above.
    """
    merged = tuple(name for name in _MERGED if name != "points" or not may_lack_points)
    rows = list(read_text(text))
    head = next(_headings(islice(rows, MOST_ROWS_ABOVE)), None)
    places = head[1].places if head else _guessed(rows, is_item)
    below = [row for row in rows if head is None or row.number > head[0]]
    repeated = {number for number, _headings in _headings(below)}
    reader = RowReader(_PASTED, Sheet(name="", rows=iter(())), places)
    read = list(_read(reader, places, merged, [row for row in below if row.number not in repeated]))
    faults = head[1].faults if head else ()
    return Paste(
        rows=tuple(_compared(work, read)),
        headings=(head[0], *sorted(repeated)) if head else (),
        unread=tuple(fault.text for fault in faults if fault.warning),
    )


def _headings(rows: Iterable[Row]) -> Iterator[tuple[int, Headings]]:
    for row in rows:
        headings = headings_of(_COLUMNS, row.cells)
        if headings is not None:
            places = tuple({column.name: (place, column) for place, column in reversed(headings.places)}.values())
            yield row.number, replace(headings, places=places)


def _read(
    reader: RowReader, places: Sequence[tuple[int, Column]], merged_columns: Sequence[str], rows: Iterable[Row]
) -> Iterator[PastedRow]:
    merged = [(place, column.name) for place, column in places if column.name in merged_columns]
    own = [place for place, column in places if column.name not in _MERGED]
    above: dict[int, str] = {}
    for row in rows:
        standing = dict(enumerate(row.cells))
        if all(is_blank(standing.get(place)) for place in own):
            continue
        gaps = {place: name for place, name in merged if is_blank(standing.get(place)) and place in above}
        whole = standing | {place: above[place] for place in gaps}
        above |= {place: shown(whole[place]) for place, _name in merged if not is_blank(whole.get(place))}
        width = max(whole) + 1
        staged, expected = reader.read(Row(row.number, tuple([whole.get(place) for place in range(width)])))
        if staged is not None:
            yield PastedRow(staged=staged, filled=tuple(gaps.values()), faults=expected)


def _compared(work: Work, rows: Sequence[PastedRow]) -> Iterator[PastedRow]:
    """Return the rows with what is wrong in how each names its person."""
    people = people_named(work, {row.values.practitioner for row in rows if row.values.practitioner is not None})
    for row in rows:
        wrong = person_faults(row.values.practitioner, row.values.name, people)
        yield replace(row, faults={**row.faults, **_by_column(wrong)})


def _by_column(faults: Iterable[RowFault]) -> dict[str, str]:
    return {fault.column: fault.expected for fault in faults if fault.column is not None}


def _guessed(rows: Sequence[Row], is_item: IsItem) -> tuple[tuple[int, Column], ...]:
    """Return the columns of a paste without headings: each is the first that more than half of its cells fit."""
    tests = _tests(is_item)
    places: list[tuple[int, Column]] = []
    for place in range(max((len(row.cells) for row in rows), default=0)):
        texts = [shown(row.cells[place]) for row in rows if place < len(row.cells) and not is_blank(row.cells[place])]
        name = next((name for name, fits in tests.items() if 2 * sum(map(fits, texts)) > len(texts)), None)
        if name is not None:
            del tests[name]
            places.append((place, _BY_NAME[name]))
    return tuple(places)


def _tests(is_item: IsItem) -> dict[str, Callable[[str], bool]]:
    readable = ("practitioner", "points", "degree", "adjustment", "occurred_from", "occurred_last_day")
    tests: dict[str, Callable[[str], bool]] = {name: _reads(_BY_NAME[name]) for name in readable}
    return tests | {"item": is_item, "name": _is_short, "reason": bool}


def _reads(column: Column) -> Callable[[str], bool]:
    def reads(text: str) -> bool:
        try:
            column.reading(text)
        except CellFault:
            return False
        return True

    return reads


def _is_short(text: str) -> bool:
    return len(text) <= _LONGEST_NAME_SEEN and not text.isdecimal()
