"""Views of lists that an account keeps: a question by name, for nobody but the account."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from scoring_service.db.tables import list_views as table
from scoring_service.problems import Conflict, NotFound
from scoring_service.written import is_id

if TYPE_CHECKING:
    from scoring_service.services.unit_of_work.transaction import Work

MOST_VIEWS = 20
LONGEST_VIEW_NAME = 40
LONGEST_QUERY = 2000
_view = table.c


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """A question by name; `query` is that of the list's address."""

    id: str
    name: str
    query: str


def views_of(work: Work, listed: str) -> list[ListView]:
    """Return the actor's views of a list, by name."""
    query = select(_view.id, _view.name, _view.query).where(
        _view.account_id == work.actor.account_id, _view.list == listed
    )
    return [ListView(**row) for row in work.conn.execute(query.order_by(_view.name)).mappings()]


def keep_view(work: Work, listed: str, *, name: str, query: str) -> None:
    """Keep a view of a list by a name; one that has the name already gives way. Raises Conflict `too_many_views`."""
    known = views_of(work, listed)
    if len(known) >= MOST_VIEWS and name not in {view.name for view in known}:
        raise Conflict(
            "too_many_views",
            f"这个列表的视图已有 {MOST_VIEWS} 个，请先删除不用的 / "
            f"{MOST_VIEWS} views of this list already: delete one first",
        )
    row = {
        "id": str(uuid.uuid4()),
        "account_id": work.actor.account_id,
        "list": listed,
        "name": name,
        "query": query,
        "kept_at": func.now(),
    }
    kept = insert(table).values(row)
    work.conn.execute(
        kept.on_conflict_do_update(
            index_elements=[_view.account_id, _view.list, _view.name],
            set_={"query": kept.excluded.query, "kept_at": kept.excluded.kept_at},
        )
    )


def forget_view(work: Work, view_id: str) -> None:
    """Delete a view of the actor's. Raises NotFound."""
    own = (_view.id == view_id, _view.account_id == work.actor.account_id)
    if not is_id(view_id) or work.conn.execute(delete(table).where(*own)).rowcount == 0:
        raise NotFound("视图 / view")
