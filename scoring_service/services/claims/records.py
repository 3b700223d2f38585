"""Screenings as they are shown to the account that asked for one: how far it is, what it sums up to, and its files."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import select

from scoring_service.clock import real_now
from scoring_service.core.procedure import ScreeningState
from scoring_service.db.tables import screenings
from scoring_service.problems import NotFound, WrongState
from scoring_service.services.claims.keeping import write_kept
from scoring_service.terms import SCREENING_STATES
from scoring_service.written import is_id

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from scoring_service.services.unit_of_work.transaction import Work

AT_WORK = frozenset({ScreeningState.WAITING, ScreeningState.JUDGING})
NOUN = "明细筛查 / screening of a claim file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """A claim file at the scheduler's: `done` of the lines `of` it (None where the file does not tell) are judged.

    `summary` is None until it is done, in the form of the answer's schema.
    """

    id: str
    state: ScreeningState
    done: int
    of: int | None
    rows_per_second: int | None
    seconds_left: int | None
    known_at: datetime
    against: datetime | None
    summary: dict[str, Any] | None
    error: str | None
    created_at: datetime
    finished_at: datetime | None
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file of the answer at its beginning, gone when it is closed, and the form of the claims."""

    content: IO[bytes]
    form: str


def read_screening(work: Work, screening_id: str) -> Screening:
    """Return a screening of the actor's own. Raises NotFound."""
    row = _require(work, screening_id)
    names = ("id", "known_at", "against", "summary", "error", "created_at", "finished_at", "cleared_at")
    state = ScreeningState(row["state"])
    speed, left = _speed(row) if state in AT_WORK else (None, None)
    return Screening(
        **{name: row[name] for name in names},
        state=state,
        done=row["lines_done"],
        of=row["lines_done"] if state is ScreeningState.DONE else row["rows"],
        rows_per_second=speed,
        seconds_left=left,
    )


def read_file(work: Work, screening_id: str, name: str) -> KeptFile:
    """Return a file of the actor's own screening. Raises NotFound where there is none, WrongState before its end."""
    row = _require(work, screening_id)
    if row["cleared_at"] is not None:
        raise NotFound(NOUN)
    if row["state"] != ScreeningState.DONE:
        raise WrongState("screening", row["state"], SCREENING_STATES)
    content = tempfile.TemporaryFile(prefix="screening-")  # noqa: SIM115 -- whoever sends it closes it.
    try:
        is_any = write_kept(work.conn, work.service.identity_numbers, screening_id, name, content)
    except BaseException:
        content.close()
        raise
    if not is_any:
        content.close()
        raise NotFound(NOUN)
    content.seek(0)
    return KeptFile(content=content, form=row["form"])


def _require(work: Work, screening_id: str) -> RowMapping:
    row = None
    if is_id(screening_id):
        mine = (screenings.c.id == screening_id) & (screenings.c.account_id == work.actor.account_id)
        row = work.conn.execute(select(screenings).where(mine)).mappings().one_or_none()
    if row is None:
        raise NotFound(NOUN)
    return row


def _speed(row: RowMapping) -> tuple[int | None, int | None]:
    """Return the lines a second so far, and the seconds that are left."""
    passed = (real_now() - row["began_at"]).total_seconds() if row["began_at"] else 0
    if passed <= 0 or not row["share_done"]:
        return None, None
    share: float = row["share_done"]
    return round(row["lines_done"] / passed), round(passed / share - passed)
