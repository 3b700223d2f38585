"""Until when a party may still appeal against each entry of a file: the last days, told before anything is filed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.db.tables import entries
from scoring_service.db.tables.schema import one_of
from scoring_service.services.appeal_windows import window_of
from scoring_service.services.appeals import POINTS, appealable

if TYPE_CHECKING:
    from scoring_service.services.notices import Addressee
    from scoring_service.services.receipts import Window
    from scoring_service.services.work import Work


def windows_of(work: Work, practitioner_id: str, addressee: Addressee) -> dict[str, Window]:
    """Return the addressee's window against each entry that still counts for something, by the entry's id."""
    counting = appealable(work, practitioner_id)
    query = select(entries).where(one_of(entries.c.id, "counting")).order_by(entries.c.seq)
    rows = work.conn.execute(query, {"counting": list(counting)}).all()
    return {row.id: window_of(work, row, POINTS, addressee) for row in rows}
