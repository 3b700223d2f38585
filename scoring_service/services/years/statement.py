"""What a year's statement lists: the entries that moved its total and the sanctions that touch it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from scoring_service.core.entries import PointsCredit, Reregistration, Score, TermCredit, carried_value
from scoring_service.db.sanction_json import StatedSanction, stated_sanction
from scoring_service.letters.facts import StatedEntry

if TYPE_CHECKING:
    from scoring_service.core.fold import FoldedFile, Step


def stated_entries(folded: FoldedFile, year: int) -> list[StatedEntry]:
    """Return the scores, credits and new starts of a scoring year, in the order of the fold."""
    return [_stated(step) for step in folded.steps if step.year == year]


def stated_sanctions(folded: FoldedFile, year: int) -> list[StatedSanction]:
    """Return the sanctions that hold on at least one day of the year.

    A termination holds until a re-registration, also after its ban (scheme.md 2.4).
    """
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    return [
        stated_sanction(span)
        for span in folded.sanctions
        if span.start < after and (span.until > first or span.makes_terminated(first))
    ]


def _stated(step: Step) -> StatedEntry:
    entry = step.entry
    value = 0 if isinstance(entry, Reregistration) else carried_value(entry)
    return StatedEntry(
        kind=entry.kind.value,
        effective_on=entry.effective_on.isoformat(),
        item=_reason(step),
        value=value if step.corrected_to is None else step.corrected_to,
        counted=step.counted,
        total=step.total_after,
        corrected=step.corrected_to is not None,
    )


def _reason(step: Step) -> str | None:
    entry = step.entry
    if isinstance(entry, Score):
        item = entry.rulebook.item(entry.item)
        return item.title if item else entry.item
    if isinstance(entry, PointsCredit | TermCredit):
        return "申请修复"
    return None
