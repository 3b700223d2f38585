"""What was typed into the search box, kept sealed: an address leads back to the answer and holds no name."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Delete, delete, insert, select

from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.tables import searches

if TYPE_CHECKING:
    from datetime import datetime

    from scoring_service.services.unit_of_work.transaction import Work

KEPT = timedelta(days=30)
_ID_BYTES, _LONGEST_ID = 16, 64


def keep(work: Work, typed: str) -> str:
    """Keep what the actor typed; return the id under which only its account finds it."""
    search_id = secrets.token_urlsafe(_ID_BYTES)
    sealed = work.service.identity_numbers.seal(typed)
    row = {"id": search_id, "account_id": work.actor.account_id, "sealed": sealed, "kept_at": SERVERS_CLOCK}
    work.conn.execute(insert(searches).values(row))
    return search_id


def kept(work: Work, search_id: str) -> str | None:
    """Return what the actor typed; None for what is kept no longer, or is another's."""
    mine = searches.c.account_id == work.actor.account_id
    query = select(searches.c.sealed).where(searches.c.id == search_id[:_LONGEST_ID], mine)
    sealed = work.conn.execute(query).scalar_one_or_none()
    return None if sealed is None else work.service.identity_numbers.unseal(sealed)


def outdated(now: datetime) -> Delete:
    """Return the statement that deletes what is kept no longer."""
    return delete(searches).where(searches.c.kept_at < now - KEPT)
