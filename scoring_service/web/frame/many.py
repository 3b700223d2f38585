"""Acts on many rows in a form: the faults of a refusal by the rows that they are at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.problems import Fault, Faulty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring_service.problems import Problem


def at_rows(problem: Problem, ids: Sequence[str], tick: str) -> Faulty:
    """Return a refusal whose faults are at the fields of each row, called `<field>/<id>`; `tick` is that of its box."""
    return Faulty([Fault(_pointer(fault, ids, tick), fault.detail) for fault in problem.errors], problem.code)


def _pointer(fault: Fault, ids: Sequence[str], tick: str) -> str:
    listed, *place = fault.pointer.strip("/").split("/")
    if not place:
        return f"/{tick if listed in {'items', 'cases'} else listed}"
    name = place[1] if len(place) > 1 else tick
    return f"/{name}/{ids[int(place[0])]}"


def version_seen(fields: dict[str, str], name: str) -> int:
    """Return the version that a row was seen at; 0 for what is no number."""
    seen = fields.get(name, "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) <= LONGEST_VERSION else 0


LONGEST_VERSION = 9
