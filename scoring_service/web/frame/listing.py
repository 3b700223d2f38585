"""Lists page by page, by the place behind the last row: the same cost on the first page and the thousandth."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import request

from scoring_service.core.attention import NEAR_POINTS
from scoring_service.services.unit_of_work.listing import Item, Listing, read_page
from scoring_service.web.frame.pages import work
from scoring_service.written import is_id

PAGE_LENGTH = 25
LONGEST_NUMBER = 18


def people_of_tab(status: str) -> dict[str, Any]:
    """Return what a list is asked for by a tab: a state, near a suspension or a sanction, a letter missing."""
    if status == "near":
        return {"near_points": NEAR_POINTS}
    if status in {"coming", "without_commitment"}:
        return {status: True}
    return {"status": status or None}


def newest_first(listing: Listing[Item]) -> tuple[list[Item], str | None]:
    """Return the page that `?after=` asks for of a list by instant and id, and where to go on."""
    page = read_page(work(), listing, after=_place(request.args.get("after", "")), limit=PAGE_LENGTH)
    return page.items, None if page.further is None else f"{page.further[0].isoformat()}~{page.further[1]}"


def soonest_first(listing: Listing[Item]) -> tuple[list[Item], str | None]:
    """Return the page that `?after=` asks for of a list by a day and id, and where to go on."""
    day, _, key = request.args.get("after", "").partition("~")
    try:
        place = (date.fromisoformat(day), key) if is_id(key) else None
    except ValueError:
        place = None
    page = read_page(work(), listing, after=place, limit=PAGE_LENGTH)
    return page.items, None if page.further is None else f"{page.further[0].isoformat()}~{page.further[1]}"


def _place(after: str) -> tuple[datetime, str] | None:
    instant, _, key = after.partition("~")
    try:
        at = datetime.fromisoformat(instant)
    except ValueError:
        return None
    return (at, key) if at.tzinfo is not None and is_id(key) else None


def number_asked() -> int | None:
    """Return the number that `?after=` asks to go on from; None for the first page, or for anything else."""
    after = request.args.get("after", "")
    return int(after) if after.isascii() and after.isdigit() and len(after) <= LONGEST_NUMBER else None


def newest_numbered(listing: Listing[Item]) -> tuple[list[Item], int | None]:
    """Return the page that `?after=` asks for of a list by descending number, and where to go on."""
    number = number_asked()
    page = read_page(work(), listing, after=None if number is None else (number,), limit=PAGE_LENGTH)
    return page.items, None if page.further is None else page.further[0]
