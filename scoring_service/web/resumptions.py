"""The way back from a suspension, one page for all who have a part in it: the person, an institution, the office (P39).

Each sees the days that count and the acts that are theirs in the present state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from scoring_service.problems import NotFound
from scoring_service.services.cases.preview import Preview, preview
from scoring_service.services.desks import resumption_desk as desk
from scoring_service.services.proposals import proposal, resumption_decisions
from scoring_service.services.proposals import resumptions as use_cases
from scoring_service.services.proposals.resumption_reading import (
    CONSENTED,
    FILED,
    OPEN,
    RESUMPTION,
    ResumptionApplication,
    applications_of_person,
)
from scoring_service.services.registry.names import institution_names, practitioner_names
from scoring_service.services.unit_of_work.listing import count
from scoring_service.services.unit_of_work.sight import require_practitioner
from scoring_service.web.clinic.institution import own_code
from scoring_service.web.frame.forms import Form, new_once, returned, version
from scoring_service.web.frame.listing import newest_first, soonest_first
from scoring_service.web.frame.pages import (
    CLERK,
    CLINIC,
    OFFICE,
    PRACTITIONER,
    REVIEWER,
    get,
    post,
    see,
    work,
)

PARTIES = CLINIC | PRACTITIONER
FILERS = CLERK | PARTIES
READERS = OFFICE | PARTIES
LONGEST_PROOF = 1000

# An act: what it reads from the form, and does with the application of that version.
Act = Callable[[Form, str, int | None], object]


def _plain(use_case: Any) -> Act:
    return lambda _form, resumption_id, expected: use_case(work(), resumption_id, expected_version=expected)


def _with_reason(use_case: Any) -> Act:
    def act(form: Form, resumption_id: str, expected: int | None) -> object:
        reason = form.text("reason")
        form.refuse()
        return use_case(work(), resumption_id, reason=reason, expected_version=expected)

    return act


def _consent_on_paper(form: Form, resumption_id: str, expected: int | None) -> object:
    answer = _paper(form)
    form.refuse()
    return use_cases.consent(work(), resumption_id, **answer, expected_version=expected)


def _refuse_consent_on_paper(form: Form, resumption_id: str, expected: int | None) -> object:
    answer = _paper(form) | {"reason": form.text("reason")}
    form.refuse()
    return use_cases.refuse_consent(work(), resumption_id, **answer, expected_version=expected)


def _paper(form: Form) -> dict[str, Any]:
    return {
        "institution": form.ref("institution", required=False, longest=12),
        "proof": form.text("proof", required=False, longest=LONGEST_PROOF),
    }


INSTITUTION_ACTS: Mapping[str, Act] = {
    "consent": _plain(use_cases.consent),
    "refuse-consent": _with_reason(use_cases.refuse_consent),
}
PAPER_ACTS: Mapping[str, Act] = {"consent": _consent_on_paper, "refuse-consent": _refuse_consent_on_paper}
OFFICE_ACTS: Mapping[str, Act] = {
    "proceed": _with_reason(use_cases.proceed),
    "approve": _plain(resumption_decisions.approve),
    "refuse": _with_reason(resumption_decisions.refuse),
}
_DONE = {
    "consent": lazy_gettext("已登记同意，医保部门的评估期从次日起算。"),
    "refuse-consent": lazy_gettext("已登记不同意；是否继续由医保部门决定。"),
    "proceed": lazy_gettext("已决定继续办理，评估期从次日起算。"),
    "approve": lazy_gettext("已准予恢复，文书已经发出。"),
    "refuse": lazy_gettext("已决定不予恢复，文书已经发出；可以再次申请。"),
}


@get("/resumptions", OFFICE | CLINIC)
def resumptions() -> str:
    """List what waits: for the office by days left, for an institution its people who may apply and who have."""
    return _own_people() if work().actor.has(*CLINIC) else _by_days_left()


def _by_days_left() -> str:
    state = request.args.get("state", "")
    if state == "decided":
        applications, further = newest_first(desk.decided(work()))
    else:
        applications, further = soonest_first(desk.waiting(work(), state if state in OPEN else None))
    return render_template(
        "office/resumptions.html",
        state=state,
        applications=applications,
        further=further,
        counts=desk.count_waiting(work()),
        names=_names(applications),
        today=work().today,
    )


def _own_people() -> str:
    """Show a page of those who wait, below the first the newest decisions; or all of these (`?state=decided`)."""
    is_decided, is_first = request.args.get("state") == "decided", "after" not in request.args
    listing = desk.people_on_the_way(work(), own_code())
    people, further = ([], None) if is_decided else soonest_first(listing)
    applications, earlier = newest_first(desk.decided(work())) if is_decided or is_first else ([], None)
    return render_template(
        "clinic/resumptions.html",
        is_decided=is_decided,
        is_whole=is_first and further is None,
        count=count(work(), listing),
        people=desk.ways_back(work(), people),
        further=further,
        decided=applications,
        earlier=earlier,
        names=_names(applications),
        today=work().today,
    )


def _names(applications: list[ResumptionApplication]) -> dict[str, str]:
    return practitioner_names(work(), {each.practitioner for each in applications}, RESUMPTION.name)


@get("/people/<ref>/resumption", FILERS)
def new_resumption(ref: str) -> str:
    """Show from when a person may apply, by when it is in time, and the form or the application that waits."""
    form = returned()
    person = require_practitioner(work(), ref)
    work().look(person.id, RESUMPTION.name)
    return render_template(
        "resumption_new.html",
        section=_section(),
        person=person,
        way=desk.way_back_of(work(), person.id),
        applications=applications_of_person(work(), person.id),
        today=work().today,
        errors=form.errors,
        form=form,
        once=form.raw("once") or new_once(),
    )


def _section() -> str:
    return "web.my_file" if work().actor.has(*PRACTITIONER) else "web.resumptions"


@post("/people/<ref>/resumption", FILERS, page="new_resumption")
def file_resumption(ref: str) -> Any:
    """File an application; an institution consents by it, a clerk records one on paper."""
    form = Form()
    statement = form.text("statement")
    form.refuse()
    filed = use_cases.file_resumption(work(), practitioner=ref, statement=str(statement))
    flash(_("恢复申请已提出，等待机构同意。") if filed.state == FILED else _("恢复申请已提出，医保部门开始评估。"))
    return see(url_for("web.resumption", resumption_id=filed.id))


@get("/resumptions/<resumption_id>", READERS)
def resumption(resumption_id: str) -> str:
    """Show an application, how far it has come and what one may do with it; to a reviewer what granting it will do."""
    form = returned()
    application = proposal.read(work(), RESUMPTION, resumption_id)
    seen = _effect_of_approval(application) if _is_evaluated_by_actor(application) else None
    able = use_cases.consenting_institutions(work(), application.practitioner)
    places = {own_code(), application.filed_institution, application.consent and application.consent.institution, *able}
    return render_template(
        "resumption.html",
        section=_section(),
        application=application,
        name=_names([application]).get(application.practitioner, "—"),
        places=institution_names(work(), [code for code in places if code]),
        able=able,
        may_consent=application.state == FILED and own_code() in able,
        may_go_on=_may_go_on(application, able, work().today),
        window=desk.way_back_of(work(), application.practitioner).window,
        preview=seen,
        today=work().today,
        errors=form.errors,
        form=form,
    )


def _is_evaluated_by_actor(application: ResumptionApplication) -> bool:
    return application.state == CONSENTED and work().actor.has(*REVIEWER)


def _effect_of_approval(application: ResumptionApplication) -> Preview:
    approve = partial(resumption_decisions.approve, work(), application.id)
    return preview(work(), [application.practitioner], approve)


def _may_go_on(application: ResumptionApplication, able: list[str], today: date) -> bool:
    """Tell whether the office may go on without consent: it was refused, is overdue, or nobody can give it."""
    if application.state != FILED:
        return False
    due_on = None if application.consent_provisional else application.consent_due_on
    return application.consent is not None or not able or (due_on is not None and due_on < today)


@post("/resumptions/<resumption_id>/institution/<act>", CLINIC, page="resumption")
def answer_as_institution(resumption_id: str, act: str) -> Any:
    """Consent as an institution of the person's, or refuse to."""
    return _acted(INSTITUTION_ACTS, resumption_id, act)


@post("/resumptions/<resumption_id>/paper/<act>", CLERK, page="resumption")
def record_answer(resumption_id: str, act: str) -> Any:
    """Record what an institution has answered on paper."""
    return _acted(PAPER_ACTS, resumption_id, act)


@post("/resumptions/<resumption_id>/desk/<act>", REVIEWER, page="resumption")
def decide_on_resumption(resumption_id: str, act: str) -> Any:
    """Go on without consent, grant, or refuse."""
    return _acted(OFFICE_ACTS, resumption_id, act)


def _acted(acts: Mapping[str, Act], resumption_id: str, act: str) -> Any:
    if act not in acts:
        raise NotFound
    expected = version()
    acts[act](Form(), resumption_id, expected)
    flash(_DONE[act])
    return see(url_for("web.resumption", resumption_id=resumption_id))
