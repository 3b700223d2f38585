"""A row of a person's registry that was entered wrongly: proposed here as it should be, decided by another person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from flask import render_template
from werkzeug.datastructures import MultiDict

from scoring_service.problems import NotFound
from scoring_service.services.proposals import registry_corrections
from scoring_service.services.registry.names import institution_names
from scoring_service.services.registry.practitioners import read_practitioner
from scoring_service.services.registry.rewrites import AFFILIATION, PERSON, REGISTRATION
from scoring_service.web.frame.forms import Form, new_once, returned
from scoring_service.web.frame.pages import ADMIN, get, post, work
from scoring_service.web.office.decisions import proposed
from scoring_service.web.wording.spans import typed_last_day
from scoring_service.web.wording.words import CATEGORY

ROWS = {PERSON: "persons", REGISTRATION: "registrations", AFFILIATION: "affiliations"}


@get("/registrations/<ref>/correction/<kind>/<number>", ADMIN)
def new_registry_correction(ref: str, kind: str, number: str) -> str:
    """Show a row as it is, to be written as it should be."""
    form = returned()
    person = read_practitioner(work(), ref)
    row = _row(person, kind, number)
    return render_template(
        "office/registry_correction_new.html",
        section="web.institutions",
        person=person,
        kind=kind,
        row=row,
        names=institution_names(work(), {row["institution"]} if kind == AFFILIATION else ()),
        form=form if form.fields else Form(_shown(row)),
        errors=form.errors,
        once=form.raw("once") or new_once(),
    )


def _row(person: dict[str, Any], kind: str, number: str) -> dict[str, Any]:
    found = [row for row in person[ROWS[kind]] if str(row["number"]) == number] if kind in ROWS else []
    if not found:
        raise NotFound
    row: dict[str, Any] = found[0]
    return row


def _shown(row: Mapping[str, Any]) -> MultiDict[str, str]:
    """Return the row as the form shows it: its last day, and no identity number, of which only the mask is known."""
    shown = {"from": row["from"], "until": typed_last_day(row["from"], row["until"])}
    shown |= {f"fields/{name}": value for name, value in row.items() if name != "id_number"}
    return MultiDict({name: value or "" for name, value in shown.items()})


@post("/registrations/<ref>/correction/<kind>/<number>", ADMIN, page="new_registry_correction")
def draft_registry_correction(ref: str, kind: str, number: str) -> Any:
    """Propose the row as it was written, or that it is void; another person decides."""
    row = _row(read_practitioner(work(), ref), kind, number)
    form = Form()
    reason = form.text("reason", longest=500)
    void = form.raw("void") == "yes"
    asked: dict[str, Any] = {} if void else {"span": _days(form, kind, row), "fields": _fields(form, kind, row)}
    act = partial(
        registry_corrections.draft, work(), ref, kind=kind, number=row["number"], void=void, reason=str(reason), **asked
    )
    return proposed("registry", form, act)


def _days(form: Form, kind: str, row: Mapping[str, Any]) -> dict[str, date | None]:
    """Return the days that were written otherwise than they stand in the row."""
    start = form.day("from", required=kind != PERSON)
    days: dict[str, date | None] = {}
    if start is not None and start.isoformat() != row["from"]:
        days["from"] = start
    if kind != PERSON:
        until = form.last_day("until", start)
        if (until and until.isoformat()) != row["until"]:
            days["until"] = until
    return days


def _fields(form: Form, kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that were written otherwise than they stand in the row."""
    if kind == AFFILIATION:
        written: dict[str, Any] = {"institution": form.text("fields/institution", longest=12)}
    elif kind == REGISTRATION:
        signed = form.day("fields/commitment_signed_on", required=False)
        written = {"commitment_signed_on": signed and signed.isoformat(), "category": _category(form)}
    else:
        written = {"name": form.text("fields/name", longest=100), "category": _category(form)}
        written["code"] = form.text("fields/code", required=False, longest=20)
    changed = {name: value for name, value in written.items() if value != row[name]}
    if changed.get("commitment_signed_on"):
        changed["commitment_signed_on"] = date.fromisoformat(changed["commitment_signed_on"])
    number = form.text("fields/id_number", required=False, longest=20) if kind == PERSON else None
    return changed | ({"id_number": number} if number else {})


def _category(form: Form) -> str | None:
    return form.choice("fields/category", tuple(CATEGORY))
