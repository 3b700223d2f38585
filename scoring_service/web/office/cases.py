"""Cases: the list, a case, and what is decided on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Response, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from scoring_service.core.procedure import CaseState
from scoring_service.downloads import as_download
from scoring_service.problems import Fault, Faulty
from scoring_service.services.cases import drafting as use_cases
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.case import Case
from scoring_service.services.cases.case_fields import CASE_FIELDS
from scoring_service.services.cases.outcomes import Outcome, outcomes_of
from scoring_service.services.cases.preview import (
    Effect,
    effects_of,
    people_of_case,
    preview_approval,
)
from scoring_service.services.cases.reading import listing, read_case, require_case
from scoring_service.services.desks import kept_forms
from scoring_service.services.registry.names import institution_names
from scoring_service.services.standing.reading import present_standing
from scoring_service.web.frame.forms import Form, returned, version
from scoring_service.web.frame.lists import asked_list, shown_list
from scoring_service.web.frame.pages import (
    ADMIN,
    CLERK,
    CLINIC,
    OFFICE,
    PRACTITIONER,
    REVIEWER,
    UPLOAD_LIMIT,
    get,
    post,
    see,
    work,
)
from scoring_service.web.frame.questions import ListFace, question_of
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.frame.uploads import about_the_file, sent_file
from scoring_service.web.wording.words import CASE_STATE, CATEGORY, DEGREE, HANDLING
from scoring_service.written import is_id

# The tab of the cases whose letters are still to be issued.
DUE = "due"


CASES = ListFace(
    name="cases",
    endpoint="web.cases",
    fields=CASE_FIELDS,
    labels={
        "state": lazy_gettext("状态"),
        "institution": lazy_gettext("涉案机构"),
        "region": lazy_gettext("行政区划"),
        "handling.kind": lazy_gettext("处理方式"),
        "item": lazy_gettext("违规事项"),
        "degree": lazy_gettext("责任程度"),
        "category": lazy_gettext("人员类别"),
        "due": lazy_gettext("出具期限"),
        "mine": lazy_gettext("由我经办的"),
        "handling.decided_on": lazy_gettext("处理决定日"),
        "notice_due_on": lazy_gettext("文书出具期限"),
        "changed_at": lazy_gettext("最近改动"),
        "handling.document_no": lazy_gettext("处理决定文号"),
        "institution_name": lazy_gettext("机构名称"),
    },
    words={"state": CASE_STATE, "handling.kind": HANDLING, "degree": DEGREE, "category": CATEGORY},
    views={"mine=true": lazy_gettext("我的案件"), "due=week&sort=due": lazy_gettext("本周到期")},
    own=frozenset({"state"}),
)


@get("/cases", OFFICE)
def cases() -> Any:
    """List the cases, at first those in the state that waits for this role, the newest first.

    With `?state=due` the open ones, the soonest due first.
    """
    state = request.args.get("state", "" if request.args else _first_state())
    state = state if state in {"", DUE, *CaseState} else _first_state()
    listed = listing(work(), **_of_tab(state))
    question = question_of(CASES)
    if form := download_asked():
        return list_download(form, "cases", asked_list(listed, question))
    shown = shown_list(CASES, listed, question)
    errors = returned().errors
    return render_template("office/cases.html", state=state, shown=shown, today=work().today, errors=errors)


def _of_tab(state: str) -> dict[str, Any]:
    if state == DUE:
        return {"notice_due_before": date.max}
    return {"state": state or None}


def _first_state() -> str:
    """Return what waits for this role."""
    return CaseState.DRAFT if work().actor.has("office.clerk") else CaseState.SUBMITTED


@get("/cases/<case_id>", OFFICE | CLINIC | PRACTITIONER)
def case(case_id: str) -> str:
    """Show a case; to who may decide on it, what the approval will do."""
    form = returned()
    day = _day_of(request.args.get("effective_on") or form.raw("effective_on"))
    case = require_case(work(), case_id)
    waits = case.state == CaseState.SUBMITTED and _may_decide(day)
    seen = preview_approval(work(), case_id, effective_on=day) if waits else None
    shown = read_case(work(), case_id)
    outcomes = outcomes_of(work(), shown)
    return render_template(
        "office/case.html",
        section="web.cases",
        case=shown,
        preview=seen,
        half_id=_half_edited(shown),
        outcomes=outcomes,
        places=_addressed(outcomes),
        effective_on=day,
        today=work().today,
        errors=form.errors,
        form=form,
    )


def _half_edited(case: Case) -> str | None:
    """Return the id of the form in which the actor left a draft half edited."""
    if case.state != CaseState.DRAFT:
        return None
    return kept_forms.unfinished_at(work(), url_for("web.edit_case", case_id=case.id))


def _addressed(outcomes: Iterable[Outcome]) -> dict[str, str]:
    """Return the names of the institutions that letters are addressed to."""
    letters = (letter for outcome in outcomes for letter in outcome.letters)
    return institution_names(work(), {letter.institution_code for letter in letters if letter.institution_code})


def _may_decide(day: date | None) -> bool:
    return work().actor.has("office.reviewer") or (work().actor.has("office.admin") and day is not None)


def _day_of(typed: str) -> date | None:
    """Return the day of a backfill that an administrator asks to see."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


