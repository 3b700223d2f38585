"""A run of a job for one period, as it is on record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scoring_service.db.tables import job_runs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import RowMapping


class RunState(StrEnum):
    """How far a run has come; a failed one is taken up again."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """A run; its instants are those of the scheme's clock, `error` is a type and code.

    `counts` says how much was done, or by which period a run is `covered_by`.
    """

    job: str
    period: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int | str]
    error: str | None


def job_run(row: RowMapping) -> JobRun:
    """Return the run of a row of `job_runs`."""
    columns = job_runs.c
    return JobRun(
        job=row[columns.job],
        period=row[columns.period],
        state=RunState(row[columns.state]),
        started_at=row[columns.started_at],
        finished_at=row[columns.finished_at],
        counts=row[columns.counts],
        error=row[columns.error],
    )
