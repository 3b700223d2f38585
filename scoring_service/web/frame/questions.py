"""What a list is asked for by the address of its page: which rows, and in which order.

A fault is told at its field and what no field is called above them; the rest holds. Days are asked for by the first
and the last of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flask import request
from flask_babel import gettext as _

from scoring_service.services.registry.names import find_institutions
from scoring_service.services.unit_of_work.fields import Bound, FieldKind, Fields, sorts
from scoring_service.web.frame.pages import work
from scoring_service.web.wording.catalogue import items_named, items_of_all
from scoring_service.web.wording.list_words import DUE_WORDS
from scoring_service.written import LONGEST_LINE, as_code

if TYPE_CHECKING:
    from collections.abc import Iterator

SORT = "sort"
FIRST, LAST = "_from", "_to"
# What an address holds beside the question.
PAGING = frozenset({"after", "download", "form", "kind"})
DAYS = frozenset({FieldKind.DAY, FieldKind.INSTANT})
YES = "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFace:
    """How the console shows a list that the API calls `name`: the page `endpoint`, and what each field is called.

    It is asked for by the `fields` with a label, in their order, a choice by its `words`. `views` are those that
    everybody has: what they are called by their question. Of `own` parameters the page itself takes care.
    """

    name: str
    endpoint: str
    fields: Fields
    labels: Mapping[str, Any]
    words: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    views: Mapping[str, Any] = field(default_factory=dict)
    own: frozenset[str] = frozenset()

    def words_of(self, name: str) -> Mapping[str, Any]:
        """Return the words of a choice."""
        return DUE_WORDS if name == "due" else self.words[name]

    @property
    def orders(self) -> list[str]:
        """What the list can be sorted by, of what has a label."""
        return [sort for sort in sorts(self.fields) if sort.removeprefix("-") in self.labels]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for: the `filters` by parameter of the list, each with what it is called in the address.

    `errors` are by name in the address; `notes` say what was left out. `sort` is empty for the list's own order.
    """

    filters: Mapping[str, tuple[str, Any]]
    sort: str
    errors: Mapping[str, str]
    notes: tuple[str, ...]


def question_of(face: ListFace) -> Question:
    """Return what the address of this request asks a list for."""
    filters: dict[str, tuple[str, Any]] = {}
    errors: dict[str, str] = {}
    for name, parameter, typed in _typed(face):
        try:
            filters[parameter] = (name, _read(face, name, typed))
        except ValueError as fault:
            errors[name] = str(fault)
    _put_days_right(face, filters, errors)
    sort = request.args.get(SORT, "")
    known = sort in face.orders
    return Question(
        filters=filters, sort=sort if known else "", errors=errors, notes=tuple(_notes(face, sort if not known else ""))
    )


def names_in_address(face: ListFace) -> Iterator[tuple[str, str, str]]:
    """Return what can be asked for: its name in the address, the field's, and the parameter of the list."""
    for name in face.labels:
        if name in face.own:
            continue
        if face.fields[name].kind in DAYS:
            yield f"{name}{FIRST}", name, f"{name}{Bound.FROM}"
            yield f"{name}{LAST}", name, f"{name}{Bound.UNTIL}"
        elif face.fields[name].kind is not FieldKind.PLAIN:
            yield name, name, name


def _typed(face: ListFace) -> Iterator[tuple[str, str, str]]:
    for name, _field, parameter in names_in_address(face):
        typed = request.args.get(name, "").strip()
        if typed:
            yield name, parameter, typed[:LONGEST_LINE]


def _read(face: ListFace, name: str, typed: str) -> Any:
    """Return the value of a filter. Raises ValueError with what is wrong."""
    field_name = next(of_field for address, of_field, _parameter in names_in_address(face) if address == name)
    kind = face.fields[field_name].kind
    if kind in DAYS:
        return _day(name, typed)
    if kind is FieldKind.CODE:
        return _institution(typed)
    if kind is FieldKind.DIVISION:
        return as_code(typed)
    if kind is FieldKind.ITEM:
        return _item(typed)
    if typed not in ({YES} if kind is FieldKind.FLAG else face.fields[field_name].choices):
        raise ValueError("请选择其中一项 / choose one of those")
    return True if kind is FieldKind.FLAG else typed


def _day(name: str, typed: str) -> date:
    try:
        day = date.fromisoformat(as_code(typed))
        return day + timedelta(days=1) if name.endswith(LAST) else day
    except (ValueError, OverflowError):
        raise ValueError("请按 2025-05-09 的格式填写日期 / a date like 2025-05-09") from None


def _institution(typed: str) -> str:
    """Return the code of the institution whose code or name was typed, if it is one."""
    fitting = find_institutions(work(), typed, limit=2)
    exact = [each for each in fitting if typed in {each.code, each.name}] or fitting
    if not exact:
        raise ValueError("没有这个机构，请核对名称或代码 / there is no such institution; check the name or code")
    if len(exact) > 1:
        raise ValueError("有多个机构符合，请输入更多或输入代码 / several institutions fit; type more, or the code")
    return exact[0].code


def _item(typed: str) -> str:
    """Return the key of the item whose title or key was typed, if it is one."""
    fitting = items_named(items_of_all(work().today), typed)
    if len(fitting) != 1:
        raise ValueError("请写违规情形的完整名称 / the whole title of one item, please")
    return fitting[0]


def _put_days_right(face: ListFace, filters: dict[str, tuple[str, Any]], errors: dict[str, str]) -> None:
    """Leave out days that are the wrong way round, and say so."""
    for name in face.labels:
        first, end = (filters.get(f"{name}{bound}") for bound in Bound)
        if first is not None and end is not None and first[1] >= end[1]:
            del filters[f"{name}{Bound.FROM}"], filters[f"{name}{Bound.UNTIL}"]
            errors[end[0]] = "最后一日不得早于起始日 / the last day may not lie before the first"


def _notes(face: ListFace, sort: str) -> Iterator[str]:
    if sort:
        yield _("不能按“%(name)s”排序，已按通常的顺序列出。", name=sort[:40])
    known = {name for name, _field, _parameter in names_in_address(face)} | PAGING | face.own | {SORT}
    unknown = [name[:40] for name in request.args if name not in known]
    if unknown:
        yield _("这个列表没有“%(names)s”这样的条件，已略去；其余条件照常使用。", names="、".join(unknown[:5]))
