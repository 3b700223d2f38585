"""What the administrator and the auditor watch: jobs, the audit, and the simulated clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from scoring_service.core.civil import CIVIL_ZONE, midnight
from scoring_service.problems import Problem
from scoring_service.services.jobs import reading
from scoring_service.services.jobs.by_hand import run_by_hand
from scoring_service.services.jobs.clock import read_clock, set_clock
from scoring_service.services.record.audit import AuditRow, audit
from scoring_service.services.registry.names import institution_names, practitioner_names
from scoring_service.services.reminders import choosing, outbox
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.web.frame.forms import Form, returned
from scoring_service.web.frame.listing import newest_numbered
from scoring_service.web.frame.pages import ADMIN, AUDITOR, UNPROCESSABLE, errors_of, get, post, see, work
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.wording.languages import moment
from scoring_service.web.wording.words import AUDIT_SUBJECT
from scoring_service.written import is_id

LOOK = "look"
_STEPS = {"day": 1, "week": 7, "month": 30}
# Of the audit: without looks at people as rows of a list.
WITHOUT = "without"
ASKED_OF_AUDIT = ("username", "practitioner", "kind", "action", "lists", "since", "until")


@get("/jobs", ADMIN | AUDITOR)
def jobs() -> Any:
    """List the jobs with their last runs."""
    if form := download_asked():
        return list_download(form, "jobs", reading.overview(work()))
    settings = work().service.settings
    return render_template(
        "office/jobs.html",
        jobs=reading.overview(work()),
        outbox=outbox.outbox_of(work()),
        channels=choosing.channels_offered(settings),
    )


@post("/jobs/<name>/run", ADMIN, page="jobs")
def run_job(name: str) -> Any:
    """Run a job for its latest period; one that is done stays done."""
    run = run_by_hand(work(), name, None)
    flash(_("任务已运行，周期 %(period)s。", period=run.period))
    return see(url_for("web.jobs"))


@get("/audit", AUDITOR)
def audit_trail() -> Any:
    """List who did and who looked at what, the newest first: of an account, about a person, of a kind, in some days."""
    form = Form(request.args)
    listed, errors = _audited(form)
    if listed is not None and (kind := download_asked()):
        return list_download(kind, "audit", listed)
    rows, further = newest_numbered(listed) if listed is not None else ([], None)
    about = request.args.get("practitioner", "")
    shown = {row.practitioner_id for row in rows if row.practitioner_id} | {about}
    people = practitioner_names(work(), shown, "audit")
    places = institution_names(work(), {row.institution_code for row in rows if row.institution_code})
    return render_template(
        "office/audit.html",
        rows=rows,
        further=further,
        people=people,
        places=places,
        asked={name: form.raw(name) for name in ASKED_OF_AUDIT},
        errors=errors,
        is_id=is_id,
    ), UNPROCESSABLE if errors else 200


def _audited(form: Form) -> tuple[Listing[AuditRow] | None, dict[str, str]]:
    """Return the list of the audit rows that are asked for, None where something is wrong with the question."""
    filters: dict[str, Any] = {
        "username": form.line("username", required=False, longest=64),
        "practitioner": form.ref("practitioner", required=False, longest=36),
        "object_kind": form.choice("kind", tuple(AUDIT_SUBJECT), required=False),
        "action": form.choice("action", (LOOK,), required=False),
        "since": _midnight(form.day("since", required=False), 0),
        "before": _midnight(form.day("until", required=False), 1),
        "lists": form.choice("lists", (WITHOUT,), required=False) != WITHOUT,
    }
    try:
        form.refuse()
        return audit(work(), **filters), {}
    except Problem as problem:
        if problem.status != UNPROCESSABLE:
            raise
        return None, errors_of(problem)


def _midnight(day: date | None, days_later: int) -> datetime | None:
    return None if day is None else midnight(day + timedelta(days=days_later))


@get("/clock", ADMIN)
def clock() -> str:
    """Show the scheme's clock, and with the simulated one how to move it."""
    form = returned()
    return render_template("office/clock.html", clock=read_clock(work()), errors=form.errors, form=form)


@post("/clock", ADMIN, page="clock")
def move_clock() -> Any:
    """Move the simulated clock forward by a day, a week or a month, or to a day."""
    form = Form()
    now = work().now
    step = request.form.get("step", "")
    if step in _STEPS:
        to = now + timedelta(days=_STEPS[step])
    else:
        day = form.day("to")
        to = now if day is None else datetime.combine(day, time(9), CIVIL_ZONE)
    form.refuse()
    flash(_("时间已到 %(now)s，到期的任务都已运行。", now=moment(set_clock(work(), to).now)))
    return see(url_for("web.clock"))
