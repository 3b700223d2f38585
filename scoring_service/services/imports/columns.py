"""Columns: what the cells below a heading mean, and by which headings people name them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scoring_service.services.imports.cells import is_blank, shown, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring_service.services.imports.cells import Reading
    from scoring_service.workbooks.sheets import Value

# What people write behind a heading to say that it has to be filled in.
_REMARK = re.compile(r"[*＊]|[(（][^()（）]*[)）]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a kind: `name` is the field that it fills, `heading` that of the template.

    `aliases`: the national name, other Chinese headings, English ones. `explanation`: Chinese / English.
    """

    name: str
    heading: str
    reading: Reading
    aliases: tuple[str, ...] = ()
    required: bool = False
    example: str = ""
    explanation: str = ""

    def said(self, expected: str) -> str:
        """Return what is expected with the column's name before it, for a file that has no such column."""
        chinese, _, english = expected.partition(" / ")
        return f"列“{self.heading}”：{chinese} / column {self.name}: {english}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadingFault:
    """What is wrong with a heading; `place` counts the cells of its row from 0, None when it is missing."""

    place: int | None
    text: str
    expected: str
    warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """A row of headings: each column with the place of its cell, and what is wrong with the row."""

    places: tuple[tuple[int, Column], ...]
    faults: tuple[HeadingFault, ...] = field(default=())


def headings_of(columns: Sequence[Column], cells: Sequence[Value]) -> Headings | None:
    """Return the headings that a row holds; None for a row in which fewer than two cells, or half of them, are any."""
    known = {_key(name): column for column in columns for name in (column.name, column.heading, *column.aliases)}
    texts = [(place, shown(cell)) for place, cell in enumerate(cells) if not is_blank(cell)]
    named = [(place, text, known.get(_key(text)) or known.get(word(text))) for place, text in texts]
    places = [(place, column) for place, _text, column in named if column is not None]
    if len(places) < min(2, len(columns)) or 2 * len(places) < len(texts):
        return None
    present = {column.name for _place, column in places}
    faults = [
        HeadingFault(place=place, text=text, expected=_UNREAD, warning=True)
        for place, text, column in named
        if column is None
    ]
    faults += _repeated(places)
    faults += [
        HeadingFault(
            place=None, text="", expected=f"缺少列“{column.heading}” / the column {column.name} is missing"
        )
        for column in columns
        if column.required and column.name not in present
    ]
    return Headings(places=tuple(places), faults=tuple(faults))


_UNREAD = "此列不读入 / this column is not read"


def _repeated(places: Sequence[tuple[int, Column]]) -> list[HeadingFault]:
    return [
        HeadingFault(
            place=place, text=column.heading, expected=f"列“{column.heading}”只能出现一次 / {column.name} only once"
        )
        for position, (place, column) in enumerate(places)
        if any(column is earlier for _place, earlier in places[:position])
    ]


def _key(heading: str) -> str:
    return word(_REMARK.sub("", heading.strip()))
