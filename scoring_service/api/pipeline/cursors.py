"""Lists page by page: an opaque, signed cursor holds the place where the next page begins.

A cursor belongs to one list with its filters; one that was altered, or taken to another list, is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from flask import request
from itsdangerous import BadData, URLSafeSerializer
from marshmallow.utils import get_value

from scoring_service.api.pipeline.request import work
from scoring_service.api.pipeline.signing import signing_keys
from scoring_service.problems import Problem
from scoring_service.services.unit_of_work.fields import narrowed, parameters, sorted_by
from scoring_service.services.unit_of_work.listing import Listing, read_page, total_of
from scoring_service.services.unit_of_work.places import packed, sealed, unpacked, unsealed

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
    return unpacked(place)


def cursor_at(place: Any) -> str | None:
    """Return the cursor of a place (text, number, date, instant, or a sequence of them); None at the end."""
    if place is None:
        return None
    return str(_serializer().dumps([_scope(), packed(place)]))


def page(items: Sequence[Any], last: Any) -> dict[str, Any]:
    """Return the body of a list: its items, and the cursor behind `last` (None when there is no more)."""
    return {"items": list(items), "next_cursor": cursor_at(last)}


def page_of(listing: Listing[Any], query_args: dict[str, Any]) -> dict[str, Any]:
    """Return the body of the page of a list that its query asks for: narrowed and sorted, with the total if wanted."""
    filters = {
        parameter: value
        for parameter, _name, _bound in parameters(listing.fields)
        if (value := get_value(query_args, parameter, None)) is not None
    }
    listing = narrowed(work(), listing, filters)
    if query_args.get("sort") is not None:
        listing = sorted_by(listing, query_args["sort"])
    after = place_of(query_args["cursor"])
    if listing.secret and after is not None:
        after = unsealed(work(), _scope(), after)
    shown = read_page(work(), listing, after=after, limit=query_args["limit"])
    further: Any = shown.further
    if listing.secret and further is not None:
        further = sealed(work(), _scope(), further)
    return page(shown.items, further) | (_total(listing) if query_args.get("total") else {})


def _total(listing: Listing[Any]) -> dict[str, Any]:
    total = total_of(work(), listing)
    return {"total": total.rows, "total_is_exact": total.is_exact}


def _serializer() -> URLSafeSerializer:
    strong = {"digest_method": hashlib.sha256}
    return URLSafeSerializer(signing_keys(), salt="cursor", signer_kwargs=strong)


def _scope() -> str:
    filters = sorted((name, value) for name, value in request.args.items(multi=True) if name not in NOT_FILTERS)
    return hashlib.sha256(repr((request.path, filters)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _invalid() -> Problem:
    detail = "分页游标无效，请从第一页开始 / the cursor is not one of this list; begin with its first page"
    return Problem(400, "invalid_cursor", detail)
