"""Receipts of many letters: ticked in a list, one form for all, what each day sets off, then all recorded or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request
from flask_babel import ngettext

from scoring_service.core.procedure import Duty
from scoring_service.problems import Conflict, Faulty
from scoring_service.services.desks.kept_forms import KeptForm
from scoring_service.services.notices.issuing import read_notices
from scoring_service.services.notices.many_receipts import AskedReceipt, acknowledge_each, preview_receipts
from scoring_service.services.notices.records import INSTITUTION
from scoring_service.services.registry.names import institution_names, practitioner_names
from scoring_service.services.unit_of_work.many import check_ticked
from scoring_service.web.frame.forms import Form, returned
from scoring_service.web.frame.many import at_rows, version_seen
from scoring_service.web.frame.pages import (
    CLERK,
    CLINIC,
    PRACTITIONER,
    address_of,
    ask,
    errors_of,
    get,
    post,
    see,
    work,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scoring_service.services.notices.records import NoticeOnRecord

RECORDERS = CLERK | CLINIC | PRACTITIONER
PREVIEW, DONE = "preview", "done"
LONGEST_PROOF = 500


@post("/letters/receipts/choose", RECORDERS, page="letters")
def choose_receipts() -> Any:
    """Lead to the form of the ticked letters."""
    check_ticked("notice", request.form.getlist("notice"))
    return ask("many_receipts")


@get("/letters/receipts", RECORDERS)
def many_receipts() -> str:
    """Show the form, what recording would come to, or what was recorded."""
    form = returned()
    step, errors, rows = form.raw("step"), form.errors, form.fields.getlist("row") or form.fields.getlist("notice")
    shown: tuple[NoticeOnRecord, ...] = ()
    if step == PREVIEW and not errors:
        receipts = _receipts(form)
        preview = preview_receipts(work(), receipts)
        shown = preview.notices
        if preview.refusal is not None:
            errors = errors_of(at_rows(preview.refusal, [each.notice for each in receipts], "notice"))
    read = read_notices(work(), rows)
    return render_template(
        "many_receipts.html",
        section="web.letters",
        step=step if shown or step == DONE else "edit",
        letters=shown or read,
        ticked=form.fields.getlist("notice"),
        paper=work().actor.has("office.clerk"),
        today=work().today,
        duties=list(Duty),
        errors=errors,
        form=form,
        **_names(read),
    )


def _names(letters: Sequence[NoticeOnRecord]) -> dict[str, dict[str, str]]:
    people = {letter.practitioner_id for letter in letters}
    places = {letter.addressee.ref for letter in letters if letter.addressee.kind == INSTITUTION}
    return {
        "people": practitioner_names(work(), people, "notices"),
        "places": institution_names(work(), places),
    }


@post("/letters/receipts/preview", RECORDERS, page="many_receipts")
def preview_many_receipts() -> Any:
    """Lead to what recording would come to, or back to the form."""
    form = Form()
    if form.raw("step") == PREVIEW:
        check_ticked("notice", form.fields.getlist("notice"))
        _receipts(form)
        form.refuse()
    return ask("many_receipts")


@post("/letters/receipts", RECORDERS, page="many_receipts")
def record_many_receipts() -> Any:
    """Record what was previewed: all of it, or nothing."""
    form = Form()
    receipts = _receipts(form)
    form.refuse()
    try:
        acknowledge_each(work(), receipts)
    except (Conflict, Faulty) as problem:
        raise at_rows(problem, [each.notice for each in receipts], "notice") from problem
    flash(ngettext("已登记 %(num)s 份送达。", "已登记 %(num)s 份送达。", len(receipts)))
    done = [("step", DONE), *(("notice", each.notice) for each in receipts)]
    return see(address_of(KeptForm(fields=done), "web.many_receipts"))


def _receipts(form: Form) -> list[AskedReceipt]:
    """Return the receipts of the form: a letter's own day and proof, else those for all."""
    ids = form.fields.getlist("notice")
    if not work().actor.has("office.clerk"):
        return [AskedReceipt(notice=each, version=version_seen(form.fields, f"version/{each}")) for each in ids]
    day: date | None = form.day("received_on", required=False)
    proof = form.text("proof", required=False, longest=LONGEST_PROOF)
    receipts = [
        AskedReceipt(
            notice=each,
            version=version_seen(form.fields, f"version/{each}"),
            received_on=form.day(f"received_on/{each}", required=False) or day,
            proof=form.text(f"proof/{each}", required=False, longest=LONGEST_PROOF) or proof,
        )
        for each in ids
    ]
    for name in ("received_on", "proof"):
        if any(getattr(each, name) is None for each in receipts) and not form.raw(name):
            form.fault(name, "请填写，或在各份中分别填写 / fill this in, or each of them below")
    return receipts
