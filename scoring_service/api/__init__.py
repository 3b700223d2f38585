"""The REST interface: one module a resource, with its schemas in `schemas/`.

Lives here: parsing and answering, the table of who may call what (`pipeline/access.py`), idempotency, cursors.
Begin with `pipeline/request.py`, then `cases.py`. Does not live here: rules, transactions of use cases (services/) or
the console (web/).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.routing import PathConverter

from scoring_service.api import (
    appeals,
    attachments,
    audit,
    auth,
    bundles,
    cases,
    claims,
    clock,
    corrections,
    eligibility,
    events,
    finding,
    imports,
    institutions,
    jobs,
    letters,
    liftings,
    merges,
    notices,
    practitioners,
    registration_requests,
    registry_corrections,
    remediation,
    reregistrations,
    resumptions,
    rulebook_drafts,
    rulebook_simulations,
    rulebooks,
    standing,
    statistics,
    talks,
    users,
)
from scoring_service.api.pipeline import docs
from scoring_service.api.pipeline.openapi import Api

if TYPE_CHECKING:
    from flask import Flask

# The blueprint of each resource, in the order of the docs page.
BLUEPRINTS = (
    auth.blueprint,
    users.blueprint,
    clock.blueprint,
    rulebooks.blueprint,
    rulebook_drafts.blueprint,
    rulebook_simulations.blueprint,
    audit.blueprint,
    events.blueprint,
    finding.blueprint,
    institutions.blueprint,
    practitioners.blueprint,
    imports.blueprint,
    cases.blueprint,
    attachments.blueprint,
    standing.blueprint,
    eligibility.blueprint,
    claims.blueprint,
    notices.blueprint,
    letters.blueprint,
    bundles.blueprint,
    talks.blueprint,
    appeals.blueprint,
    remediation.blueprint,
    resumptions.blueprint,
    reregistrations.blueprint,
    corrections.blueprint,
    liftings.blueprint,
    registration_requests.blueprint,
    registry_corrections.blueprint,
    merges.blueprint,
    jobs.blueprint,
    statistics.blueprint,
)  # fmt: skip


class Anything(PathConverter):
    """The rest of an address, whatever it is: nothing, or slashes, too."""

    part_isolating = False
    regex = ".*?"


def register(app: Flask) -> None:
    """Register every resource and the spec of them all."""
    app.url_map.converters["anything"] = Anything
    api = Api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.register_blueprint(docs.blueprint)
