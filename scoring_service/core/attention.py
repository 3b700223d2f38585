"""What a standing asks attention for: the colour that it is shown in, and what is said first.

A file is calm only when nothing runs, nothing is known to begin, and no threshold is near. The thresholds are those of
the rulebook (scheme.md 2.6); how near is near is set here for every list and page.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from scoring_service.core.sanctions import Sanction, SanctionKind
from scoring_service.core.standing import NextThreshold, State, Status, next_threshold, pending, term_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.core.standing import Standing

NEAR_POINTS = 3
"""A threshold that this many points or fewer would reach is near."""


class Tone(StrEnum):
    """From the calmest on; `absent` is outside every registration."""

    CALM = "calm"
    ABSENT = "absent"
    WARNING = "warning"
    DANGER = "danger"


class Attention(NamedTuple):
    """The tone of a standing, the first sanction that is still to begin, and the threshold that is near.

    `term_ended_on` is the first day behind the last term while the file is suspended only because nobody has resumed
    it (scheme.md 2.4).
    """

    tone: Tone
    coming: Sanction | None
    near: NextThreshold | None
    term_ended_on: date | None


def attention(
    day: date, state: State, sanctions: Sequence[Sanction], points: int, rulebook: Rulebook
) -> Attention:
    """Return what a file in `state` on `day`, with `points` in that day's year under `rulebook`, asks attention for."""
    coming = min(pending(sanctions, day), key=lambda span: (span.start, span.kind), default=None)
    threshold = next_threshold(points, state.status, rulebook)
    near = threshold if threshold is not None and threshold.remaining <= NEAR_POINTS else None
    return Attention(
        tone=_tone(state.status, coming, near),
        coming=coming,
        near=near,
        term_ended_on=None if term_on(sanctions, day) else state.may_resume_from,
    )


def attention_of(standing: Standing) -> Attention:
    """Return what a standing asks attention for."""
    return attention(standing.as_of, standing.state, standing.sanctions, standing.points, standing.rulebook)


def _tone(status: Status, coming: Sanction | None, near: NextThreshold | None) -> Tone:
    if status is Status.TERMINATED or (coming is not None and coming.kind is SanctionKind.TERMINATION):
        return Tone.DANGER
    if status is Status.SUSPENDED or coming is not None:
        return Tone.WARNING
    if status is Status.NOT_REGISTERED:
        return Tone.ABSENT
    return Tone.CALM if near is None else Tone.WARNING
