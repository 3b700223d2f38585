"""To what an entry may be reduced, in an expert's opinion and in the decision (contract.md, Appeals)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.core.entries import EntryKind
from scoring_service.core.fold import value_of
from scoring_service.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring_service.core.entries import Entry


def present_value(known: Sequence[Entry], entry_id: str) -> int:
    """Return what an entry counts in a file, in points (days for a term credit), after earlier corrections."""
    target = next(entry for entry in known if entry.id == entry_id)
    return value_of(target, known)


def is_measure(known: Sequence[Entry], entry_id: str) -> bool:
    """Tell whether an entry of a file is a measure, which holds or does not."""
    return any(entry.id == entry_id and entry.kind is EntryKind.MEASURE for entry in known)


def check_reducible(known: Sequence[Entry], entry_id: str | None, *, reduces: bool, pointer: str) -> None:
    """Refuse to reduce a measure (contract.md, Cases). Raises Invalid at `pointer`."""
    if reduces and entry_id is not None and is_measure(known, entry_id):
        raise Invalid(pointer, "机构措施只能维持或撤销 / a measure is upheld or revoked, never reduced")


def check_value(*, reduces: bool, points: int | None, present: int | None) -> None:
    """Ask for points with a reduction, lower than the `present` ones and at least 1; refuse them otherwise.

    Raises Invalid.
    """
    if not reduces:
        if points is not None:
            raise Invalid("/points", "仅减少记分时填写 / only with a reduction")
        return
    if points is None:
        if present is not None:
            raise Invalid("/points", "减少记分须给出分值 / a reduction names the points")
    elif points < 1 or (present is not None and points >= present):
        detail = (
            f"须为 1 至低于现值 {present} 的整数 / must be at least 1 and lower than the present {present}"
        )
        raise Invalid("/points", detail)
