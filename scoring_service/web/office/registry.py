"""The registry: institutions with their people, and the administrator's forms for both."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from scoring_service.core.standing import Span
from scoring_service.problems import Problem
from scoring_service.services.affiliations import AskedAffiliation
from scoring_service.services.institution_people import ratio_of
from scoring_service.services.institutions import (
    institution_answer,
    list_institutions,
    put_agreement,
    register_institution,
)
from scoring_service.services.names import find_institutions, institution_names
from scoring_service.services.practitioners import (
    list_practitioners,
    read_practitioner,
    register_practitioner,
)
from scoring_service.services.registrations import deregister, put_affiliation
from scoring_service.services.sight import is_id
from scoring_service.web.forms import Form, errors_of, new_once
from scoring_service.web.pages import ADMIN, OFFICE, REGULATOR, attempt, get, post, see, work
from scoring_service.web.words import CATEGORY, INSTITUTION_KIND

PAGE_LENGTH = 25
UNPROCESSABLE = 422


@get("/institutions", OFFICE | REGULATOR)
def institutions() -> str:
    """List the institutions, or those whose name or code fits `?named=`."""
    named = request.args.get("named", "").strip()
    if named:
        return render_template(
            "office/institutions.html", found=find_institutions(work(), named, limit=100), named=named, further=None
        )
    items, further = list_institutions(work(), limit=PAGE_LENGTH, after=request.args.get("after") or None)
    return render_template("office/institutions.html", found=items, named="", further=further)


@get("/institutions/<code>", OFFICE | REGULATOR)
def institution(code: str) -> str:
    """Show an institution: agreements, the ratio, its people."""
    return _institution_page(code, {})


def _institution_page(code: str, errors: dict[str, str]) -> str:
    told = institution_answer(work(), code)
    after = request.args.get("after") or None
    people, further = list_practitioners(
        work(), institution=code, limit=PAGE_LENGTH, after=after if after and is_id(after) else None
    )
    return render_template(
        "office/institution.html",
        section="web.institutions",
        institution=told,
        ratio=ratio_of(work(), code, told["region"]),
        people=people,
        further=further,
        errors=errors,
        form=Form(),
        once=new_once(),
    )


@post("/institutions/<code>/agreements", ADMIN)
def add_agreement(code: str) -> Any:
    """Add an agreement, or end the open one."""
    form = Form()
    from_on = form.day("from", required=False)
    until_on = form.last_day("until", from_on)
    try:
        form.refuse()
        with attempt():
            put_agreement(work(), code, from_on=from_on, until_on=until_on)
    except Problem as problem:
        if problem.status != UNPROCESSABLE:
            raise
        return _institution_page(code, errors_of(problem)), UNPROCESSABLE
    flash(_("协议已登记。"))
    return see(url_for("web.institution", code=code))


@get("/institutions/new", ADMIN)
def new_institution() -> str:
    """Show the form of a new institution."""
    return _new_institution_page({})


def _new_institution_page(errors: dict[str, str]) -> str:
    return render_template(
        "office/institution_new.html", section="web.institutions", errors=errors, form=Form(), once=_once()
    )


@post("/institutions/new", ADMIN)
def create_institution() -> Any:
    """Register an institution with its first agreement."""
    form = Form()
    code, name = form.text("code", longest=12), form.text("name", longest=200)
    kind = form.choice("kind", tuple(INSTITUTION_KIND))
    region = form.text("region", longest=6)
    start = form.day("agreement/from")
    until = form.last_day("agreement/until", start)
    try:
        form.refuse()
        with attempt():
            register_institution(
                work(),
                code=str(code),
                name=str(name),
                kind=str(kind),
                region=str(region),
                agreement=Span(start, until) if start else None,
            )
    except Problem as problem:
        if problem.status != UNPROCESSABLE:
            raise
        return _new_institution_page(errors_of(problem)), UNPROCESSABLE
    flash(_("机构已登记。"))
    return see(url_for("web.institution", code=code))


@get("/registrations/new", ADMIN)
def new_person() -> str:
    """Show the form of a new person; `?institution=` fills in where."""
    return _new_person_page({})


def _new_person_page(errors: dict[str, str]) -> str:
    return render_template(
        "office/person_new.html",
        section="web.institutions",
        errors=errors,
        form=Form(),
        asked=request.args.get("institution", ""),
        once=_once(),
    )


@post("/registrations/new", ADMIN)
def create_person() -> Any:
    """Register a person at one institution."""
    form = Form()
    name, code = form.text("name", longest=100), form.text("code", required=False, longest=20)
    id_number = form.text("id_number", required=False, longest=20)
    category = form.choice("category", tuple(CATEGORY))
    registered_on, signed_on = form.day("registered_on"), form.day("commitment_signed_on")
    place = form.text("affiliations/0/institution", longest=12)
    try:
        form.refuse()
        assert registered_on is not None  # noqa: S101 -- the form was refused otherwise
        with attempt():
            told = register_practitioner(
                work(),
                name=str(name),
                code=code,
                id_number=id_number,
                category=str(category),
                registered_on=registered_on,
                commitment_signed_on=signed_on,
                affiliations=[AskedAffiliation(institution=str(place), span=Span(registered_on, None))],
            )
    except Problem as problem:
        if problem.status != UNPROCESSABLE:
            raise
        return _new_person_page(errors_of(problem)), UNPROCESSABLE
    flash(_("人员已登记。"))
    return see(url_for("web.person", ref=told["id"]))


@get("/registrations/<ref>", ADMIN)
def change_registration(ref: str) -> str:
    """Show the forms for a person's affiliations and for leaving."""
    return _registration_page(ref, {})


def _registration_page(ref: str, errors: dict[str, str]) -> str:
    person = read_practitioner(work(), ref)
    return render_template(
        "office/registration.html",
        section="web.institutions",
        person=person,
        names=institution_names(work(), {span["institution"] for span in person["affiliations"]}),
        errors=errors,
        form=Form(),
        once=new_once(),
    )


@post("/registrations/<ref>/affiliations", ADMIN)
def add_affiliation(ref: str) -> Any:
    """Add an affiliation, or end one."""
    form = Form()
    place = form.text("institution", longest=12)
    from_on = form.day("from", required=False)
    until_on = form.last_day("until", from_on)
    return _changed(
        ref,
        form,
        lambda: put_affiliation(work(), ref, institution=str(place), from_on=from_on, until_on=until_on),
    )


@post("/registrations/<ref>/leave", ADMIN)
def leave_registry(ref: str) -> Any:
    """End a person's registration; points, sanctions and bans stay."""
    form = Form()
    on, reason = form.day("on"), form.text("reason", longest=500)
    return _changed(ref, form, lambda: deregister(work(), ref, on=on or work().today, reason=str(reason)))


def _changed(ref: str, form: Form, act: Any) -> Any:
    try:
        form.refuse()
        with attempt():
            act()
    except Problem as problem:
        if problem.status != UNPROCESSABLE:
            raise
        return _registration_page(ref, errors_of(problem)), UNPROCESSABLE
    flash(_("登记已更新。"))
    return see(url_for("web.person", ref=ref))


def _once() -> str:
    return request.form.get("once") or new_once()
