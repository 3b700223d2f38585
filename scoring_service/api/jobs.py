"""`/jobs`: what the scheduler runs, and runs by hand."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page_of
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.base import PageQuery
from scoring_service.api.schemas.jobs import JobPage, Run, RunAsked, RunPage
from scoring_service.services.jobs import reading
from scoring_service.services.jobs.by_hand import run_by_hand
from scoring_service.services.jobs.run import JobRun

blueprint = Blueprint("jobs", __name__, description="定时任务 / jobs")


@blueprint.get("/jobs")
@blueprint.response(200, JobPage)
def listed() -> dict[str, Any]:
    """List the jobs, in the order in which those of one day run."""
    return {"items": reading.overview(work()), "next_cursor": None}


@blueprint.get("/jobs/<name>/runs")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, RunPage)
def runs(query: dict[str, Any], name: str) -> dict[str, Any]:
    """List the runs of a job, the latest period first."""
    return page_of(reading.runs(name), query)


@blueprint.post("/jobs/<name>/runs")
@blueprint.arguments(RunAsked)
@blueprint.response(201, Run)
def run(body: dict[str, Any], name: str) -> JobRun:
    """Run a job for a period, now; a period that is done is told as it was."""
    return run_by_hand(work(), name, body["period"])
