"""The registry: institutions with their people, and the administrator's forms for both."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from scoring_service.core.standing import Span
from scoring_service.services.desks.registry_desk import read_registry_file
from scoring_service.services.proposals.registry_corrections import corrections_of_agreements
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.agreements import agreements_recorded
from scoring_service.services.registry.institution_people import ratio_of
from scoring_service.services.registry.institutions import (
    MeasureQuestion,
    changes_of,
    listing,
    put_agreement,
    read_institution,
    register_institution,
)
from scoring_service.services.registry.list_fields import INSTITUTION_FIELDS
from scoring_service.services.registry.names import institution_names
from scoring_service.services.registry.person_codes import add_code
from scoring_service.services.registry.persons import add_commitment, change_practitioner
from scoring_service.services.registry.practitioners import (
    list_practitioners,
    read_practitioner,
    register_practitioner,
)
from scoring_service.services.registry.registrations import deregister, put_affiliation
from scoring_service.web.frame.forms import Form, new_once, returned, version
from scoring_service.web.frame.lists import asked_list, shown_list
from scoring_service.web.frame.pages import ADMIN, OFFICE, REGULATOR, get, post, see, work
from scoring_service.web.frame.questions import ListFace, question_of
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.wording.words import CATEGORY, INSTITUTION_KIND, PRACTICE_FIELD
from scoring_service.written import LONGEST_NAME, LONGEST_PRACTICE, is_id

if TYPE_CHECKING:
    from scoring_service.services.registry.records import Institution

PAGE_LENGTH = 25


INSTITUTIONS = ListFace(
    name="institutions",
    endpoint="web.institutions",
    fields=INSTITUTION_FIELDS,
    labels={
        "kind": lazy_gettext("类型"),
        "region": lazy_gettext("行政区划"),
        "recorded_at": lazy_gettext("登记日期"),
        "name": lazy_gettext("名称"),
        "code": lazy_gettext("代码"),
    },
    words={"kind": INSTITUTION_KIND},
    own=frozenset({"named"}),
)


@get("/institutions", OFFICE | REGULATOR)
def institutions() -> Any:
    """List the institutions, or those whose name or code fits `?named=`."""
    named = request.args.get("named", "").strip()
    listed, question = listing(work(), named=named or None), question_of(INSTITUTIONS)
    if form := download_asked():
        return list_download(form, "institutions", asked_list(listed, question))
    shown = shown_list(INSTITUTIONS, listed, question)
    return render_template("office/institutions.html", shown=shown, named=named)


@get("/institutions/<code>", OFFICE | REGULATOR)
def institution(code: str) -> Any:
    """Show an institution: agreements, the ratio, its people."""
    form = returned()
    shown = read_institution(work(), code)
    listed = partial(list_practitioners, work(), institution=code)
    if kind := download_asked():
        return list_download(kind, "practitioners", listed)
    after = request.args.get("after") or None
    people, further = listed(limit=PAGE_LENGTH, after=after if after and is_id(after) else None)
    return render_template(
        "office/institution.html",
        section="web.institutions",
        institution=shown,
        ratio=ratio_of(work(), code, shown.region),
        people=people,
        further=further,
        question=_question(shown),
        changes=changes_of(work(), code),
        agreements=agreements_recorded(work(), code),
        corrections=corrections_of_agreements(work(), code) if work().actor.is_office else [],
        asked_now="ended" in request.args,
        errors=form.errors,
        form=form,
        once=form.raw("once") or new_once(),
    )


def _question(institution: Institution) -> MeasureQuestion | None:
    """Return what is asked while the last agreement has an end: whether people are responsible, and follow it."""
    last = max(institution.agreements, key=lambda span: span.start, default=None)
    if last is None or last.until is None:
        return None
    return MeasureQuestion(institution=institution.code, start=last.until)


@post("/institutions/<code>/agreements", ADMIN, page="institution")
def add_agreement(code: str) -> Any:
    """Add an agreement, or end the open one."""
    form = Form()
    from_on = form.day("from", required=False)
    until_on = form.last_day("until", from_on)
    form.refuse()
    question = put_agreement(work(), code, from_on=from_on, until_on=until_on).measure_question
    flash(_("协议已登记。"))
    return see(url_for("web.institution", code=code, ended=question and question.start))


@get("/institutions/new", ADMIN)
def new_institution() -> str:
    """Show the form of a new institution."""
    form = returned()
    return render_template(
        "office/institution_new.html",
        section="web.institutions",
        errors=form.errors,
        form=form,
        once=form.raw("once") or new_once(),
    )


@post("/institutions/new", ADMIN, page="new_institution")
def create_institution() -> Any:
    """Register an institution with its first agreement."""
    form = Form()
    code, name = form.ref("code", longest=12), form.line("name", longest=200)
    kind = form.choice("kind", tuple(INSTITUTION_KIND))
    region = form.ref("region", longest=6)
    start = form.day("agreement/from")
    until = form.last_day("agreement/until", start)
    form.refuse()
    register_institution(
        work(),
        code=str(code),
        name=str(name),
        kind=str(kind),
        region=str(region),
        agreement=Span(start, until) if start else None,
    )
    flash(_("机构已登记。"))
    return see(url_for("web.institution", code=code))


@get("/registrations/new", ADMIN)
def new_person() -> str:
    """Show the form of a new person; `?institution=` fills in where."""
    form = returned()
    return render_template(
        "office/person_new.html",
        section="web.registry_desk",
        errors=form.errors,
        form=form,
        asked=request.args.get("institution", ""),
        once=form.raw("once") or new_once(),
    )


@post("/registrations/new", ADMIN, page="new_person")
def create_person() -> Any:
    """Register a person at one institution."""
    form = Form()
    name, code = form.line("name", longest=LONGEST_NAME), form.ref("code", required=False, longest=20)
    id_number = form.ref("id_number", required=False, longest=20)
    category = form.choice("category", tuple(CATEGORY))
    never = form.raw("never") == "yes"
    registered_on = form.day("registered_on", required=not never)
    if never and registered_on is not None:
        form.fault("registered_on", "从未登记的人员没有登记日 / somebody never registered has no such day")
    signed_on = form.day("commitment_signed_on", required=False)
    practice = {name: form.line(name, required=False, longest=LONGEST_PRACTICE) for name in PRACTICE_FIELD}
    place = form.ref("affiliations/0/institution", longest=12)
    form.refuse()
    since = registered_on or work().today
    registered = register_practitioner(
        work(),
        name=str(name),
        code=code,
        id_number=id_number,
        category=str(category),
        registered_on=registered_on,
        commitment_signed_on=signed_on,
        affiliations=[AskedAffiliation(institution=str(place), span=Span(since, None))],
        **practice,
    )
    flash(_("人员已登记。"))
    if registered.warnings:
        flash(_("该机构有同名人员，请在“修改登记”中核对是否同一人。"))
    return see(url_for("web.person", ref=registered.id))


@get("/registrations/<ref>", ADMIN)
def change_registration(ref: str) -> str:
    """Show every row of a person's registry with its history, and the acts on each."""
    form = returned()
    file = read_registry_file(work(), ref)
    return render_template(
        "office/registration.html",
        section="web.registry_desk",
        person=file.person,
        histories=file.rows,
        merge=file.merge,
        names=institution_names(work(), file.institutions),
        today=work().today,
        errors=form.errors,
        form=form,
        once=form.raw("once") or new_once(),
    )


