"""The scheme's clock: read it; move the simulated one forward."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.clock import ClockSetting, ClockState
from scoring_service.services.jobs import clock

blueprint = Blueprint("clock", __name__, description="系统时钟 / the scheme's clock")


@blueprint.get("/clock")
@blueprint.response(200, ClockState)
def read() -> clock.ClockState:
    """Tell the scheme's present instant."""
    return clock.read_clock(work())


@blueprint.put("/clock")
@blueprint.arguments(ClockSetting)
@blueprint.response(200, ClockState)
def move(setting: dict[str, Any]) -> clock.ClockState:
    """Move the simulated clock forward; back is a 409."""
    return clock.set_clock(work(), setting["now"])
