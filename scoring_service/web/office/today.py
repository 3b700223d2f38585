"""The office's first page: what waits."""

from __future__ import annotations

from flask import render_template

from scoring_service.services.desks import kept_forms
from scoring_service.services.desks.office_today import COUNTED_TO, LATE_AFTER_DAYS, today_of
from scoring_service.web.frame.pages import CLERK, OFFICE, get, work
from scoring_service.web.office.decisions import MATTERS


@get("/today", OFFICE)
def today() -> str:
    """Show what waits for this office today."""
    drafting = work().actor.has(*CLERK)
    return render_template(
        "office/today.html",
        unfinished=kept_forms.unfinished(work()) if drafting else [],
        found=today_of(work()),
        day_of_today=work().today,
        matters=MATTERS,
        counted_to=COUNTED_TO,
        late_after_days=LATE_AFTER_DAYS,
    )
