"""The scheme's clock, as the office sees and sets it (contract.md, Commands)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from scoring_service.services.work import Work


def read_clock(work: Work) -> dict[str, Any]:
    """Return the scheme's instant and whether it is simulated."""
    return {"now": work.now, "simulated": work.service.clock.simulated}


def set_clock(work: Work, to: datetime) -> dict[str, Any]:
    """Move the simulated clock forward. Raises Problem 409 `clock_backwards`, `clock_not_simulated`."""
    now = work.service.clock.advance(work.conn, to)
    work.audit("clock.set", object_kind="clock", detail={"now": now.isoformat()})
    return {"now": now, "simulated": work.service.clock.simulated}
