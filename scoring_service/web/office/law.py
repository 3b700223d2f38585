"""The rulebooks as an official reads them: every value with its dates, its source, and whether it is assumed."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

from flask import Response, render_template, request

from scoring_service.core.procedure import DraftState
from scoring_service.downloads import as_file
from scoring_service.services.desks.law import compare_days, describe_rulebook, file_in_force
from scoring_service.services.rulebooks import drafts
from scoring_service.services.unit_of_work.listing import read_page
from scoring_service.web.frame.pages import ADMIN, AUDITOR, EVERYBODY, get, work

if TYPE_CHECKING:
    from scoring_service.services.rulebooks.drafts import Draft

YAML = "application/yaml"
MOST_DRAFTS = 50
READS_DRAFTS = ADMIN | AUDITOR


@get("/rulebooks", EVERYBODY)
def rulebooks() -> str:
    """List the rulebooks, and to whoever reads drafts those that wait for a decision."""
    waiting = _drafts(None, state=DraftState.PROPOSED) if work().actor.has(*READS_DRAFTS) else None
    return render_template("office/rulebooks.html", rulebooks=work().rulebooks.items(), waiting=waiting)


@get("/rulebooks/<rulebook_id>", EVERYBODY)
def rulebook(rulebook_id: str) -> str:
    """Show a rulebook as it holds on a day (`?on=`, default today), and what is other on a second one (`?against=`)."""
    on, against = _day("on") or work().today, _day("against")
    described = describe_rulebook(work(), rulebook_id, on=on)
    parameters = list(described["parameters"].items())
    return render_template(
        "office/rulebook.html",
        section="web.rulebooks",
        rulebook=described,
        on=on,
        against=against,
        differences=compare_days(work(), rulebook_id, on, against) if against else (),
        parameters=parameters,
        assumed=sum(1 for _key, parameter in parameters if parameter["verified"] is False),
        proposes=work().actor.has(*ADMIN) and drafts.may_touch(work(), rulebook_id),
        drafts=_drafts(rulebook_id) if work().actor.has(*READS_DRAFTS) else [],
    )


@get("/rulebooks/<rulebook_id>/file", EVERYBODY)
def rulebook_file(rulebook_id: str) -> Response:
    """Send the file of a rulebook as it was shipped, or adopted last."""
    return as_file(BytesIO(file_in_force(work(), rulebook_id)), f"{rulebook_id}.yaml", YAML)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _drafts(rulebook_id: str | None, *, state: str | None = None) -> list[Draft]:
    return read_page(work(), drafts.listing(work(), rulebook_id, state=state), limit=MOST_DRAFTS).items
