"""Words of the glossary explained where they stand on a page, by the rulebook of the reader's home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g

from scoring_service.services.proposals.remediation_reading import rulebook_at_home
from scoring_service.web.frame.pages import work
from scoring_service.web.wording.glossary import explanations

if TYPE_CHECKING:
    from flask import Flask

    from scoring_service.web.wording.glossary import Explanation


def prepare(app: Flask) -> None:
    """Give templates `explained(key)` and `place_of_explanation()`."""
    app.add_template_global(explained)
    app.add_template_global(place_of_explanation)


def explained(key: str) -> Explanation:
    """Return a word with its meaning; the rulebook is read once for a page."""
    if "explanations" not in g:
        g.explanations = explanations(rulebook_at_home(work()))
    explanation: Explanation = g.explanations[key]
    return explanation


def place_of_explanation() -> str:
    """Return an id that the page has not yet: a word may be explained in several places of it."""
    g.places_of_explanations = g.get("places_of_explanations", 0) + 1
    return f"term-{g.places_of_explanations}"
