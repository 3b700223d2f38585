"""A job that an administrator runs by hand: for every region at once, so by an account that is bound to none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.services.jobs.runs import run_named
from scoring_service.services.unit_of_work.touch import check_touches_everything
from scoring_service.services.unit_of_work.watch import Watch

if TYPE_CHECKING:
    from scoring_service.services.jobs.run import JobRun
    from scoring_service.services.unit_of_work.transaction import Work


def run_by_hand(work: Work, name: str, period: str | None) -> JobRun:
    """Run a job for a period (default: the latest that is due), now; return its run, one that is done as it was.

    The job has transactions of its own; this one is kept awake meanwhile. Raises Forbidden `outside_region` and what
    `run_named` raises.
    """
    check_touches_everything(work)
    run = run_named(work.service, name, period, Watch(alive=lambda: work.conn.execute(select(1))))
    work.audit("job.run", object_kind="job", object_id=f"{run.job}/{run.period}", detail={"state": run.state})
    return run
