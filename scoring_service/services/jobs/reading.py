"""Jobs and their runs as they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.db.tables import job_runs
from scoring_service.services.jobs.catalogue import JOBS, Job, job_named
from scoring_service.services.jobs.run import JobRun, job_run
from scoring_service.services.unit_of_work.listing import Listing, read_page

if TYPE_CHECKING:
    from scoring_service.services.unit_of_work.transaction import Work

_ONE_DAY = timedelta(days=1)


class Cadence(StrEnum):
    """How often a job has a new period."""

    DAILY = "daily"
    YEARLY = "yearly"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOverview:
    """A job with its last run; `next_period` is the next one to become due."""

    name: str
    title: str
    cadence: Cadence
    last_run: JobRun | None
    next_period: str


def overview(work: Work) -> list[JobOverview]:
    """Return every job with its cadence, its last run and the next period to come, in the order of a day."""
    return [_overview(work, job) for job in JOBS]


def _overview(work: Work, job: Job) -> JobOverview:
    latest = read_page(work, runs(job.name), limit=1).items
    return JobOverview(
        name=job.name,
        title=job.title,
        cadence=Cadence.YEARLY if job.yearly else Cadence.DAILY,
        last_run=latest[0] if latest else None,
        next_period=str(work.today.year) if job.yearly else (work.today + _ONE_DAY).isoformat(),
    )


def runs(name: str) -> Listing[JobRun]:
    """Return the list of the runs of a job, the latest period first. Raises NotFound for an unknown one."""
    query = select(job_runs).where(job_runs.c.job == job_named(name).name)
    return Listing(query=query, keys=(job_runs.c.period,), show=job_run)
