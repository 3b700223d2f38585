"""What the administrator and the auditor watch: jobs, the audit, and the simulated clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from scoring_service.clock import SHANGHAI
from scoring_service.db.tables import audit_log
from scoring_service.problems import Problem
from scoring_service.services import job_reading, job_runs
from scoring_service.services.audit import audit_query
from scoring_service.services.clock import read_clock, set_clock
from scoring_service.services.names import institution_names, practitioner_names
from scoring_service.services.sight import is_id
from scoring_service.web.forms import Form, errors_of
from scoring_service.web.languages import moment
from scoring_service.web.listing import newest_numbered
from scoring_service.web.pages import ADMIN, AUDITOR, attempt, get, post, see, service, work

UNPROCESSABLE = 422
_STEPS = {"day": 1, "week": 7, "month": 30}


@get("/jobs", ADMIN | AUDITOR)
def jobs() -> str:
    """List the jobs with their last runs."""
    return render_template("office/jobs.html", jobs=job_reading.overview(work()))


@post("/jobs/<name>/run", ADMIN)
def run_job(name: str) -> Any:
    """Run a job for its latest period; one that is done stays done."""
    opened = work()
    awake = job_runs.Watch(alive=lambda: opened.conn.execute(select(1)))
    found = job_runs.run_named(service(), name, None, awake)
    opened.audit("job.run", object_kind="job", object_id=f"{found.job}/{found.period}", detail={"state": found.state})
    flash(_("任务已运行，周期 %(period)s。", period=found.period))
    return see(url_for("web.jobs"))


@get("/audit", AUDITOR)
def audit_trail() -> str:
    """List who did and who looked at what, the newest first."""
    username = request.args.get("username", "").strip()[:64] or None
    action = request.args.get("action", "").strip()[:64] or None
    rows, further = newest_numbered(audit_query(work(), username=username, action=action), audit_log.c.id)
    people = practitioner_names(work(), {row["practitioner_id"] for row in rows if row["practitioner_id"]})
    places = institution_names(work(), {row["institution_code"] for row in rows if row["institution_code"]})
    return render_template(
        "office/audit.html",
        rows=rows,
        further=further,
        people=people,
        places=places,
        username=username or "",
        action=action or "",
        is_id=is_id,
    )


@get("/clock", ADMIN)
def clock() -> str:
    """Show the scheme's clock, and with the simulated one how to move it."""
    return _clock_page({})


def _clock_page(errors: dict[str, str]) -> str:
    return render_template("office/clock.html", clock=read_clock(work()), errors=errors, form=Form())


@post("/clock", ADMIN)
def move_clock() -> Any:
    """Move the simulated clock forward by a day, a week or a month, or to a day."""
    form = Form()
    now = work().now
    step = request.form.get("step", "")
    if step in _STEPS:
        to = now + timedelta(days=_STEPS[step])
    else:
        day = form.day("to")
        to = now if day is None else datetime.combine(day, time(9), SHANGHAI)
    try:
        form.refuse()
        with attempt():
            told = set_clock(work(), to)
    except Problem as problem:
        if problem.status not in {409, UNPROCESSABLE}:
            raise
        return _clock_page(errors_of(problem) | {"to": problem.detail}), problem.status
    flash(_("时间已到 %(now)s，到期的任务都已运行。", now=moment(told["now"])))
    return see(url_for("web.clock"))
