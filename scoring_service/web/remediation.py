"""Remediation, for the person, their institutions and a clerk: file an application, show it, attach its evidence.

The office decides on it at its own desk.
"""

from __future__ import annotations

from typing import Any

from flask import Response, flash, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from scoring_service.downloads import as_download
from scoring_service.services.desks import consent_desk
from scoring_service.services.proposals import proposal, remediation, remediation_reading
from scoring_service.services.proposals.consent import FILED
from scoring_service.services.proposals.outlook import outlook_of
from scoring_service.services.proposals.remediation_reading import APPLICATION
from scoring_service.services.registry.names import practitioner_names
from scoring_service.services.unit_of_work.sight import require_practitioner
from scoring_service.web.clinic.institution import own_code
from scoring_service.web.consents import act_on, consent_seen, of_institution
from scoring_service.web.frame.forms import Form, new_once, returned, version
from scoring_service.web.frame.lists import asked_list, shown_list
from scoring_service.web.frame.pages import (
    CLERK,
    CLINIC,
    OFFICE,
    PRACTITIONER,
    UPLOAD_LIMIT,
    get,
    post,
    see,
    work,
)
from scoring_service.web.frame.questions import ListFace, question_of
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.frame.uploads import about_the_file, sent_file
from scoring_service.web.wording.words import DECISION_STATE, EFFECT, FILED_BY

PARTIES = CLINIC | PRACTITIONER
FILERS = CLERK | PARTIES
INSTITUTION_ACTS = of_institution(APPLICATION)


LIST = ListFace(
    name="applications",
    endpoint="web.applications",
    fields=APPLICATION.fields,
    labels={
        "state": lazy_gettext("状态"),
        "effect": lazy_gettext("希望"),
        "due": lazy_gettext("答复期限"),
        "mine": lazy_gettext("我登记的"),
        "filed_by": lazy_gettext("谁提出的"),
        "institution": lazy_gettext("涉及机构"),
        "region": lazy_gettext("行政区划"),
        "completed_on": lazy_gettext("完成日"),
        "filed_at": lazy_gettext("提出"),
    },
    words={"state": DECISION_STATE, "effect": EFFECT, "filed_by": FILED_BY},
    views={"mine=true": lazy_gettext("我登记的"), "due=week&sort=due": lazy_gettext("本周到期")},
)


@get("/remediation", OFFICE | PARTIES)
def applications() -> Any:
    """List the applications that one may know of, the newest first; those that wait for one's institution above."""
    every_application, question = proposal.listing(work(), APPLICATION), question_of(LIST)
    if form := download_asked():
        return list_download(form, "applications", asked_list(every_application, question))
    shown = shown_list(LIST, every_application, question)
    own = own_code() if work().actor.has(*CLINIC) else None
    to_answer = consent_desk.to_answer(work(), APPLICATION, own) if own else []
    return render_template(
        "applications.html",
        shown=shown,
        to_answer=to_answer,
        today=work().today,
        rulebook_id=remediation_reading.rulebook_at_home(work()).id,
        names=practitioner_names(work(), {each.practitioner for each in (*shown.items, *to_answer)}, APPLICATION.name),
    )


@get("/remediation/<application_id>", PARTIES)
def application(application_id: str) -> str:
    """Show an application, its state and its evidence."""
    form = returned()
    shown = remediation_reading.read_application(work(), application_id)
    person = shown.practitioner
    return render_template(
        "application.html",
        section="web.applications",
        application=shown,
        rulebook_id=remediation_reading.rulebook_at_home(work()).id,
        name=practitioner_names(work(), [person], APPLICATION.name).get(person, "—"),
        asked=consent_seen(APPLICATION, shown),
        today=work().today,
        errors=form.errors,
        form=form,
    )


@post("/remediation/<application_id>/institution/<act>", CLINIC, page="application")
def answer_application(application_id: str, act: str) -> Any:
    """Consent as an institution of the person's, or refuse to."""
    act_on(INSTITUTION_ACTS, application_id, act)
    return see(url_for("web.application", application_id=application_id))


@get("/people/<ref>/remediation", FILERS)
def new_application(ref: str) -> str:
    """Show the form, and what each activity would give now."""
    form = returned()
    person = require_practitioner(work(), ref)
    return render_template(
        "application_new.html",
        section="web.find_people" if work().actor.is_office else "web.applications",
        person=person,
        outlook=outlook_of(work(), person.id),
        today=work().today,
        errors=form.errors,
        form=form,
        once=form.raw("once") or new_once(),
    )


@post("/people/<ref>/remediation", FILERS, page="new_application")
def file_application(ref: str) -> Any:
    """File an application; a clerk records one on paper."""
    form = Form()
    values: dict[str, Any] = {
        "activity": form.text("activity", longest=100),
        "effect": form.choice("effect", ("points", "term")),
        "completed_on": form.day("completed_on"),
        "evidence": form.text("evidence"),
    }
    form.refuse()
    made = remediation.file_application(work(), practitioner=ref, **values)
    if work().actor.is_office:
        flash(_("已登记，等待机构同意。") if made.state == FILED else _("已登记，等待另一位同事决定。"))
        return see(url_for("web.decision", kind="remediation", matter_id=made.id))
    flash(_("申请已提出。有证书或照片的，请在下面上传。"))
    return see(url_for("web.application", application_id=made.id))


@post("/remediation/<application_id>/attachments", PARTIES, page="application", body_limit=UPLOAD_LIMIT)
def attach_to_application(application_id: str) -> Any:
    """Attach a certificate or a photograph to an application that is not decided."""
    expected = version()
    with about_the_file():
        remediation.attach(work(), application_id, expected_version=expected, **sent_file())
    flash(_("附件已上传。"))
    return see(url_for("web.application", application_id=application_id))


@get("/remediation/<application_id>/attachments/<n>", OFFICE | PARTIES)
def application_attachment(application_id: str, n: str) -> Response:
    """Send an attachment as a download."""
    return as_download(remediation_reading.attachment(work(), application_id, n))
