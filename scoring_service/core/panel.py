"""When an expert of an appeal has to have answered, and what follows silence (contract.md, Appeals).

No source says how long experts may take; that their time is not counted is P44. The office may set a last day when it
appoints them; nobody of whom it has set none is released by the service.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

# So many working days before the last one the office is reminded (assumed).
SOON_WORKING_DAYS = 3


class Chosen(StrEnum):
    """How an expert came to an appeal: by lot, or by name with a reason."""

    DRAWN = "drawn"
    NAMED = "named"


def is_silent(due_on: date | None, day: date) -> bool:
    """Tell whether the last day to answer was over before `day`."""
    return due_on is not None and due_on < day


def due_of_successor(due_on: date, assigned_on: date, drawn_on: date) -> date:
    """Return until when an expert answers who is drawn in place of a silent one: as long as that one had."""
    return drawn_on + (due_on - assigned_on)


def is_replaced_by_lot(chosen: str) -> bool:
    """Tell whether another expert is drawn for one who is silent; in place of one who was named the office names."""
    return chosen == Chosen.DRAWN
