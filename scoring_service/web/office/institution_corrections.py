"""What was recorded wrongly of an institution: its name and division with a reason, an agreement by two people."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _

from scoring_service.core.standing import Span
from scoring_service.problems import NotFound
from scoring_service.services.proposals import registry_corrections
from scoring_service.services.registry.institutions import change_institution, read_institution
from scoring_service.services.registry.records import Institution
from scoring_service.web.frame.forms import Form, new_once, returned, version
from scoring_service.web.frame.pages import ADMIN, get, post, see, work
from scoring_service.web.office.decisions import proposed
from scoring_service.web.wording.spans import typed_last_day
from scoring_service.written import LONGEST_NAME


@post("/institutions/<code>/fields", ADMIN, page="institution")
def change_institution_fields(code: str) -> Any:
    """Correct name or division, with the reason on record."""
    expected = version()
    form = Form()
    written = {"name": form.line("name", longest=LONGEST_NAME), "region": form.ref("region", longest=6)}
    reason = form.text("reason", longest=500)
    form.refuse()
    present = read_institution(work(), code)
    changes = {name: value for name, value in written.items() if value != getattr(present, name)}
    if not changes:
        form.fault("name", "更正没有改变任何内容 / the correction changes nothing")
    form.refuse()
    change_institution(work(), code, expected_version=expected, changes=changes, reason=reason)
    flash(_("机构信息已更正。"))
    return see(url_for("web.institution", code=code))


@get("/institutions/<code>/agreements/<first_day>/correction", ADMIN)
def new_agreement_correction(code: str, first_day: str) -> str:
    """Show an agreement as it is, to be written as it should be."""
    form = returned()
    institution = read_institution(work(), code)
    row = _agreement(institution, first_day)
    return render_template(
        "office/agreement_correction_new.html",
        section="web.institutions",
        institution=institution,
        row=row,
        last_day=typed_last_day(row.start, row.until),
        form=form,
        errors=form.errors,
        once=form.raw("once") or new_once(),
    )


def _agreement(institution: Institution, first_day: str) -> Span:
    row = next((span for span in institution.agreements if span.start.isoformat() == first_day), None)
    if row is None:
        raise NotFound
    return row


@post("/institutions/<code>/agreements/<first_day>/correction", ADMIN, page="new_agreement_correction")
def draft_agreement_correction(code: str, first_day: str) -> Any:
    """Propose the agreement as it was written, or that it is void; another person decides."""
    row = _agreement(read_institution(work(), code), first_day)
    form = Form()
    reason = form.text("reason", longest=500)
    void = form.raw("void") == "yes"
    days: dict[str, date | None] = {} if void else _days(form, row)
    act = partial(
        registry_corrections.draft_of_agreement,
        work(),
        code,
        agreement=row.start,
        void=void,
        span=days,
        reason=str(reason),
    )
    return proposed("registry", form, act)


def _days(form: Form, row: Span) -> dict[str, date | None]:
    start = form.day("from")
    until = form.last_day("until", start)
    days: dict[str, date | None] = {}
    if start is not None and start != row.start:
        days["from"] = start
    return days if until == row.until else days | {"until": until}
