"""The columns of a list: one for each field of its answer, nested fields beside each other, typed for a spreadsheet.

A column is headed by its field's name in Chinese and as in JSON; asked for in a language it is headed in that one
alone, and the words of the scheme stand in place of their codes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from marshmallow import Schema, fields

from scoring_service.api.tables.headings import heading_of
from scoring_service.terms import chinese, english

if TYPE_CHECKING:
    from scoring_service.workbooks.writing import Value

Words = Mapping[str, str]
_NO_WORDS: Words = {}
# What names a person or an institution by a reference alone is told with the name beside it.
PERSON, INSTITUTION = "practitioner", "institution"
NAMED = {PERSON: ("code", "name"), INSTITUTION: ("name",)}
_LIST_SEPARATOR, _MEMBER_SEPARATOR = "；", "，"


class Language(StrEnum):
    """The language of headings and words."""

    CHINESE = "zh"
    ENGLISH = "en"


Reading: TypeAlias = Callable[[Any, Language | None], "Value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: where its value stands in an item as JSON, how that is read, and the words of its codes.

    `called` is its heading in Chinese, None where nobody has given it one.
    """

    path: tuple[str, ...]
    called: str | None
    read: Reading
    words: Words

    def heading(self, language: Language | None) -> str:
        """Return the heading in a language, without one in both."""
        name = ".".join(self.path)
        if self.called is None or language is Language.ENGLISH:
            return name
        return self.called if language is Language.CHINESE else f"{self.called} / {name}"

    def value(self, item: Mapping[str, Any], language: Language | None) -> Value:
        """Return the cell of an item."""
        value: Any = item
        for name in self.path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is None:
            return None
        read = self.read(value, language)
        if language is None:
            return read
        if isinstance(read, bool):
            return _YES_NO[language][read]
        return _worded(read, self.words, language) if self.words and isinstance(read, str) else read


_YES_NO = {Language.CHINESE: ("否", "是"), Language.ENGLISH: ("no", "yes")}


def _worded(text: str, words: Words, language: Language) -> str:
    side = chinese if language is Language.CHINESE else english
    return _LIST_SEPARATOR.join(side(words[code]) if code in words else code for code in text.split(_LIST_SEPARATOR))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTable:
    """A list as a table: `name` is ASCII, `title` in both languages, `item` the schema of what it lists.

    `headings` are those that a field has in this list only; `first` are the fields before all others, `item_key` the
    one that may hold the key of a rulebook's item.
    """

    name: str
    title: str
    item: Schema
    words: Mapping[str, Words] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    item_key: str | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, in the order of the schema but for the first."""
        places = {name: place for place, name in enumerate(self.first)}
        return tuple(sorted(self._below((), self.item), key=lambda each: places.get(".".join(each.path), len(places))))

    def with_items(self, titles: Words) -> ListTable:
        """Return the table with the titles of items, each in both languages, in place of their keys."""
        if self.item_key is None:
            return self
        words = {**titles, **self.words.get(self.item_key, _NO_WORDS)}
        return replace(self, words={**self.words, self.item_key: words})

    @property
    def referring(self) -> frozenset[str]:
        """Which of `NAMED` the items refer to without a name."""
        own = self.item.dump_fields
        plain = {name for name in NAMED if isinstance(own.get(name), fields.String)}
        return frozenset(plain - ({INSTITUTION} if "institution_name" in own else set()))

    def _below(self, path: tuple[str, ...], schema: Schema) -> Iterator[Column]:
        for attribute, each in schema.dump_fields.items():
            name = each.data_key or attribute
            if isinstance(each, fields.Nested) and not each.many:
                yield from self._below((*path, name), each.schema)
                continue
            yield self._column((*path, name), _reading(each))
            if not path and name in self.referring:
                yield from (self._column((f"{name}.{part}",), _text) for part in NAMED[name])

    def _column(self, path: tuple[str, ...], read: Reading) -> Column:
        name = ".".join(path)
        called = self.headings.get(name) or heading_of(path)
        return Column(path=path, called=called, read=read, words=self.words.get(name, _NO_WORDS))


def _reading(each: fields.Field[Any]) -> Reading:
    if isinstance(each, fields.Date):
        return lambda value, _language: date.fromisoformat(value)
    if isinstance(each, fields.DateTime):
        return lambda value, _language: datetime.fromisoformat(value)
    if isinstance(each, fields.Integer | fields.Float | fields.Boolean):
        return lambda value, _language: value
    return _text


def _text(value: Any, language: Language | None) -> str:
    """Return what is nested or free in form as one text: a list by semicolons, an object by its names."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return _LIST_SEPARATOR.join(_text(each, language) for each in value)
    if isinstance(value, Mapping):
        members = [(name, member) for name, member in value.items() if member is not None]
        return _MEMBER_SEPARATOR.join(
            f"{_called(str(name), language)}: {_text(member, language)}" for name, member in members
        )
    return json.dumps(value, ensure_ascii=False)


def _called(name: str, language: Language | None) -> str:
    return (heading_of((name,)) or name) if language is Language.CHINESE else name


def in_a_cell(words: str) -> str:
    """Return words that stand alone, of which the first has a capital where its script has any."""
    return words[:1].upper() + words[1:]


def rows_of(
    table: ListTable, items: Sequence[Mapping[str, Any]], language: Language | None
) -> list[list[Value]]:
    """Return the rows of items as JSON, names put beside references already."""
    columns = table.columns
    return [[column.value(item, language) for column in columns] for item in items]
