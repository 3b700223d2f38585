"""A letter as an HTML document that stands alone: its own print style, no script, no font from elsewhere."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

if TYPE_CHECKING:
    from jinja2 import Template

    from scoring_service.letters.letter import Letter

# What a browser may load for a letter: nothing but the style that stands in it.
CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("scoring_service.letters", ""), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("letter.html")


def render(letter: Letter) -> str:
    """Return the letter as HTML for A4 print; every value stands in it literally."""
    return _template().render(letter=letter, reference_in_css=_css_string(f"文书编号 {letter.reference}"))


def sha256(content: bytes) -> str:
    """Return the SHA-256 of a document in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _css_string(text: str) -> Markup:
    """Return `text` as a string of CSS, every character but letters, digits and spaces escaped."""
    plain = (
        character if character.isalnum() or character in " -" else f"\\{ord(character):x} "
        for character in text
    )
    return Markup(f'"{"".join(plain)}"')  # noqa: S704 - nothing is left in it that could end a string or a style.
