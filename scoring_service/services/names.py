"""Names beside codes: what a page shows where an answer carries a code only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from scoring_service.db.tables import institutions, practitioners
from scoring_service.services import sight

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Row

    from scoring_service.services.work import Work


def institution_names(work: Work, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of institutions by code; names of institutions are public."""
    wanted = set(codes)
    if not wanted:
        return {}
    query = select(institutions.c.code, institutions.c.name).where(institutions.c.code.in_(wanted))
    return {row.code: row.name for row in work.conn.execute(query)}


def practitioner_names(work: Work, ids: Iterable[str]) -> dict[str, str]:
    """Return the names of those of the people whom the actor may know of, by id."""
    wanted = set(ids)
    if not wanted:
        return {}
    query = select(practitioners.c.id, practitioners.c.name).where(
        practitioners.c.id.in_(wanted), sight.practitioner_filter(work)
    )
    return {row.id: row.name for row in work.conn.execute(query)}


def find_institutions(work: Work, typed: str, *, limit: int = 20) -> Sequence[Row[Any, Any, Any, Any]]:
    """Return the institutions that the actor may know of whose code is `typed` or whose name holds it."""
    like = institutions.c.name.contains(typed, autoescape=True)
    return work.conn.execute(
        select(institutions.c.code, institutions.c.name, institutions.c.kind, institutions.c.region)
        .where(or_(institutions.c.code == typed, like), sight.institution_filter(work))
        .order_by(institutions.c.name, institutions.c.code)
        .limit(limit)
    ).all()
