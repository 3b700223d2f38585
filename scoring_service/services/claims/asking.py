"""What an account asks of a claim file that the scheduler judges; the file is kept sealed, and forgotten KEPT later."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from scoring_service.core.procedure import ScreeningState
from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.tables import screening_pieces, screenings
from scoring_service.services.claims.keeping import CLAIMS, keep_file
from scoring_service.services.claims.records import Screening, read_screening
from scoring_service.services.imports.requests import KEPT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScreening:
    """What is asked: the file's form, by which knowledge, compared with which, whom the columns `people` name.

    `rows` is how many lines there are, where the file tells.
    """

    form: str
    known_at: datetime
    against: datetime | None
    people: Sequence[str]
    rows: int | None


def ask_for_screening(work: Work, claims: Path, new: NewScreening) -> Screening:
    """Keep a claim file for the scheduler to judge; return the waiting screening."""
    screening_id = str(uuid.uuid4())
    row = {
        "id": screening_id,
        "state": ScreeningState.WAITING,
        "account_id": work.actor.account_id,
        "form": new.form,
        "known_at": new.known_at,
        "against": new.against,
        "people": list(new.people),
        "rows": new.rows,
        "created_at": SERVERS_CLOCK,
    }
    work.conn.execute(insert(screenings).values(row))
    size = keep_file(work.conn, work.service.identity_numbers, screening_id, CLAIMS, claims)
    work.audit("screening.asked", object_kind="screening", object_id=screening_id, detail={"bytes": size})
    return read_screening(work, screening_id)


def clear_screenings(work: Work, now: datetime) -> int:
    """Forget the files of screenings that ended KEPT ago; return how many."""
    over = (screenings.c.finished_at < now - KEPT) & screenings.c.cleared_at.is_(None)
    ids = list(work.conn.execute(select(screenings.c.id).where(over)).scalars())
    if ids:
        work.conn.execute(delete(screening_pieces).where(screening_pieces.c.screening_id.in_(ids)))
        work.conn.execute(update(screenings).where(screenings.c.id.in_(ids)).values(cleared_at=now))
    return len(ids)
