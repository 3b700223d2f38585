"""When an expert of an appeal has to have answered, and what follows silence (contract.md, Appeals).

No source says how long experts may take; that their time is not counted is P44. The days here are assumed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

# From the appointment on, unless the office sets a day (assumed).
OPINION_WORKING_DAYS = 10
# So many working days before the last one the office is reminded.
SOON_WORKING_DAYS = 3


class Chosen(StrEnum):
    """How an expert came to an appeal: by lot, or by name with a reason."""

    DRAWN = "drawn"
    NAMED = "named"


def is_silent(due_on: date | None, *, provisional: bool, day: date) -> bool:
    """Tell whether the last day to answer was over before `day`; none is over that was counted provisionally."""
    return due_on is not None and not provisional and due_on < day


def is_replaced_by_lot(chosen: str) -> bool:
    """Tell whether another expert is drawn for one who is silent; in place of one who was named the office names."""
    return chosen == Chosen.DRAWN
