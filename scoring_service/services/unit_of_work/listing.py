"""Lists page by page, by the place behind the last row: the same cost on the first page and the thousandth.

A use case says what there is to list and in which order; whoever asks says after which place, and how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import func, literal, select, tuple_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, RowMapping, Select

    from scoring_service.services.unit_of_work.transaction import Work

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[Item]):
    """A list of which nothing is read yet: its rows, their order, and how one is shown.

    `keys` are selected columns, together unique and never null. With `looked_at` each row that is told is a look at
    everybody in its columns of `people`, and goes on record as one of that name.
    """

    query: Select[Any]
    keys: tuple[ColumnElement[Any], ...]
    show: Callable[[RowMapping], Item]
    descending: bool = True
    looked_at: str | None = None
    people: tuple[str, ...] = ("practitioner_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """A page of a list, and the place to go on from: the values of the keys in its last row, None at the end."""

    items: list[Item]
    further: tuple[Any, ...] | None


def read_page(
    work: Work, listing: Listing[Item], *, after: Sequence[Any] | None = None, limit: int
) -> Page[Item]:
    """Return the `limit` rows that follow the place `after`, the first ones without it."""
    query, keys = listing.query, listing.keys
    if after is not None:
        place = tuple_(*(literal(value, type_=key.type) for key, value in zip(keys, after, strict=True)))
        query = query.where(tuple_(*keys) < place if listing.descending else tuple_(*keys) > place)
    rows = _read(work, query, listing, descending=listing.descending, limit=limit + 1)
    further = tuple(rows[limit - 1][key] for key in keys) if len(rows) > limit else None
    return Page(items=_shown(work, listing, rows[:limit]), further=further)


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


def count_each(work: Work, listings: Mapping[str, Listing[Any]]) -> dict[str, int]:
    """Return how many rows each of the lists has, by its name, in one statement."""
    numbers = [
        select(func.count()).select_from(listing.query.subquery()).scalar_subquery() for listing in listings.values()
    ]
    return dict(zip(listings, work.conn.execute(select(*numbers)).one(), strict=True))


def _read(
    work: Work, query: Select[Any], listing: Listing[Any], *, descending: bool, limit: int
) -> Sequence[RowMapping]:
    order = (key.desc() if descending else key.asc() for key in listing.keys)
    return work.conn.execute(query.order_by(*order).limit(limit)).mappings().all()


def _shown(work: Work, listing: Listing[Item], rows: Sequence[RowMapping]) -> list[Item]:
    if listing.looked_at is not None:
        for person in (row[column] for row in rows for column in listing.people):
            if person is not None:
                work.look(person, listing.looked_at)
    return [listing.show(row) for row in rows]