@post("/registrations/<ref>/affiliations", ADMIN, page="change_registration")
def add_affiliation(ref: str) -> Any:
    """Add an affiliation, or end one."""
    form = Form()
    place = form.ref("institution", longest=12)
    from_on = form.day("from", required=False)
    until_on = form.last_day("until", from_on)
    return _changed(
        ref,
        form,
        lambda: put_affiliation(work(), ref, institution=str(place), from_on=from_on, until_on=until_on),
    )


@post("/registrations/<ref>/commitment", ADMIN, page="change_registration")
def add_missing_commitment(ref: str) -> Any:
    """Add the commitment letter that a registered person lacks."""
    form = Form()
    signed_on = form.day("signed_on")
    done = _changed(ref, form, lambda: add_commitment(work(), ref, signed_on=signed_on or work().today))
    return see(url_for("web.registry_desk", lacking="commitment")) if form.raw("back") == "desk" else done


@post("/registrations/<ref>/practice", ADMIN, page="change_registration")
def change_practice(ref: str) -> Any:
    """Change what a person is admitted to do (P15)."""
    form = Form()
    practice = {name: form.line(name, required=False, longest=LONGEST_PRACTICE) for name in PRACTICE_FIELD}
    expected = version()
    return _changed(
        ref, form, lambda: change_practitioner(work(), ref, expected_version=expected, changes=practice)
    )


@get("/registrations/<ref>/codes/new", ADMIN)
def new_code(ref: str) -> str:
    """Show the form of a further code."""
    form = returned()
    return render_template(
        "office/code_new.html",
        section="web.registry_desk",
        person=read_practitioner(work(), ref),
        errors=form.errors,
        form=form,
        once=form.raw("once") or new_once(),
    )


@post("/registrations/<ref>/codes/new", ADMIN, page="new_code")
def give_code(ref: str) -> Any:
    """Give a person a further code; the running one ends where it begins."""
    form = Form()
    code, reason = form.text("code", longest=20), form.text("reason", longest=500)
    from_on = form.day("from")
    return _changed(
        ref,
        form,
        lambda: add_code(work(), ref, code=str(code), from_on=from_on or work().today, reason=str(reason)),
    )


@post("/registrations/<ref>/leave", ADMIN, page="change_registration")
def leave_registry(ref: str) -> Any:
    """End a person's registration; points, sanctions and bans stay."""
    form = Form()
    on, reason = form.day("on"), form.text("reason", longest=500)
    return _changed(ref, form, lambda: deregister(work(), ref, on=on or work().today, reason=str(reason)))


def _changed(ref: str, form: Form, act: Any) -> Any:
    form.refuse()
    act()
    flash(_("登记已更新。"))
    return see(url_for("web.change_registration", ref=ref))