@post("/cases/<case_id>/withdraw", CLERK, page="case")
def withdraw_case(case_id: str) -> Any:
    """Withdraw a case before its approval."""
    return _with_reason(case_id, use_cases.withdraw, _("案件已撤回。"))


@post("/cases/<case_id>/return", REVIEWER, page="case")
def return_case(case_id: str) -> Any:
    """Give a case back to its drafter."""
    return _with_reason(case_id, use_cases.give_back, _("已退回经办人，并附上您的理由。"))


def _with_reason(case_id: str, act: Any, done: str) -> Any:
    expected = version()
    form = Form()
    reason = form.text("reason")
    form.refuse()
    act(work(), case_id, reason=reason, expected_version=expected)
    flash(done)
    return see(url_for("web.case", case_id=case_id))


@post("/cases/<case_id>/approve", REVIEWER | ADMIN, page="case")
def approve_case(case_id: str) -> Any:
    """Approve a case as it was seen; a termination only with the person's name typed."""
    expected = version()
    day = _day_of(request.form.get("effective_on", ""))
    people = people_of_case(work(), case_id) if is_id(case_id) else []
    before = present_standing(work(), people)
    confirmed = request.form.get("confirm_duplicates") == "1"
    approve(work(), case_id, effective_on=day, confirm_duplicates=confirmed, expected_version=expected)
    _check_names(effects_of(work(), people, before))
    flash(_("已审核通过，记分、暂停或终止均已生效，文书已经发出。"))
    return see(url_for("web.case", case_id=case_id))


def _check_names(effects: tuple[Effect, ...]) -> None:
    """Refuse a termination whose person's name was not typed. Raises Faulty."""
    faults = [
        Fault(
            f"/confirm/{effect.practitioner_id}",
            "终止资格须原样输入姓名以确认 / type the name exactly to confirm the termination",
        )
        for effect in effects
        if effect.terminates and request.form.get(f"confirm/{effect.practitioner_id}", "").strip() != effect.name
    ]
    if faults:
        raise Faulty(faults)


@post("/cases/<case_id>/attachments", CLERK, page="case", body_limit=UPLOAD_LIMIT)
def attach_to_case(case_id: str) -> Any:
    """Attach a file to a case."""
    expected = version()
    with about_the_file():
        use_cases.attach(work(), case_id, expected_version=expected, **sent_file())
    flash(_("附件已上传。"))
    return see(url_for("web.case", case_id=case_id))


@get("/cases/<case_id>/attachments/<n>", OFFICE)
def case_attachment(case_id: str, n: str) -> Response:
    """Send an attachment as a download."""
    return as_download(use_cases.attachment(work(), case_id, n))
