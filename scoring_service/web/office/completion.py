"""Completing a person while their name is typed: those of the case's institution first."""

from __future__ import annotations

from flask import Response, jsonify

from scoring_service.services.finding.answer import suggested_people
from scoring_service.services.registry.names import find_institutions, institution_names
from scoring_service.web.frame.forms import Form
from scoring_service.web.frame.pages import CLERK, question, work
from scoring_service.written import LONGEST_NAME

MOST_SUGGESTED = 10


@question("/cases/people", CLERK)
def suggest_people() -> Response:
    """Answer with what the field takes for each person, name and code, and where they work."""
    form = Form()
    typed = form.raw("typed").strip()[:LONGEST_NAME]
    if not typed:
        return jsonify([])
    people = suggested_people(work(), typed, institution=_institution(form), limit=MOST_SUGGESTED)
    places = institution_names(work(), {code for person in people for code in person.institutions})
    return jsonify(
        [
            {
                "value": f"{person.name} {person.code or person.id}",
                "label": " · ".join(places[code] for code in person.institutions),
            }
            for person in people
        ]
    )


def _institution(form: Form) -> str | None:
    """Return the code of the institution that is typed, where that can be told."""
    typed = form.raw("institution").strip()
    fitting = find_institutions(work(), typed, limit=2) if typed else []
    return fitting[0].code if len(fitting) == 1 else None
