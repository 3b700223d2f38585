"""How a written span meets those on record: added, ended, or refused because it overlaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from scoring_service.core.registry import SpanVersion
from scoring_service.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from scoring_service.core.standing import Span

Version = TypeVar("Version", bound=SpanVersion)


def check_span(span: Span, pointer: str) -> None:
    """Check that a span holds at least a day. Raises Invalid at `pointer`."""
    if span.until is not None and span.until <= span.start:
        raise Invalid(pointer, "最后一日不得早于起始日 / a span holds at least a day: until must be later than from")


def overlap(some: Span, other: Span) -> bool:
    """Tell whether two half-open spans share a day."""
    return (other.until is None or some.start < other.until) and (some.until is None or other.start < some.until)


def touching(present: Iterable[Version], span: Span, *, but: Version | None = None) -> list[Version]:
    """Return the spans on record that share a day with `span`, other than `but`."""
    return [version for version in present if version is not but and overlap(version.span, span)]


def unbroken(present: Sequence[Version], last: Version) -> list[Version]:
    """Return the spans that lead up to `last` without a free day, in the order of their start, `last` among them."""
    chain = [last]
    for version in sorted(present, key=lambda version: version.span.start, reverse=True):
        if version.span.until == chain[0].span.start:
            chain.insert(0, version)
    return chain


def superseded_span(present: Sequence[Version], from_on: date | None, until_on: date | None) -> Version | None:
    """Return the span on record that the written one ends: the one with its first day, else the open one.

    Without `until_on` nothing is ended; the written span is a new one.
    """
    if until_on is None:
        return None
    if from_on is None:
        return next((version for version in present if version.span.until is None), None)
    return next((version for version in present if version.span.start == from_on), None)
