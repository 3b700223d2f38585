"""Until when a party may still appeal against each entry of a file: the last days, told before anything is filed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.db.tables import entries
from scoring_service.db.tables.schema import one_of
from scoring_service.services.appeals.filing import POINTS, appealable
from scoring_service.services.appeals.windows import SUBJECT, Subject, window_of

if TYPE_CHECKING:
    from scoring_service.services.notices.receipts import Window
    from scoring_service.services.notices.records import Addressee
    from scoring_service.services.unit_of_work.transaction import Work


def windows_of(work: Work, practitioner_id: str, addressee: Addressee) -> dict[str, Window]:
    """Return the addressee's window against each entry that still counts for something, by the entry's id."""
    counting = appealable(work, practitioner_id)
    query = select(*SUBJECT).where(one_of(entries.c.id, "counting")).order_by(entries.c.seq)
    subjects = [Subject(*row) for row in work.conn.execute(query, {"counting": list(counting)})]
    return {subject.id: window_of(work, subject, POINTS, addressee) for subject in subjects}
