"""Lists page by page, by the place behind the last row: the same cost on the first page and the thousandth.

A use case says what there is to list, in which order at first, and by which fields it can be narrowed and sorted
(`fields.py`); whoever asks says after which place, and how much.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import func, literal, select, tuple_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, RowMapping, Select

    from scoring_service.services.unit_of_work.fields import Field
    from scoring_service.services.unit_of_work.transaction import Work

Item = TypeVar("Item")
# Beyond this a number answers nobody's question, and costs the more the longer the list.
COUNTED_TO = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[Item]):
    """A list of which nothing is read yet: its rows, their order, and how one is shown.

    `keys` are selected columns, together unique, the last one by itself; but for the first of a list that is `gapped`
    they are never null, and of that one the rows without it come last, whichever the direction. `fill` reads what a
    page shows beside its rows, and returns what `show` takes in their place. With `looked_at` each row that is told
    is a look at everybody in its columns of `people`, and goes on record as one of that name. The place in a list
    that is `secret` is not told in the open: it may be a name.
    """

    query: Select[Any]
    keys: tuple[ColumnElement[Any], ...]
    show: Callable[[Any], Item]
    fill: Callable[[Sequence[RowMapping]], Sequence[Any]] | None = None
    descending: bool = True
    looked_at: str | None = None
    people: tuple[str, ...] = ("practitioner_id",)
    fields: Mapping[str, Field] = field(default_factory=dict)
    gapped: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """A page of a list, and the place to go on from: the values of the keys in its last row, None at the end."""

    items: list[Item]
    further: tuple[Any, ...] | None


def read_page(
    work: Work, listing: Listing[Item], *, after: Sequence[Any] | None = None, limit: int
) -> Page[Item]:
    """Return the `limit` rows that follow the place `after`, the first ones without it."""
    rows: list[RowMapping] = []
    for part in _parts(listing, after):
        if len(rows) <= limit:
            rows += _read(work, part, listing, descending=listing.descending, limit=limit + 1 - len(rows))
    further = tuple(rows[limit - 1][key] for key in listing.keys) if len(rows) > limit else None
    return Page(items=_shown(work, listing, rows[:limit]), further=further)


def _parts(listing: Listing[Any], after: Sequence[Any] | None) -> Iterator[Select[Any]]:
    """Return what follows a place, in one query that an index answers, or two: with the first key, and without it."""
    first, *rest = listing.keys
    lacks_first = after is not None and listing.gapped and after[0] is None
    if not lacks_first:
        query = listing.query.where(first.is_not(None)) if listing.gapped else listing.query
        yield query if after is None else query.where(_follows(listing, listing.keys, after))
    if listing.gapped:
        query = listing.query.where(first.is_(None))
        yield query.where(_follows(listing, rest, after[1:])) if after is not None and lacks_first else query


def _follows(
    listing: Listing[Any], keys: Sequence[ColumnElement[Any]], after: Sequence[Any]
) -> ColumnElement[bool]:
    place = tuple_(*(literal(value, type_=key.type) for key, value in zip(keys, after, strict=True)))
    return tuple_(*keys) < place if listing.descending else tuple_(*keys) > place


def every_page(work: Work, listing: Listing[Item], *, rows: int) -> Iterator[list[Item]]:
    """Return the whole list, `rows` of it at a time."""
    page = read_page(work, listing, limit=rows)
    yield page.items
    while page.further is not None:
        page = read_page(work, listing, after=page.further, limit=rows)
        yield page.items


def read_oldest(work: Work, listing: Listing[Item], *, limit: int) -> list[Item]:
    """Return the first `limit` rows in ascending order."""
    return _shown(work, listing, _read(work, listing.query, listing, descending=False, limit=limit))


def count(work: Work, listing: Listing[Any]) -> int:
    """Return how many rows there are."""
    return work.conn.execute(select(func.count()).select_from(listing.query.subquery())).scalar_one()


def count_each(work: Work, listings: Mapping[str, Listing[Any]], *, most: int | None = None) -> dict[str, int]:
    """Return how many rows each of the lists has, by its name, in one statement; none is counted beyond `most`."""
    if not listings:
        return {}
    numbers = [
        select(func.count()).select_from(_counted(listing, most).subquery()).scalar_subquery()
        for listing in listings.values()
    ]
    return dict(zip(listings, work.conn.execute(select(*numbers)).one(), strict=True))


def _counted(listing: Listing[Any], most: int | None) -> Select[Any]:
    if most is None:
        return listing.query
    return listing.query.with_only_columns(literal(1), maintain_column_froms=True).limit(most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """How many rows a list has: exactly, or at least so many."""

    rows: int
    is_exact: bool


def total_of(work: Work, listing: Listing[Any]) -> Total:
    """Return how many rows a list has, counted to COUNTED_TO."""
    rows = count_each(work, {"": listing}, most=COUNTED_TO + 1)[""]
    return Total(rows=min(rows, COUNTED_TO), is_exact=rows <= COUNTED_TO)


def _read(
    work: Work, query: Select[Any], listing: Listing[Any], *, descending: bool, limit: int
) -> Sequence[RowMapping]:
    order = (key.desc() if descending else key.asc() for key in listing.keys)
    return work.conn.execute(query.order_by(*order).limit(limit)).mappings().all()


def _shown(work: Work, listing: Listing[Item], rows: Sequence[RowMapping]) -> list[Item]:
    if listing.looked_at is not None:
        for person in (row[column] for row in rows for column in listing.people):
            if person is not None:
                work.look(person, listing.looked_at, in_list=True)
    return [listing.show(row) for row in (rows if listing.fill is None else listing.fill(rows))]
