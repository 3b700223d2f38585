"""`/rulebooks/{id}/drafts/{n}/simulate`: what a draft would have brought to the entries of a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.simulations import SimulationAnswer, SimulationBody
from scoring_service.services.simulation.drafts import simulate_draft

if TYPE_CHECKING:
    from scoring_service.services.simulation.asking import Simulation

blueprint = Blueprint("rulebook_simulations", __name__, description="规则试算 / rulebooks on trial")


@blueprint.post("/rulebooks/<rulebook_id>/drafts/<n>/simulate")
@blueprint.arguments(SimulationBody, as_kwargs=True)
@blueprint.response(200, SimulationAnswer)
def simulate(rulebook_id: str, n: str, year: int) -> Simulation:
    """Fold the files of a scoring year as recorded and under a draft; nothing is changed but the audit.

    The people are told by name to who may read files, at most 1,000 of them; to the regulator the counts alone.
    """
    return simulate_draft(work(), rulebook_id, n, year)
