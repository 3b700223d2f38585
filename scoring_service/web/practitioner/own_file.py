"""My own file."""

from __future__ import annotations

from flask import render_template

from scoring_service.web.pages import PRACTITIONER, get, work
from scoring_service.web.person_file import file_page


@get("/me", PRACTITIONER)
def my_file() -> str:
    """Show the person's own file."""
    return render_template("practitioner/file.html", **file_page(work().actor.practitioner_id or ""))
