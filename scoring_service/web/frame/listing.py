"""Lists page by page, by the place behind the last row: the same cost on the first page and the thousandth."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import request
from sqlalchemy import literal, tuple_

from scoring_service.core.attention import NEAR_POINTS
from scoring_service.services.unit_of_work.sight import is_id
from scoring_service.web.frame.pages import work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, RowMapping, Select

PAGE_LENGTH = 25
LONGEST_NUMBER = 18


def people_of_tab(status: str) -> dict[str, Any]:
    """Return what a list is asked for by a tab: a state, or who is near a suspension or about to be sanctioned."""
    if status == "near":
        return {"near_points": NEAR_POINTS}
    return {"coming": True} if status == "coming" else {"status": status or None}


def newest_first(
    query: Select[Any], at: ColumnElement[Any], key: ColumnElement[Any]
) -> tuple[Sequence[RowMapping], str | None]:
    """Run `query` for the page that `?after=` asks for, by instant and id; return it and where to go on."""
    place = _place(request.args.get("after", ""))
    if place is not None:
        behind = tuple_(literal(place[0], type_=at.type), literal(place[1], type_=key.type))
        query = query.where(tuple_(at, key) < behind)
    rows = work().conn.execute(query.order_by(at.desc(), key.desc()).limit(PAGE_LENGTH + 1)).mappings().all()
    last = rows[PAGE_LENGTH - 1] if len(rows) > PAGE_LENGTH else None
    return rows[:PAGE_LENGTH], None if last is None else f"{last[at].isoformat()}~{last[key]}"


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


def newest_numbered(query: Select[Any], number: ColumnElement[Any]) -> tuple[Sequence[RowMapping], int | None]:
    """Run `query` for the page that `?after=` asks for, by descending number; return it and where to go on."""
    after = number_asked()
    if after is not None:
        query = query.where(number < after)
    rows = work().conn.execute(query.order_by(number.desc()).limit(PAGE_LENGTH + 1)).mappings().all()
    return rows[:PAGE_LENGTH], rows[PAGE_LENGTH - 1][number] if len(rows) > PAGE_LENGTH else None
