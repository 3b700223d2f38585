"""Jobs and their runs as they are shown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scoring_service.db.tables import job_runs
from scoring_service.services.jobs.catalogue import JOBS, Job, job_named
from scoring_service.services.unit_of_work.listing import Listing, read_page

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from scoring_service.services.unit_of_work.transaction import Work

_ONE_DAY = timedelta(days=1)


def overview(work: Work) -> list[dict[str, Any]]:
    """Return every job with its cadence, its last run and the next period to come, in the order of a day."""
    return [_job_json(work, job) for job in JOBS]


def _job_json(work: Work, job: Job) -> dict[str, Any]:
    latest = read_page(work, runs(job.name), limit=1).items
    return {
        "name": job.name,
        "title": job.title,
        "cadence": "yearly" if job.yearly else "daily",
        "last_run": latest[0] if latest else None,
        "next_period": str(work.today.year) if job.yearly else (work.today + _ONE_DAY).isoformat(),
    }


def runs(name: str) -> Listing[dict[str, Any]]:
    """Return the list of the runs of a job, the latest period first. Raises NotFound for an unknown one."""
    query = select(job_runs).where(job_runs.c.job == job_named(name).name)
    return Listing(query=query, keys=(job_runs.c.period,), show=run_json)


def run_json(row: RowMapping) -> dict[str, Any]:
    """Return a run as it is shown."""
    members = ("job", "period", "state", "started_at", "finished_at", "counts", "error")
    return {name: row[name] for name in members}
