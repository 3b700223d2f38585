"""Drafting and editing a case: half a draft is kept, every fault is told at once, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from flask import flash, g, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from scoring_service.core.procedure import CaseState
from scoring_service.core.rulebook import HIGHEST_POINTS, LOWEST_POINTS
from scoring_service.law.rulebooks import DEFAULT_RULEBOOK
from scoring_service.problems import Problem, WrongState
from scoring_service.services.cases import drafting as use_cases
from scoring_service.services.cases.case import Case, Handling, OfficeCase
from scoring_service.services.cases.findings import MOST_FINDINGS, Finding
from scoring_service.services.cases.reading import read_case
from scoring_service.services.desks import kept_forms
from scoring_service.services.registry.names import institution_names, institution_regions, practitioner_names
from scoring_service.services.unit_of_work.sight import require_practitioner
from scoring_service.terms import CASE_STATES
from scoring_service.web.frame.forms import Form, new_once, returned, version
from scoring_service.web.frame.pages import (
    CLERK,
    UNPROCESSABLE,
    address_of,
    get,
    post,
    refused_form,
    see,
    work,
)
from scoring_service.web.office.case_form import HANDLING_FIELDS, INSTITUTION_CODE, CaseForm, Rules, fields_of
from scoring_service.web.office.doubles import doubles_of
from scoring_service.web.office.likeness import likeness_of
from scoring_service.web.office.measure_form import MEASURE_FIELDS
from scoring_service.web.office.pasted_findings import add_paste, told_of
from scoring_service.web.wording.catalogue import adjustments_of, items_of, items_of_all
from scoring_service.written import as_ref, is_id

# A case of the most findings, each with the longest reason, percent-encoded.
EDITOR_LIMIT = 40 * 1024 * 1024
CONFLICT, PRECONDITION_FAILED = 409, 412
# What the registry's question fills in: the institution whose agreement ended, and the measure that this may be.
_PREFILLED = ("institution", *MEASURE_FIELDS)


@get("/cases/new", CLERK)
def new_case() -> str:
    """Show an empty case, or half a draft (`?form=`); `?person=` puts a person into the first finding, by code.

    An institution and a measure may be filled in by the names of their fields.
    """
    form = returned()
    known = {name: request.args[name] for name in _PREFILLED if name in request.args}
    fields = form.fields or MultiDict({"rows": "1"} | known)
    person = request.args.get("person", "")
    if not form.fields and is_id(person):
        practitioner = require_practitioner(work(), person)
        # Without a case that could be closed one day, such a look stays hidden from the person.
        work().look(practitioner.id, "case")
        fields["findings/0/practitioner"] = practitioner.code or person
    return _editor(CaseForm.of(fields, _rules(fields, None), form.errors), None, form)


@post("/cases/new", CLERK, page="new_case", body_limit=EDITOR_LIMIT)
def create_case() -> Any:
    """Save a new draft, or do with the form what the pressed button says."""

    def save(form: CaseForm) -> Case:
        institution, handling, summary, findings = _read(form)
        return use_cases.draft(
            work(), institution=institution, handling=handling, summary=summary, findings=findings
        )

    return _handle(None, save)


@get("/cases/<case_id>/edit", CLERK)
def edit_case(case_id: str) -> str:
    """Show the editor of a draft, or a form that is not saved yet (`?form=`) beside what was saved meanwhile."""
    case = read_case(work(), case_id)
    form = returned()
    if case.state != CaseState.DRAFT and not form.fields:
        raise WrongState("case", case.state, CASE_STATES)
    saved = MultiDict(fields_of(case))
    fields = form.fields or saved
    rules = _rules(fields, case)
    is_stale = bool(form.fields) and form.raw("version") != str(case.version)
    newest = CaseForm.of(saved, rules) if is_stale else None
    if newest and case.state == CaseState.DRAFT:
        g.refusal = None  # The page says it better, with what differs.
    return _editor(CaseForm.of(fields, rules, form.errors), case, form, newest=newest)


@post("/cases/<case_id>/edit", CLERK, page="edit_case", body_limit=EDITOR_LIMIT)
def save_case(case_id: str) -> Any:
    """Save a changed draft."""
    expected = version()

    def save(form: CaseForm) -> Case:
        institution, handling, summary, findings = _read(form)
        changed = {name: getattr(handling, name) for name in HANDLING_FIELDS}
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


@post("/cases/<case_id>/submit", CLERK, page="case")
def submit_case(case_id: str) -> Any:
    """Submit a draft to the reviewer; what it still lacks is asked for in the editor.

    One that the clerk left half edited is gone on with first.
    """
    expected = version()
    half_id = kept_forms.unfinished_at(work(), url_for("web.edit_case", case_id=case_id))
    if half_id is not None:
        flash(_("还没有提交：您没有改完的内容还没有保存到草稿，请先保存，或者放弃修改。"))
        return see(url_for("web.edit_case", case_id=case_id, form=half_id))
    try:
        with work().attempt():
            use_cases.submit(work(), case_id, expected_version=expected)
    except Problem as problem:
        if problem.status != UNPROCESSABLE:
            raise
        case = read_case(work(), case_id)
        fields = list((fields_of(case) | {"version": str(case.version)}).items())
        return see(address_of(refused_form(problem, fields), "web.edit_case"))
    flash(_("已提交审核，等待另一位同事审核。"))
    return see(url_for("web.case", case_id=case_id))


@post("/unfinished/<kept_id>/discard", CLERK, page="today")
def discard_unfinished(kept_id: str) -> Any:
    """Throw half a draft away."""
    kept_forms.finish(work(), kept_id)
    flash(_("未完成的草稿已删除。"))
    return see(url_for("web.today"))


def _handle(case: Case | None, save: Callable[[CaseForm], Case]) -> Any:
    form = CaseForm.of(request.form, _rules(request.form, case))
    pressed, _colon, row = request.form.get("do", "save").partition(":")
    if pressed in _ON_THE_FORM:
        return _ON_THE_FORM[pressed](case, form, int(row) if row.isascii() and row.isdigit() else 0)
    try:
        with work().attempt(), form.form.faults_joined():
            saved = save(form)
    except Problem as problem:
        if problem.status not in {CONFLICT, PRECONDITION_FAILED, UNPROCESSABLE}:
            raise
        return _kept(case, form, problem)
    kept_forms.finish(work(), request.form.get("unfinished", ""))
    flash(_("草稿已保存。"))
    return see(url_for("web.case", case_id=saved.id))


def _add(case: Case | None, form: CaseForm, _row: int) -> Any:
    form.added()
    return _shown_again(case, form, form.rows - 1)


def _remove(case: Case | None, form: CaseForm, row: int) -> Any:
    fewer = form.removed({row})
    return _shown_again(case, fewer, min(row, fewer.rows - 1))


def _remove_marked(case: Case | None, form: CaseForm, _row: int) -> Any:
    marked = form.marked()
    if not marked:
        return _shown_again(case, form, form.rows - 1, _("没有选中的认定。"))
    fewer = form.removed(marked)
    removed = ngettext("已删除 %(num)s 项认定。", "已删除 %(num)s 项认定。", len(marked))
    return _shown_again(case, fewer, min(marked[0], fewer.rows - 1), removed)


def _copy(case: Case | None, form: CaseForm, row: int) -> Any:
    count = len(form.copied(row))
    return _shown_again(case, form, row, ngettext("已复制到 %(num)s 项认定。", "已复制到 %(num)s 项认定。", count))


def _paste(case: Case | None, form: CaseForm, _row: int) -> Any:
    added = add_paste(form)
    if added is None:
        return _shown_again(case, form, None)
    return _shown_again(case, form, added.first, told_of(added.paste))


_ON_THE_FORM: dict[str, Callable[[Case | None, CaseForm, int], Any]] = {
    "add": _add,
    "remove": _remove,
    "remove_marked": _remove_marked,
    "copy": _copy,
    "paste": _paste,
}


def _shown_again(case: Case | None, form: CaseForm, row: int | None, done: str = "") -> Any:
    """Lead back to the form, at a finding, and say above it what was `done`; without one at the field of the paste.

    Half a draft stays one, and what was noted stands beside its fields.
    """
    unfinished = kept_forms.finish(work(), request.form.get("unfinished", ""))
    fields = [*form.sent(), *([("done", done), ("done_at", str(row))] if done else [])]
    kept = kept_forms.KeptForm(fields=fields, errors=form.form.errors_so_far(), unfinished=unfinished)
    anchor = "paste" if row is None else "done" if done else f"findings-{row}-practitioner"
    return see(address_of(kept, _page(case), _anchor=anchor))


def _kept(case: Case | None, form: CaseForm, problem: Problem) -> Any:
    """Keep a form that cannot be saved as half a draft, in the place of the one that it goes on from."""
    kept_forms.finish(work(), request.form.get("unfinished", ""))
    return see(address_of(replace(refused_form(problem, form.sent()), unfinished=True), _page(case)))


def _page(case: Case | None) -> str:
    return "web.edit_case" if case else "web.new_case"


def _read(form: CaseForm) -> tuple[str, Handling, str, list[Finding]]:
    return form.institution() or "", form.handling(), form.summary() or "", form.findings()


def _editor(
    form: CaseForm, case: Case | None, came_back: Form, *, newest: CaseForm | None = None
) -> str:
    form.offer()
    return render_template(
        "office/case_edit.html",
        section="web.cases",
        form=form,
        errors=form.form.errors,
        case=case,
        newest=newest,
        most=MOST_FINDINGS,
        lowest_points=LOWEST_POINTS,
        highest_points=HIGHEST_POINTS,
        flagged=_flagged(case),
        doubles=doubles_of(form, case),
        **likeness_of(form, case)._asdict(),
        changed=bool(came_back.fields),
        unfinished=came_back.unfinished,
        names=_names(form, case) | (_names(newest, case) if newest else {}),
        kept_id=request.args.get("form", ""),
        once=form.raw("once") or new_once(),
    )


def _rules(fields: MultiDict[str, str], case: Case | None) -> Rules:
    """Return what the rulebook that the form is judged by lets it choose from; all items before it is known."""
    rulebook_id, day = _rulebook_of(fields, case)
    items = items_of(rulebook_id, day) if rulebook_id else items_of_all(day)
    return Rules(items, adjustments_of(rulebook_id or DEFAULT_RULEBOOK, day))


def _rulebook_of(fields: MultiDict[str, str], case: Case | None) -> tuple[str | None, date]:
    """Return the rulebook of the institution typed, or of the stored case, and the day of the decision."""
    try:
        day = date.fromisoformat(fields.get("handling/decided_on", ""))
    except ValueError:
        day = work().today
    typed = as_ref(fields.get("institution", ""))
    regions = institution_regions(work(), {typed} if INSTITUTION_CODE.fullmatch(typed) else ())
    if typed in regions:
        return work().rulebooks.id_for_division(regions[typed]), day
    return case.rulebook.id if case else None, day


def _flagged(case: Case | None) -> set[int]:
    """Return the places of the stored findings that need a reason."""
    findings = case.findings if isinstance(case, OfficeCase) else ()
    return {row for row, finding in enumerate(findings) if finding.flags}


def _names(form: CaseForm, case: Case | None) -> dict[str, str]:
    """Return the names of whom and what the codes in the form mean."""
    typed = {form.raw(f"findings/{row}/practitioner") for row in range(form.rows)}
    people = practitioner_names(work(), typed, "case", case.id if case else None)
    return people | institution_names(work(), {form.raw("institution")})
