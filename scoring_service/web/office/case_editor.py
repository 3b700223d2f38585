"""Drafting and editing a case: the form comes back with every fault beside its field, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from scoring_service.problems import Problem, Stale
from scoring_service.services import cases as use_cases
from scoring_service.services.case_reading import read_case, require_case
from scoring_service.services.names import institution_names, practitioner_names
from scoring_service.services.sight import is_id, require_practitioner
from scoring_service.web.catalogue import items_of
from scoring_service.web.forms import errors_of, new_once, version
from scoring_service.web.office.case_form import CaseForm, fields_of
from scoring_service.web.pages import CLERK, attempt, get, post, see, work

UNPROCESSABLE = 422
# A case of the most findings, each with the longest reason, percent-encoded.
EDITOR_LIMIT = 16 * 1024 * 1024


@get("/cases/new", CLERK)
def new_case() -> str:
    """Show an empty case; `?person=` puts a person into the first finding, by code where there is one."""
    fields = MultiDict({"rows": "1"})
    person = request.args.get("person", "")
    if is_id(person):
        found = require_practitioner(work(), person)
        # Without a case that could be closed one day, such a look stays hidden from the person.
        work().look(found["id"], "case")
        fields["findings/0/practitioner"] = found["code"] or person
    return _editor(CaseForm.posted(fields), {}, None)


@post("/cases/new", CLERK, body_limit=EDITOR_LIMIT)
def create_case() -> Any:
    """Save a new draft, or do with the form what the pressed button says."""

    def save(form: CaseForm) -> dict[str, Any]:
        institution, handling, summary, findings = _read(form)
        return use_cases.draft(
            work(), institution=institution, handling=handling, summary=summary, findings=findings
        )

    return _handle(None, save)


@get("/cases/<case_id>/edit", CLERK)
def edit_case(case_id: str) -> str:
    """Show the editor of a draft."""
    case = read_case(work(), case_id)
    if case["state"] != use_cases.DRAFT:
        use_cases.require_state(require_case(work(), case_id), use_cases.DRAFT)
    return _editor(CaseForm.posted(MultiDict(fields_of(case))), {}, case)


@post("/cases/<case_id>/edit", CLERK, body_limit=EDITOR_LIMIT)
def save_case(case_id: str) -> Any:
    """Save a changed draft."""
    expected = version()

    def save(form: CaseForm) -> dict[str, Any]:
        institution, handling, summary, findings = _read(form)
        changed = {name: getattr(handling, name) for name in ("kind", "authority", "document_no", "decided_on")}
        return use_cases.edit(
            work(),
            case_id,
            expected_version=expected,
            institution=institution,
            handling=changed,
            summary=summary,
            findings=findings,
        )

    return _handle(read_case(work(), case_id), save)


@post("/cases/<case_id>/submit", CLERK)
def submit_case(case_id: str) -> Any:
    """Submit a draft to the reviewer; what it still lacks is asked for in the editor."""
    expected = version()
    try:
        with attempt():
            use_cases.submit(work(), case_id, expected_version=expected)
    except Problem as problem:
        if problem.status != UNPROCESSABLE:
            raise
        case = read_case(work(), case_id)
        return _editor(CaseForm.posted(MultiDict(fields_of(case))), errors_of(problem), case), UNPROCESSABLE
    flash(_("已提交审核，等待另一位同事审核。"))
    return see(url_for("web.case", case_id=case_id))


def _handle(case: dict[str, Any] | None, save: Callable[[CaseForm], dict[str, Any]]) -> Any:
    form = CaseForm.posted(request.form)
    pressed, _colon, row = request.form.get("do", "save").partition(":")
    if pressed == "add":
        form.added()
        return _editor(form, {}, case, changed=True)
    if pressed == "remove" and row.isascii() and row.isdigit():
        return _editor(form.removed(int(row)), {}, case, changed=True)
    try:
        with attempt():
            saved = save(form)
    except Stale as stale:
        return _editor(form, {"": stale.detail}, read_case(work(), str((case or {})["id"]))), stale.status
    except Problem as problem:
        if problem.status != UNPROCESSABLE:
            raise
        return _editor(form, errors_of(problem), case, changed=True), UNPROCESSABLE
    flash(_("草稿已保存。"))
    return see(url_for("web.case", case_id=saved["id"]))


def _read(form: CaseForm) -> tuple[Any, Any, Any, Any]:
    institution, handling, summary = form.institution(), form.handling(), form.summary()
    findings = form.findings()
    form.form.refuse()
    return institution, handling, summary, findings


def _editor(
    form: CaseForm, errors: dict[str, str], case: dict[str, Any] | None, *, changed: bool = False
) -> str:
    return render_template(
        "office/case_edit.html",
        section="web.cases",
        form=form,
        errors=errors,
        case=case,
        changed=changed,
        items=_items(form, case),
        names=_names(form, case),
        once=request.form.get("once") or new_once(),
    )


def _items(form: CaseForm, case: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Return the catalogue that holds for the case: its own rulebook, else the default of the day."""
    try:
        day = date.fromisoformat(form.raw("handling/decided_on"))
    except ValueError:
        day = work().today
    return items_of(case["rulebook"]["id"] if case else work().rulebooks.id_for_division(""), day)


def _names(form: CaseForm, case: dict[str, Any] | None) -> dict[str, str]:
    """Return the names of whom and what the codes in the form mean."""
    typed = {form.raw(f"findings/{row}/practitioner") for row in range(form.rows)}
    people = practitioner_names(work(), typed, "case", case["id"] if case else None)
    return people | institution_names(work(), {form.raw("institution")})
