"""A list as a page shows it: a page of its rows, how many there are, by what it is narrowed, and the views of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext as _

from scoring_service.services.desks.list_views import ListView, views_of
from scoring_service.services.unit_of_work.fields import DESCENDING, FieldKind, narrowed, sorted_by
from scoring_service.services.unit_of_work.listing import (
    COUNTED_TO,
    Listing,
    Total,
    count_each,
    read_page,
    total_of,
)
from scoring_service.services.unit_of_work.places import sealed, unsealed
from scoring_service.web.frame.pages import work
from scoring_service.web.frame.questions import DAYS, LAST, PAGING, SORT, ListFace, Question, names_in_address
from scoring_service.web.wording.catalogue import items_of_all, title_of
from scoring_service.web.wording.languages import day

if TYPE_CHECKING:
    from collections.abc import Iterator

Item = TypeVar("Item")
PAGE_LENGTH = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A filter that holds: what it is called, its value in words, and the address of the page without it.

    `rows` is how many there would be then, told where nothing fits all of them; None elsewhere.
    """

    label: str
    value: str
    dropped: str
    rows: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view of the list: its name and address, whether it is the one shown, and its id where it can be deleted."""

    name: str
    address: str
    is_shown: bool
    id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownList(Generic[Item]):
    """A page of a list, with all that its head and foot tell."""

    face: ListFace
    question: Question
    items: Sequence[Item]
    total: Total
    further: str | None
    applied: Sequence[Applied]
    views: Sequence[View]

    @property
    def query(self) -> str:
        """What the page is asked for, as a view of it is kept."""
        return urlencode(sorted(_typed().items()))

    @property
    def is_open(self) -> bool:
        """Whether the form of filters is seen at once: something in it is to be put right."""
        return bool(self.question.errors)

    @property
    def may_be_kept(self) -> bool:
        """Whether there is something to keep as a view that is none yet."""
        return bool(self.query) and not any(view.is_shown for view in self.views)

    @property
    def error_labels(self) -> Mapping[str, Any]:
        """What the fields of the form are called where their faults are told."""
        return {name: self.face.labels[field] for name, field, _parameter in names_in_address(self.face)}

    @property
    def order_words(self) -> Mapping[str, str]:
        """The orders that the form offers, in words."""
        return {
            sort: _("%(field)s（降序）", field=self.face.labels[sort[1:]])
            if sort.startswith(DESCENDING)
            else _("%(field)s（升序）", field=self.face.labels[sort])
            for sort in self.face.orders
        }

    def kept(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return what stays in the address when the filters are cleared."""
        return {name: request.args[name] for name in names if name in request.args}

    def typed(self, name: str) -> str:
        """Return what was typed for a filter."""
        return request.args.get(name, "")

    def address(self, **changes: str | None) -> str:
        """Return the address of the first page with a changed question."""
        return address_of(self.face, **changes)

    def direction(self, name: str) -> str | None:
        """Return which way the list is sorted by a field: `ascending`, `descending`, None for neither."""
        return {name: "ascending", f"-{name}": "descending"}.get(self.question.sort)

    def sorted_address(self, name: str) -> str:
        """Return the address of the list sorted by a field, falling when it rises already."""
        return self.address(sort=f"-{name}" if self.question.sort == name else name)


def asked_list(listing: Listing[Item], question: Question) -> Listing[Item]:
    """Return the list as it is asked for, whole."""
    filters = {parameter: value for parameter, (_name, value) in question.filters.items()}
    fitting = narrowed(work(), listing, filters)
    return sorted_by(fitting, question.sort) if question.sort else fitting


def shown_list(face: ListFace, listing: Listing[Item], question: Question) -> ShownList[Item]:
    """Return the page of a list that `?after=` asks for."""
    whole = asked_list(listing, question)
    scope = f"{face.name} {question.sort}"
    after = request.args.get("after", "")
    page = read_page(work(), whole, after=unsealed(work(), scope, after) if after else None, limit=PAGE_LENGTH)
    return ShownList(
        face=face,
        question=question,
        items=page.items,
        total=total_of(work(), whole),
        further=None if page.further is None else address_of(face, after=sealed(work(), scope, page.further)),
        applied=list(_applied(face, listing, question, is_empty=not page.items)),
        views=list(_views(face)),
    )


def address_of(face: ListFace, **changes: str | None) -> str:
    """Return the address of a list with a changed question; None leaves out."""
    names = _typed() | changes
    kept: dict[str, Any] = {name: value for name, value in names.items() if value is not None}
    return url_for(face.endpoint, **kept)


def _typed() -> dict[str, str | None]:
    return {name: value for name, value in request.args.items() if name not in PAGING and value}


def _applied(
    face: ListFace, listing: Listing[Any], question: Question, *, is_empty: bool
) -> Iterator[Applied]:
    rows: Mapping[str, int] = {}
    if is_empty and len(question.filters) > 1:
        values = {parameter: value for parameter, (_name, value) in question.filters.items()}
        others = {
            left_out: narrowed(work(), listing, {name: values[name] for name in values if name != left_out})
            for left_out in values
        }
        rows = count_each(work(), others, most=COUNTED_TO)
    fields = {name: field for name, field, _parameter in names_in_address(face)}
    for parameter, (name, value) in question.filters.items():
        yield Applied(
            label=str(face.labels[fields[name]]),
            value=_in_words(face, fields[name], name, value),
            dropped=address_of(face, **{name: None}),
            rows=rows.get(parameter),
        )


def _in_words(face: ListFace, field: str, name: str, value: Any) -> str:
    kind = face.fields[field].kind
    if kind in DAYS:
        last = name.endswith(LAST)
        shown = day(value - timedelta(days=1) if last else value)
        return _("至 %(day)s", day=shown) if last else _("自 %(day)s", day=shown)
    if kind is FieldKind.FLAG:
        return _("是")
    if kind is FieldKind.ITEM:
        return title_of(items_of_all(work().today), value)
    return str(face.words_of(field)[value]) if kind is FieldKind.CHOICE else request.args[name]


def _views(face: ListFace) -> Iterator[View]:
    kept = [ListView(id="", name=str(name), query=query) for query, name in face.views.items()]
    shown = urlencode(sorted(_typed().items()))
    for view in [*kept, *views_of(work(), face.name)]:
        address = f"{url_for(face.endpoint)}?{view.query}"
        yield View(name=view.name, address=address, is_shown=view.query == shown, id=view.id or None)


__all__ = ["SORT", "Applied", "ShownList", "View", "address_of", "asked_list", "shown_list"]
