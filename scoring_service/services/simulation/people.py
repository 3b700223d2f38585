"""The people of a simulation as a table: a row for each warning or sanction that would have been another."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from scoring_service.workbooks.writing import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scoring_service.core.sanctions import Sanction
    from scoring_service.core.simulation import Warned
    from scoring_service.services.simulation.asking import ChangedPerson, Simulation
    from scoring_service.workbooks.writing import Value

_PERSON = ("id", "code", "name", "what")
# Of a warning its day and the points of its tier, of a sanction the rest; spans are half open, as in the answers.
_TOLD = ("points", "ground", "from", "until", "state_until")
HEADINGS = (*_PERSON, *(f"{name}_{side}" for side in ("before", "after") for name in _TOLD))


def table_of_people(simulation: Simulation) -> Table:
    """Return the changed people, none where the actor may not read files."""
    rows = (row for person in simulation.people or () for row in _rows(person))
    return Table(name="simulation", headings=HEADINGS, rows=rows)


def _rows(person: ChangedPerson) -> Iterator[Sequence[Value]]:
    named = (person.id, person.code, person.name)
    if person.warnings_before != person.warnings_after:
        for was, becomes in zip_longest(person.warnings_before, person.warnings_after):
            yield (*named, "warning", *_warning(was), *_warning(becomes))
    for change in person.changes:
        kind = next(span.kind.value for span in change if span is not None)
        yield (*named, kind, *_span(change.before), *_span(change.after))


def _warning(warned: Warned | None) -> tuple[Value, ...]:
    return (None,) * len(_TOLD) if warned is None else (warned.points, None, warned.on, None, None)


def _span(span: Sanction | None) -> tuple[Value, ...]:
    if span is None:
        return (None,) * len(_TOLD)
    return None, span.ground.value, span.start, span.until, span.state_until
