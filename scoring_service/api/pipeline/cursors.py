"""Lists page by page: an opaque, signed cursor holds the place where the next page begins.

A cursor belongs to one list with its filters; one that was altered, or taken to another list, is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer

from scoring_service.api.pipeline.request import work
from scoring_service.problems import Problem
from scoring_service.services.unit_of_work.listing import Listing, read_page

LONGEST = 1000
NOT_FILTERS = frozenset({"cursor", "limit"})


def place_of(cursor: str | None) -> Any:
    """Return the place that a cursor of this list holds, None for the first page.

    Dates and instants come back as such, a sequence as a list. Raises Problem 400 `invalid_cursor`.
    """
    if cursor is None:
        return None
    try:
        scope, place = _serializer().loads(cursor[:LONGEST])
    except (BadData, ValueError, TypeError):
        raise _invalid() from None
    if scope != _scope():
        raise _invalid()
    return _unpacked(place)


def cursor_at(place: Any) -> str | None:
    """Return the cursor of a place (text, number, date, instant, or a sequence of them); None at the end."""
    if place is None:
        return None
    return str(_serializer().dumps([_scope(), _packed(place)]))


def page(items: Sequence[Any], last: Any) -> dict[str, Any]:
    """Return the body of a list: its items, and the cursor behind `last` (None when there is no more)."""
    return {"items": list(items), "next_cursor": cursor_at(last)}


def page_of(listing: Listing[Any], query_args: dict[str, Any]) -> dict[str, Any]:
    """Return the body of the page of a list that is asked for by the `limit` and `cursor` of a PageQuery."""
    after = place_of(query_args["cursor"])
    shown = read_page(work(), listing, after=after, limit=query_args["limit"])
    return page(shown.items, shown.further)


def _serializer() -> URLSafeSerializer:
    strong = {"digest_method": hashlib.sha256}
    return URLSafeSerializer(str(current_app.secret_key), salt="cursor", signer_kwargs=strong)


def _scope() -> str:
    filters = sorted((name, value) for name, value in request.args.items(multi=True) if name not in NOT_FILTERS)
    return hashlib.sha256(repr((request.path, filters)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _packed(place: Any) -> Any:
    if isinstance(place, datetime):
        return {"instant": place.isoformat()}
    if isinstance(place, date):
        return {"day": place.isoformat()}
    if isinstance(place, list | tuple):
        return [_packed(part) for part in place]
    return place


def _unpacked(place: Any) -> Any:
    if isinstance(place, dict):
        return datetime.fromisoformat(place["instant"]) if "instant" in place else date.fromisoformat(place["day"])
    if isinstance(place, list):
        return [_unpacked(part) for part in place]
    return place


def _invalid() -> Problem:
    detail = "分页游标无效，请从第一页开始 / the cursor is not one of this list; begin with its first page"
    return Problem(400, "invalid_cursor", detail)
