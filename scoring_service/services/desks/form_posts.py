"""Forms of the console that may arrive twice: a double click does once what it asks for.

A form that creates something carries a random key. The first post keeps where it led; a second one waits for the
first and is sent to the same place. Kept with the API's idempotency keys, and cleared with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.tables import idempotency_keys

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from scoring_service.services.unit_of_work.transaction import Work

_METHOD = "FORM"


def claim(work: Work, path: str, key: str) -> str | None:
    """Claim the key for this transaction; return where an earlier post with it led, None for the first.

    A second post waits here until the first has ended.
    """
    columns = {"account_id": work.actor.account_id, "method": _METHOD, "path": path, "key": key}
    row = columns | {"body_sha256": b"", "created_at": SERVERS_CLOCK}
    mine = work.conn.execute(
        insert(idempotency_keys).values(row).on_conflict_do_nothing().returning(idempotency_keys.c.key)
    ).first()
    if mine is not None:
        return None
    stored = select(idempotency_keys.c.headers).where(_row(work, path, key))
    return work.conn.execute(stored).scalar_one_or_none() or path


def keep(work: Work, path: str, key: str, location: str | None) -> None:
    """Keep where the post led; with None it led nowhere, and the key is free again."""
    if location is None:
        work.conn.execute(delete(idempotency_keys).where(_row(work, path, key)))
    else:
        work.conn.execute(update(idempotency_keys).where(_row(work, path, key)).values(headers=location))


def _row(work: Work, path: str, key: str) -> ColumnElement[bool]:
    kept = idempotency_keys.c
    return and_(
        kept.account_id == work.actor.account_id, kept.method == _METHOD, kept.path == path, kept.key == key
    )
