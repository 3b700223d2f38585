"""Two files of one person: looked for, compared side by side, and proposed as one; another person decides, for good."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import render_template, request
from werkzeug.datastructures import MultiDict

from scoring_service.problems import Conflict, NotFound
from scoring_service.services.proposals import merges
from scoring_service.services.proposals.merge_preview import MergePreview, candidates
from scoring_service.services.registry.names import institution_names
from scoring_service.services.registry.practitioners import read_practitioner
from scoring_service.web.frame.forms import Form, new_once, returned
from scoring_service.web.frame.pages import ADMIN, get, post, work
from scoring_service.web.office.decisions import places_of, proposed
from scoring_service.written import LONGEST_REF

THIS, OTHER = "this", "other"


@get("/registrations/<ref>/merge", ADMIN)
def new_merge(ref: str) -> str:
    """Show who may be the same person; once another file is chosen, both beside each other and what they would be."""
    form = returned()
    other = (form.raw("other") or request.args.get("other", "")).strip()[:LONGEST_REF]
    person = read_practitioner(work(), ref)
    seen = _compared(ref, other, form) if other else None
    alike = [] if seen else candidates(work(), person.id)
    named = {code for each in alike for code in each.institutions}
    return render_template(
        "office/merge_new.html",
        section="web.registry_desk",
        person=person,
        seen=seen,
        alike=alike,
        places=institution_names(work(), named | (places_of(seen) if seen else set())),
        today=work().today,
        errors=form.errors,
        form=form,
        once=form.raw("once") or new_once(),
    )


def _compared(ref: str, other: str, form: Form) -> MergePreview | None:
    """Return the two files; None, and the fault noted, where the other one is unknown or the same."""
    try:
        return merges.compare(work(), ref, other)
    except (NotFound, Conflict) as refused:
        form.fields = MultiDict({"other": other})
        form.errors["other"] = refused.detail
        return None


@post("/registrations/<ref>/merge", ADMIN, page="new_merge")
def propose_merge(ref: str) -> Any:
    """Propose that the two files become one, under the one that was chosen to go on."""
    form = Form()
    other, reason = form.ref("other", longest=LONGEST_REF), form.text("reason", longest=500)
    stays = form.choice("stays", (THIS, OTHER))
    merged, into = (str(other), ref) if stays == THIS else (ref, str(other))
    return proposed("merges", form, partial(merges.draft, work(), merged, into=into, reason=str(reason)))
