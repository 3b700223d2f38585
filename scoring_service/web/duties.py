"""What is still to be done after notices: deliveries, states to maintain and talks, the soonest day first."""

from __future__ import annotations

from flask import render_template, request

from scoring_service.core.procedure import Duty
from scoring_service.services.desks.duty_desk import count_duties, open_duties
from scoring_service.services.registry.names import practitioner_names
from scoring_service.web.frame.listing import soonest_first
from scoring_service.web.frame.pages import CLINIC, OFFICE, get, work


@get("/duties", OFFICE | CLINIC)
def duties() -> str:
    """List what is open of a duty (`?duty=`), at first the states that institutions have to maintain."""
    chosen = request.args.get("duty", "")
    duty = Duty(chosen) if chosen in set(Duty) else Duty.MAINTENANCE
    shown, further = soonest_first(open_duties(work(), duty))
    return render_template(
        "duties.html",
        section="web.letters",
        duty=duty,
        duties=shown,
        further=further,
        counts=count_duties(work()),
        people=practitioner_names(work(), {each.practitioner_id for each in shown}, "notices"),
        today=work().today,
    )
