"""What a score brought, what a credit touches, and so the rulebook it folds under (scheme.md 2.3 and 2.6)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scoring_service.core.entries import Score
from scoring_service.core.fold import ConsequenceKind, FoldedFile, Step
from scoring_service.core.sanctions import Sanction, SanctionKind

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.core.rulebook import Rulebook

_SUSPENDING = frozenset({ConsequenceKind.SUSPENSION, ConsequenceKind.EXTENSION})


def brought(step: Step, span: Sanction) -> bool:
    """Tell whether what `step` brought is (in) `span` as it now stands.

    Suspensions of two scoring years run side by side: a step's lies in its own year's (scheme.md 2.3).
    """
    if step.consequence is None:
        return False
    if step.consequence.kind is ConsequenceKind.TERMINATION:
        is_its_kind = span.kind is SanctionKind.TERMINATION and span.measure is None
    else:
        is_its_kind = step.consequence.kind in _SUSPENDING and _is_suspension_of(span, step.year)
    return is_its_kind and span.covers(_start(step))


def _is_suspension_of(span: Sanction, year: int) -> bool:
    return span.kind is SanctionKind.SUSPENSION and span.year == year


def rulebook_of_sanction(folded: FoldedFile, span: Sanction) -> Rulebook:
    """Return the rulebook of the score that last made or moved `span`, a span of `folded` that points brought."""
    return step_of_sanction(folded, span).entry.rulebook


def step_of_sanction(folded: FoldedFile, span: Sanction) -> Step:
    """Return the step of the score that last made or moved `span`, a span of `folded` that points brought."""
    moved = _terminates if span.kind is SanctionKind.TERMINATION else _suspends
    return [step for step in folded.steps if moved(step, span)][-1]


def _terminates(step: Step, span: Sanction) -> bool:
    return (
        step.consequence is not None
        and step.consequence.kind is ConsequenceKind.TERMINATION
        and _start(step) == span.floor_from
    )


def _suspends(step: Step, span: Sanction) -> bool:
    return (
        step.consequence is not None
        and step.consequence.kind in _SUSPENDING
        and step.year == span.year
        and span.start <= _start(step)
        and span.ends_after(_start(step) - timedelta(days=span.credited_days))
    )


def _start(step: Step) -> date:
    return step.entry.rulebook.start(step.entry.effective_on)


def rulebook_of_points(folded: FoldedFile, year: int) -> Rulebook | None:
    """Return the rulebook of the last score that counts in the scoring year `year`; None if there is none."""
    scores = [
        step
        for step in folded.steps
        if isinstance(step.entry, Score) and step.year == year and step.corrected_to != 0
    ]
    return scores[-1].entry.rulebook if scores else None
