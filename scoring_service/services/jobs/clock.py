"""The scheme's clock, as the office sees and sets it (contract.md, Commands)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.problems import Invalid
from scoring_service.services.jobs.runs import move_clock
from scoring_service.services.unit_of_work.touch import check_touches_everything
from scoring_service.services.unit_of_work.watch import Watch

if TYPE_CHECKING:
    from datetime import datetime

    from scoring_service.services.unit_of_work.transaction import Work

# Every day passed has its jobs run: a slip of the year would keep the service busy with centuries.
FARTHEST_YEARS = 30
_FARTHEST = timedelta(days=366 * FARTHEST_YEARS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """The scheme's instant and whether it is simulated."""

    now: datetime
    simulated: bool


def read_clock(work: Work) -> ClockState:
    """Return where the clock stands."""
    return ClockState(now=work.now, simulated=work.service.clock.simulated)


def set_clock(work: Work, to: datetime) -> ClockState:
    """Move the simulated clock forward; the due jobs of every day passed run first, each at its day.

    Jobs have transactions of their own; this one holds no lock meanwhile and is kept awake. Raises Conflict
    `clock_backwards`, `clock_not_simulated`, Invalid at `/now` beyond `FARTHEST_YEARS`.
    """
    if work.service.clock.simulated and to - work.now > _FARTHEST:
        detail = f"一次最多前移 {FARTHEST_YEARS} 年 / at most {FARTHEST_YEARS} years at once"
        raise Invalid("/now", detail)
    check_touches_everything(work)
    alive = Watch(alive=lambda: work.conn.execute(select(1)))
    move_clock(work.service, to, alive)
    now = work.read_clock_again()
    work.audit("clock.set", object_kind="clock", detail={"now": now.isoformat()})
    return ClockState(now=now, simulated=work.service.clock.simulated)
