"""Assigning cases: ticked in the list, the clerk chosen, all of them assigned or none."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from scoring_service.problems import Conflict, Faulty
from scoring_service.services.cases.assigning import SeenCase, assign_cases, clerks, seen_cases
from scoring_service.services.unit_of_work.many import check_ticked
from scoring_service.web.frame.forms import Form, returned
from scoring_service.web.frame.many import at_rows, version_seen
from scoring_service.web.frame.pages import ADMIN, CLERK, REVIEWER, ask, get, post, see, work

ASSIGNERS = CLERK | REVIEWER | ADMIN
NOBODY = "-"


@post("/cases/assign/choose", ASSIGNERS, page="cases")
def choose_assignment() -> Any:
    """Lead to the choice of a clerk for the ticked cases."""
    check_ticked("case", request.form.getlist("case"))
    return ask("assignment")


@get("/cases/assign", ASSIGNERS)
def assignment() -> str:
    """Show the ticked cases with who has them, and ask who is to."""
    form = returned()
    shown = seen_cases(work(), form.fields.getlist("row") or form.fields.getlist("case"))
    return render_template(
        "office/assignment.html",
        section="web.cases",
        cases=shown,
        ticked=form.fields.getlist("case"),
        clerks=clerks(work(), {case.region for case in shown}),
        nobody=NOBODY,
        errors=form.errors,
        form=form,
    )


@post("/cases/assign", ASSIGNERS, page="assignment")
def assign_ticked_cases() -> Any:
    """Assign the cases: all of them, or none."""
    form = Form()
    to = form.line("to", longest=200)
    form.refuse()
    ids = form.fields.getlist("case")
    seen = [
        SeenCase(
            case=each,
            version=version_seen(form.fields, f"version/{each}"),
            assigned_to=form.raw(f"assigned_to/{each}") or None,
        )
        for each in ids
    ]
    try:
        assign_cases(work(), seen, None if to == NOBODY else to)
    except (Conflict, Faulty) as problem:
        raise at_rows(problem, ids, "case") from problem
    done = ngettext("已指派 %(num)s 件案件。", "已指派 %(num)s 件案件。", len(ids))
    flash(_("已交回 %(num)s 件案件，现无人经办。", num=len(ids)) if to == NOBODY else done)
    return see(url_for("web.case", case_id=ids[0]) if len(ids) == 1 else url_for("web.cases"))
