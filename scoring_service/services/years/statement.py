"""What a year's statement lists: the entries that moved its total and the sanctions that touch it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from scoring_service.core.entries import Measure, PointsCredit, Score, TermCredit, carried_value
from scoring_service.db.sanction_json import StatedSanction, stated_sanction
from scoring_service.letters.facts import StatedEntry

if TYPE_CHECKING:
    from scoring_service.core.fold import FoldedFile, Step


_VALUED = (Score, PointsCredit, TermCredit)


def stated_entries(folded: FoldedFile, year: int) -> list[StatedEntry]:
    """Return the scores, credits, resumptions, measures and new starts of a year, in the order of the fold."""
    return [_stated(step) for step in folded.steps if step.year == year]


def stated_sanctions(folded: FoldedFile, year: int) -> list[StatedSanction]:
    """Return the sanctions of which term, ban or state holds on at least one day of the year (scheme.md 2.4)."""
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    return [
        stated_sanction(span)
        for span in folded.sanctions
        if span.start < after and (span.ends_after(first) or span.holds(first))
    ]


def _stated(step: Step) -> StatedEntry:
    entry = step.entry
    value = carried_value(entry) if isinstance(entry, _VALUED) else 0
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
    if isinstance(entry, Measure):
        return "机构措施"
    return None
