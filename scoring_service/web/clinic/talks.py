"""The talks that scores ask of the institution: those to hold, those held, and recording one."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from scoring_service.services.notices import talks as use_cases
from scoring_service.services.registry.names import practitioner_names
from scoring_service.web.clinic.institution import own_code
from scoring_service.web.frame.forms import Form, new_once, returned
from scoring_service.web.frame.listing import newest_first
from scoring_service.web.frame.pages import CLINIC, get, post, see, work
from scoring_service.web.frame.spreadsheet import download_asked, list_download


@get("/clinic/talks", CLINIC)
def talks() -> Any:
    """List the talks that are due, or with `?held=1` those on record."""
    held = request.args.get("held") == "1"
    listed = use_cases.listing(work(), institution=own_code(), held=held)
    if form := download_asked():
        return list_download(form, "talks", listed)
    tasks, further = newest_first(listed)
    names = practitioner_names(work(), {task.practitioner_id for task in tasks}, "talk")
    page = {"tasks": tasks, "names": names, "held": held, "further": further, "today": work().today}
    return render_template("clinic/talks.html", **page)


@get("/clinic/talks/<notice_id>", CLINIC)
def talk(notice_id: str) -> str:
    """Show a talk: what was asked, and what was held or the form to record it."""
    form = returned()
    task = use_cases.read_task(work(), notice_id)
    work().look(task.practitioner_id, "talk")
    return render_template(
        "clinic/talk.html",
        section="web.talks",
        task=task,
        name=practitioner_names(work(), [task.practitioner_id], "talk").get(task.practitioner_id, "—"),
        today=work().today,
        errors=form.errors,
        form=form,
        once=form.raw("once") or new_once(),
    )


@post("/clinic/talks/<notice_id>", CLINIC, page="talk")
def record_talk(notice_id: str) -> Any:
    """Record that the talk was held."""
    form = Form()
    held_on, summary = form.day("held_on"), form.text("said")
    values: dict[str, Any] = {"held_on": held_on, "summary": summary}
    form.refuse()
    use_cases.record_talk(work(), notice=notice_id, **values)
    flash(_("谈话已登记。"))
    return see(url_for("web.talks"))
