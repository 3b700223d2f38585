"""What is kept as JSON with a notice, and its letter is written from.

Dates are ISO strings, points, days and totals are integers, sanctions have the contract's shape
`{"kind", "ground", "from", "until"}`. The facts of what is settled are made beside their wording (`settling.py`,
`resuming.py`); those of what is imposed are what the fold made of the entry (`services/standing/news.py`).

What the parties did wrong, the decision against the institution and the time to appeal stand in the case, the
ledger and the rulebook of the notice's entry.
"""

from __future__ import annotations

from typing import Any, TypedDict

Facts = dict[str, Any]


class StatedEntry(TypedDict):
    """A row of a year's statement; `kind` is that of the entry, `value` what it now counts with."""

    kind: str
    effective_on: str
    item: str | None
    value: int
    counted: int
    total: int
    corrected: bool
