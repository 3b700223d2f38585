"""The rulebooks as an official reads them: every value with its dates, its source, and whether it is assumed."""

from __future__ import annotations

from datetime import date

from flask import render_template, request

from scoring_service.services.desks.law import describe_rulebook
from scoring_service.web.frame.pages import EVERYBODY, get, work


@get("/rulebooks", EVERYBODY)
def rulebooks() -> str:
    """List the rulebooks."""
    return render_template("office/rulebooks.html", rulebooks=work().rulebooks.items())


@get("/rulebooks/<rulebook_id>", EVERYBODY)
def rulebook(rulebook_id: str) -> str:
    """Show a rulebook as it holds on a day (`?on=`, default today)."""
    try:
        on = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        on = work().today
    described = describe_rulebook(work(), rulebook_id, on=on)
    parameters = list(described["parameters"].items())
    return render_template(
        "office/rulebook.html",
        section="web.rulebooks",
        rulebook=described,
        on=on,
        parameters=parameters,
        assumed=sum(1 for _key, parameter in parameters if parameter["verified"] is False),
    )
