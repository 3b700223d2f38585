"""The way back from a suspension, one page for all who have a part in it: the person, an institution, the office (P39).

Each sees the days that count and the acts that are theirs in the present state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from scoring_service.services.cases.preview import Preview, preview
from scoring_service.services.desks import resumption_desk as desk
from scoring_service.services.proposals import proposal, resumption_decisions
from scoring_service.services.proposals import resumptions as use_cases
from scoring_service.services.proposals.consent import OPEN
from scoring_service.services.proposals.resumption_reading import (
    CONSENTED,
    FILED,
    RESUMPTION,
    ResumptionApplication,
    applications_of_person,
)
from scoring_service.services.registry.names import practitioner_names
from scoring_service.services.unit_of_work.listing import Listing, count
from scoring_service.services.unit_of_work.sight import require_practitioner
from scoring_service.web.clinic.institution import own_code
from scoring_service.web.consents import (
    DONE,
    Act,
    act_on,
    consent_seen,
    of_institution,
    of_office,
    on_paper,
    plain,
    with_reason,
)
from scoring_service.web.frame.forms import Form, new_once, returned
from scoring_service.web.frame.listing import newest_first, soonest_first
from scoring_service.web.frame.lists import asked_list, shown_list
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
from scoring_service.web.frame.questions import ListFace, question_of
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.wording.words import FILED_BY

PARTIES = CLINIC | PRACTITIONER
FILERS = CLERK | PARTIES
READERS = OFFICE | PARTIES

INSTITUTION_ACTS, PAPER_ACTS = of_institution(RESUMPTION), on_paper(RESUMPTION)
OFFICE_ACTS: Mapping[str, Act] = {
    **of_office(RESUMPTION),
    "approve": plain(resumption_decisions.approve),
    "refuse": with_reason(resumption_decisions.refuse),
}
_DONE = {
    **DONE,
    "approve": lazy_gettext("已准予恢复，文书已经发出。"),
    "refuse": lazy_gettext("已决定不予恢复，文书已经发出；可以再次申请。"),
}


LIST = ListFace(
    name="resumptions",
    endpoint="web.resumptions",
    fields=RESUMPTION.fields,
    labels={
        "state": lazy_gettext("状态"),
        "due": lazy_gettext("期限"),
        "mine": lazy_gettext("我登记的"),
        "filed_by": lazy_gettext("谁提出的"),
        "institution": lazy_gettext("涉及机构"),
        "region": lazy_gettext("行政区划"),
        "filed_on": lazy_gettext("提出"),
        "evaluation_due_on": lazy_gettext("评估期限"),
        "resumes_on": lazy_gettext("恢复日"),
    },
    words={"filed_by": FILED_BY},
    views={"mine=true": lazy_gettext("我登记的"), "due=week&sort=due": lazy_gettext("本周到期")},
    own=frozenset({"state"}),
)


@get("/resumptions", OFFICE | CLINIC)
def resumptions() -> Any:
    """List what waits: for the office by days left, for an institution its people who may apply and who have."""
    if form := download_asked():
        listed = _listed(request.args.get("state", ""))
        return list_download(form, "resumptions", asked_list(listed, question_of(LIST)))
    return _own_people() if work().actor.has(*CLINIC) else _by_days_left()


def _listed(state: str) -> Listing[ResumptionApplication]:
    if state == "decided":
        return desk.decided(work())
    return desk.waiting(work(), state if state in OPEN else None)


def _by_days_left() -> str:
    state = request.args.get("state", "")
    shown = shown_list(LIST, _listed(state), question_of(LIST))
    return render_template(
        "office/resumptions.html",
        state=state,
        shown=shown,
        counts=desk.count_waiting(work()),
        names=_names(shown.items),
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


def _names(applications: Sequence[ResumptionApplication]) -> dict[str, str]:
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
    return render_template(
        "resumption.html",
        section=_section(),
        application=application,
        name=_names([application]).get(application.practitioner, "—"),
        asked=consent_seen(RESUMPTION, application),
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
    act_on(acts, resumption_id, act, _DONE)
    return see(url_for("web.resumption", resumption_id=resumption_id))
