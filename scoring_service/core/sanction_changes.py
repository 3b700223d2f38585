"""What an act makes of the sanctions of a file: which begin, which become others, which end; the rest is left out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring_service.core.sanctions import Sanction


class SanctionChange(NamedTuple):
    """A sanction before and after an act: `before` is None for one that begins by it, `after` for one that is gone."""

    before: Sanction | None
    after: Sanction | None

    @property
    def burdens(self) -> bool:
        """Whether it puts a day under a sanction that was under none of this span before."""
        if self.after is None:
            return False
        before = self.before
        return (
            before is None
            or self.after.start < before.start
            or _end(self.after.until) > _end(before.until)
            or _end(self.after.state_until) > _end(before.state_until)
        )


def sanction_changes(before: Sequence[Sanction], after: Sequence[Sanction]) -> tuple[SanctionChange, ...]:
    """Return what changed between two answers for one file, in the order of the spans after, those gone last."""
    left = list(before)
    pairs = []
    for span in after:
        was = next((old for old in left if _shown(old) == _shown(span)), None)
        was = was or next((old for old in left if _same(old, span, after)), None)
        if was is not None:
            left.remove(was)
        pairs.append(SanctionChange(was, span))
    pairs += [SanctionChange(old, None) for old in left]
    return tuple(pair for pair in pairs if _shown(pair.before) != _shown(pair.after))


def _same(old: Sanction, span: Sanction, after: Sequence[Sanction]) -> bool:
    """Tell whether `span` is what became of `old`: of its kind and year, and sharing a day with it."""
    if any(_shown(old) == _shown(other) for other in after):
        return False
    return (
        (old.kind, old.year, old.measure) == (span.kind, span.year, span.measure)
        and span.ends_after(old.start)
        and old.ends_after(span.start)
    )


def _shown(span: Sanction | None) -> tuple[object, ...] | None:
    """Return what people are told of a span."""
    return None if span is None else (span.kind, span.ground, span.start, span.until, span.state_until)


def _end(day: date | None) -> date:
    return date.max if day is None else day
