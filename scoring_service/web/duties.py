"""What is still to be done after notices: deliveries, states to maintain and talks, the soonest day first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request
from flask_babel import lazy_gettext as _

from scoring_service.core.procedure import Duty
from scoring_service.letters import wording
from scoring_service.services.desks.duty_desk import OpenDuty, count_duties, open_duties
from scoring_service.services.registry.names import practitioner_names
from scoring_service.web.frame.listing import soonest_first
from scoring_service.web.frame.pages import CLINIC, OFFICE, get, work
from scoring_service.web.frame.spreadsheet import PageTable, download_asked, rows_download
from scoring_service.web.wording.languages import side


@get("/duties", OFFICE | CLINIC)
def duties() -> Any:
    """List what is open of a duty (`?duty=`), at first the states that institutions have to maintain."""
    chosen = request.args.get("duty", "")
    duty = Duty(chosen) if chosen in set(Duty) else Duty.MAINTENANCE
    listed = open_duties(work(), duty)
    if form := download_asked():
        return rows_download(form, f"duties-{duty}-{work().today}", _TABLE, listed)
    shown, further = soonest_first(listed)
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


def _rows(duties: Sequence[OpenDuty]) -> list[list[Any]]:
    people = practitioner_names(work(), {each.practitioner_id for each in duties}, "notices")
    return [
        [
            side(wording.document_name(each.kind, each.facts)),
            *(people.get(each.practitioner_id, ""), each.institution_name),
            *(each.issued_on, each.received_on, each.due_on, each.notice_id),
        ]
        for each in duties
    ]


_TABLE = PageTable(
    name="duties",
    title=_("义务"),
    headings=(_("文书"), _("人员"), _("机构"), _("出具"), _("送达"), _("最后一天"), _("文书编号")),
    rows=_rows,
)
