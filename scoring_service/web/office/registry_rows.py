"""A row of a person's registry that was entered wrongly: proposed here as it should be, decided by another person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from flask import render_template
from werkzeug.datastructures import MultiDict

from scoring_service.problems import NotFound
from scoring_service.services.proposals import registry_corrections
from scoring_service.services.registry.names import institution_names
from scoring_service.services.registry.practitioners import read_practitioner
from scoring_service.services.registry.records import Affiliation, Practitioner, RegistryRow
from scoring_service.services.registry.rewrites import AFFILIATION, PERSON, REGISTRATION
from scoring_service.web.frame.forms import Form, new_once, returned
from scoring_service.web.frame.pages import ADMIN, get, post, work
from scoring_service.web.office.decisions import proposed
from scoring_service.web.wording.spans import typed_last_day
from scoring_service.web.wording.words import CATEGORY, PRACTICE_FIELD
from scoring_service.written import LONGEST_NAME, LONGEST_PRACTICE

TYPED = ("name", "category", "code", *PRACTICE_FIELD, "commitment_signed_on", "institution")


@get("/registrations/<ref>/correction/<kind>/<number>", ADMIN)
def new_registry_correction(ref: str, kind: str, number: str) -> str:
    """Show a row as it is, to be written as it should be."""
    form = returned()
    person = read_practitioner(work(), ref)
    row = _row(person, kind, number)
    return render_template(
        "office/registry_correction_new.html",
        section="web.registry_desk",
        person=person,
        kind=kind,
        row=row,
        names=institution_names(work(), {row.institution} if isinstance(row, Affiliation) else ()),
        form=Form(MultiDict({**_shown(row).to_dict(), **form.fields.to_dict()}), form.errors),
        errors=form.errors,
        once=form.raw("once") or new_once(),
    )


def _row(person: Practitioner, kind: str, number: str) -> RegistryRow:
    rows: Mapping[str, Sequence[RegistryRow]] = {
        PERSON: person.persons,
        REGISTRATION: person.registrations,
        AFFILIATION: person.affiliations,
    }
    row = next((row for row in rows.get(kind, ()) if str(row.number) == number), None)
    if row is None:
        raise NotFound
    return row


def _shown(row: RegistryRow) -> MultiDict[str, str]:
    """Return the row as the form shows it: its last day, and no identity number, of which only the mask is known."""
    shown = {"from": row.start.isoformat(), "until": typed_last_day(row.start, row.until)}
    shown |= {f"fields/{name}": getattr(row, name, None) for name in TYPED}
    return MultiDict({name: str(value or "") for name, value in shown.items()})


@post("/registrations/<ref>/correction/<kind>/<number>", ADMIN, page="new_registry_correction")
def draft_registry_correction(ref: str, kind: str, number: str) -> Any:
    """Propose the row as it was written, or that it is void; another person decides."""
    row = _row(read_practitioner(work(), ref), kind, number)
    form = Form()
    reason = form.text("reason", longest=500)
    void = form.raw("void") == "yes"
    changes: dict[str, Any] = {} if void else {"span": _days(form, kind, row), "fields": _fields(form, kind, row)}
    act = partial(
        registry_corrections.draft, work(), ref, kind=kind, number=row.number, void=void, reason=str(reason), **changes
    )
    return proposed("registry", form, act)


def _days(form: Form, kind: str, row: RegistryRow) -> dict[str, date | None]:
    """Return the days that were written otherwise than they stand in the row."""
    start = form.day("from", required=kind != PERSON)
    days: dict[str, date | None] = {}
    if start is not None and start != row.start:
        days["from"] = start
    if kind != PERSON:
        until = form.last_day("until", start)
        if until != row.until:
            days["until"] = until
    return days


def _fields(form: Form, kind: str, row: RegistryRow) -> dict[str, Any]:
    """Return the fields that were written otherwise than they stand in the row."""
    if kind == AFFILIATION:
        written: dict[str, Any] = {"institution": form.text("fields/institution", longest=12)}
    elif kind == REGISTRATION:
        signed_on = form.day("fields/commitment_signed_on", required=False)
        written = {"commitment_signed_on": signed_on, "category": _category(form)}
    else:
        written = {"name": form.text("fields/name", longest=LONGEST_NAME), "category": _category(form)}
        written["code"] = form.text("fields/code", required=False, longest=20)
        written |= {
            name: form.line(f"fields/{name}", required=False, longest=LONGEST_PRACTICE) for name in PRACTICE_FIELD
        }
    changed = {name: value for name, value in written.items() if value != getattr(row, name)}
    number = form.text("fields/id_number", required=False, longest=20) if kind == PERSON else None
    return changed | ({"id_number": number} if number else {})


def _category(form: Form) -> str | None:
    return form.choice("fields/category", tuple(CATEGORY))
