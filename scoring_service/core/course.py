"""The course of what a score brought: its sanction when it was recorded, and each entry that later made it another.

A score's own consequence tells what was imposed; whether it still stands, and until when, is told by the spans that
hold. Both are found by folding the file as it stood after each entry (scheme.md 2.3), never by a table.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from scoring_service.core.entries import Entry, Score
from scoring_service.core.fold import FoldedFile, fold
from scoring_service.core.touched import brought

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoring_service.core.fold import Step
    from scoring_service.core.sanctions import Sanction


class Turn(NamedTuple):
    """What a score brings from the recording of `by` on: the step that the fold made of it, and the span, if any."""

    by: Entry
    step: Step
    span: Sanction | None


def courses(entries: Iterable[Entry]) -> dict[str, tuple[Turn, ...]]:
    """Return by the id of each score the turns that its sanction took: the first when it was recorded, then changes.

    A score that never brought a sanction has the first turn only.
    """
    recorded = sorted(entries, key=lambda entry: entry.seq)
    turns_by_entry: dict[str, list[Turn]] = {}
    for count, by in enumerate(recorded, start=1):
        folded = fold(recorded[:count])
        for step in folded.steps:
            if isinstance(step.entry, Score):
                _note(turns_by_entry.setdefault(step.entry.id, []), Turn(by, step, span_of(step, folded)))
    return {score: tuple(turns) for score, turns in turns_by_entry.items()}


def span_of(step: Step, folded: FoldedFile) -> Sanction | None:
    """Return the span of `folded` that holds what `step` brought; None if it brought no sanction or none is left."""
    spans = [span for span in folded.sanctions if brought(step, span)]
    return max(spans, key=lambda span: span.until or date.max, default=None)


def _note(turns: list[Turn], turn: Turn) -> None:
    if not turns or _seen(turns[-1].span) != _seen(turn.span):
        turns.append(turn)


def _seen(span: Sanction | None) -> tuple[object, ...] | None:
    return None if span is None else (span.kind, span.start, span.until, span.state_until)
