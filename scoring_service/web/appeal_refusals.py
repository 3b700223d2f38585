"""The refusals that a changed decision on an appeal reaches: what may be claimed again, on its page and as a file."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext as _

from scoring_service.services.appeals import reading
from scoring_service.services.appeals.reading import AffectedRefusal, Appeal
from scoring_service.services.registry.names import institution_names
from scoring_service.web.frame.pages import CLINIC, OFFICE, PRACTITIONER, get, work
from scoring_service.web.frame.spreadsheet import PageTable, download_asked, rows_download
from scoring_service.web.wording.words import STATUS
from scoring_service.workbooks.writing import Form, Value

SHOWN = 25


def refusals_of(appeal: Appeal) -> list[tuple[AffectedRefusal, str]] | None:
    """Return an appeal's affected refusals with the names of their institutions; None where no decision changed."""
    if appeal.affected is None:
        return None
    refusals = appeal.affected.refusals
    names = institution_names(work(), {refusal.institution for refusal in refusals if refusal.institution})
    return [(refusal, names.get(refusal.institution or "", "")) for refusal in refusals]


@get("/appeals/<appeal_id>/refusals.csv", OFFICE | CLINIC | PRACTITIONER)
def appeal_refusals(appeal_id: str) -> Response:
    """Send the affected refusals as a file, without a row while no decision reaches one; a look like the page."""
    appeal = reading.read_appeal(work(), appeal_id).appeal
    name = reading.names_in_appeals(work(), [appeal_id])[appeal.practitioner_id]
    table = PageTable(
        name="refusals",
        title=_("可以重新申报的拒付记录"),
        headings=(_("姓名"), _("服务日期"), _("机构代码"), _("机构名称"), _("拒付原因"), _("回答编号")),
        rows=lambda refusals: [_cells(name, *row) for row in refusals],
    )
    return rows_download(download_asked() or Form.CSV, f"refusals-{appeal_id}", table, refusals_of(appeal) or [])


def _cells(name: str, refusal: AffectedRefusal, institution_name: str) -> list[Value]:
    reason = str(STATUS.get(refusal.reason, refusal.reason))
    place = [refusal.institution or "", institution_name]
    return [name, refusal.service_on, *place, reason, refusal.decision_id]
