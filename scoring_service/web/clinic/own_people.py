"""The institution's own people: state, points, and the distance to a suspension."""

from __future__ import annotations

from flask import render_template, request

from scoring_service.services.institution_people import ratio_of
from scoring_service.services.institutions import institution_answer
from scoring_service.services.practitioners import list_practitioners
from scoring_service.services.sight import is_id
from scoring_service.web.pages import CLINIC, get, work

PAGE_LENGTH = 50


@get("/clinic", CLINIC)
def clinic() -> str:
    """List the people who are registered here today."""
    code = work().actor.institution_code or ""
    after = request.args.get("after") or None
    told = institution_answer(work(), code)
    people, further = list_practitioners(
        work(), institution=code, limit=PAGE_LENGTH, after=after if after and is_id(after) else None
    )
    return render_template(
        "clinic/people.html",
        institution=told,
        ratio=ratio_of(work(), code, told["region"]),
        people=people,
        further=further,
    )
