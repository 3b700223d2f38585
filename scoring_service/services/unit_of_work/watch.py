"""What long work asks of its caller between two transactions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a caller asks between two transactions: `stopping` ends the work early, `alive` keeps the caller alive.

    `resting` puts off what proves or clears the state of now: something more urgent is at work.
    """

    stopping: Callable[[], bool] = _never
    resting: Callable[[], bool] = _never
    alive: Callable[[], object] = _never
