"""The refusals that a changed decision on an appeal reaches: what may be claimed again, on its page and as a file."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import gettext as _

from scoring_service.services.appeals import reading
from scoring_service.services.registry.names import institution_names
from scoring_service.web.frame.pages import CLINIC, OFFICE, PRACTITIONER, get, work
from scoring_service.web.frame.spreadsheet import as_csv
from scoring_service.web.wording.words import STATUS

SHOWN = 25


def refusals_of(told: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return an appeal's affected refusals with the names of their institutions; None where no decision changed."""
    if not told["affected"]:
        return None
    rows = told["affected"]["refusals"]
    names = institution_names(work(), {row["institution"] for row in rows if row["institution"]})
    return [row | {"institution_name": names.get(row["institution"] or "", "")} for row in rows]


@get("/appeals/<appeal_id>/refusals.csv", OFFICE | CLINIC | PRACTITIONER)
def appeal_refusals(appeal_id: str) -> Response:
    """Send the affected refusals as a file, without a row while no decision reaches one; a look like the page."""
    told = reading.read_appeal(work(), appeal_id)
    rows = refusals_of(told) or []
    head = [_("姓名"), _("服务日期"), _("机构代码"), _("机构名称"), _("拒付原因"), _("回答编号")]
    name = reading.names_in_appeals(work(), [appeal_id])[told["practitioner"]]
    return as_csv(f"refusals-{appeal_id}", [head, *(_cells(name, row) for row in rows)])


def _cells(name: str, row: dict[str, Any]) -> list[object]:
    reason = str(STATUS.get(row["reason"], row["reason"]))
    return [name, row["service_on"], row["institution"] or "", row["institution_name"], reason, row["decision_id"]]
