"""What is still to be done after notices: deliveries, states to maintain and talks, the soonest day first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request
from flask_babel import lazy_gettext as _

from scoring_service.core.procedure import Duty
from scoring_service.letters import wording
from scoring_service.services.desks.duty_desk import DUTY_FIELDS, OpenDuty, count_duties, open_duties
from scoring_service.services.registry.names import practitioner_names
from scoring_service.web.frame.lists import asked_list, shown_list
from scoring_service.web.frame.pages import CLINIC, OFFICE, get, work
from scoring_service.web.frame.questions import ListFace, question_of
from scoring_service.web.frame.spreadsheet import PageTable, download_asked, rows_download
from scoring_service.web.wording.languages import side

LIST = ListFace(
    name="duties",
    endpoint="web.duties",
    fields=DUTY_FIELDS,
    labels={
        "due": _("最后一天"),
        "institution": _("涉案机构"),
        "region": _("行政区划"),
        "received_on": _("送达"),
        "issued_on": _("出具"),
        "institution_name": _("机构名称"),
    },
    own=frozenset({"duty"}),
)


@get("/duties", OFFICE | CLINIC)
def duties() -> Any:
    """List what is open of a duty (`?duty=`), at first the states that institutions have to maintain."""
    chosen = request.args.get("duty", "")
    duty = Duty(chosen) if chosen in set(Duty) else Duty.MAINTENANCE
    listed, question = open_duties(work(), duty), question_of(LIST)
    if form := download_asked():
        return rows_download(form, f"duties-{duty}-{work().today}", _TABLE, asked_list(listed, question))
    shown = shown_list(LIST, listed, question)
    return render_template(
        "duties.html",
        section="web.letters",
        duty=duty,
        shown=shown,
        counts=count_duties(work()),
        people=practitioner_names(work(), {each.practitioner_id for each in shown.items}, "notices"),
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
    headings=(_("文书"), _("人员"), _("医药机构"), _("出具"), _("送达"), _("最后一天"), _("文书编号")),
    rows=_rows,
)
