"""The year of a file as a drawing: the total day by day, the entries, sanctions and appeals as spans.

Geometry only, in units of the drawing; the template makes the SVG. Two widths, so that a phone reads it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scoring_service.core.entries import EntryKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring_service.core.fold import Step
    from scoring_service.core.rulebook import Rulebook

LEFT, RIGHT, TOP = 30, 12, 14
CHART_HEIGHT, SPAN_HEIGHT, GAP = 132, 24, 8
# The label of a bar: its kind and two days, the second with its year where that is another.
LABEL_ROOM, LABEL_ROOM_WITH_YEAR = 165, 200
# What an entry did: a sign and two digits.
MARK_ROOM = 28
LEAST_WIDTH = 3
NARROW = 500
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An entry on the line of totals: where, and what it did."""

    x: float
    y: float
    kind: str
    label: str
    label_x: float
    below: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A sanction or an appeal, `[start, until)`; an appeal that still runs has no `until`.

    The state of a sanction holds beyond its term to `state_until`, None while it still does (scheme.md 2.4).
    """

    kind: str
    start: date
    until: date | None
    state_until: date | None

    @property
    def last(self) -> date | None:
        """The last day, as its label tells it."""
        return None if self.until is None else self.until - _ONE_DAY

    def end(self, today: date) -> date:
        """Return the first day behind what is drawn: of what still holds that is today, if not a term goes on."""
        return self.state_until or max(today, self.until or self.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A span within the year, cut at its ends; its label stands in it where there is room, else beside it.

    `rest` is the width of what follows the term while the state holds on.
    """

    x: float
    y: float
    width: float
    rest: float
    span: Span
    label_x: float
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Everything that the SVG holds."""

    year: int
    width: int
    height: float
    left: int
    right: float
    base: float
    line: str
    months: tuple[tuple[float, int], ...]
    levels: tuple[tuple[float, int, str], ...]
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]
    today_x: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    year: int
    width: int
    highest: int

    @property
    def base(self) -> float:
        return TOP + CHART_HEIGHT

    def x(self, day: date) -> float:
        first, last = date(self.year, 1, 1), date(self.year + 1, 1, 1)
        share = min(max((day - first).days, 0), (last - first).days) / (last - first).days
        return round(LEFT + share * (self.width - LEFT - RIGHT), 1)

    def y(self, points: int) -> float:
        return round(self.base - points / self.highest * CHART_HEIGHT, 1)


def draw(
    year: int,
    width: int,
    *,
    steps: Sequence[Step],
    spans: Sequence[Span],
    rulebook: Rulebook,
    today: date,
) -> Drawing:
    """Return the drawing of `year`, `width` units wide."""
    frame = _Frame(year=year, width=width, highest=rulebook.terminate_at)
    of_year = [step for step in steps if step.year == year and step.entry.effective_on.year == year]
    bars = _bars(frame, spans, today)
    return Drawing(
        year=year,
        width=width,
        height=frame.base + 26 + (SPAN_HEIGHT + GAP) * len(bars) + 4,
        left=LEFT,
        right=width - RIGHT,
        base=frame.base,
        line=_line(frame, of_year, today),
        months=_months(frame),
        levels=(
            (frame.y(rulebook.suspend_at), rulebook.suspend_at, "suspended"),
            (frame.y(rulebook.terminate_at), rulebook.terminate_at, "terminated"),
        ),
        marks=tuple(_marks(frame, of_year)),
        bars=bars,
        today_x=frame.x(today) if today.year == year else None,
    )


def _line(frame: _Frame, steps: Sequence[Step], today: date) -> str:
    """Return the path of the total over the year, up to today."""
    path = [f"M{frame.x(date(frame.year, 1, 1))} {frame.y(0)}"]
    for step in steps:
        path += [f"H{frame.x(step.entry.effective_on)}", f"V{frame.y(step.total_after)}"]
    end = min(today, date(frame.year + 1, 1, 1))
    if end.year >= frame.year:
        path.append(f"H{frame.x(end)}")
    return "".join(path)


def _months(frame: _Frame) -> tuple[tuple[float, int], ...]:
    every = 2 if frame.width < NARROW else 1
    return tuple((frame.x(date(frame.year, month, 1)), month) for month in range(1, 13, every))


def _marks(frame: _Frame, steps: Sequence[Step]) -> list[Mark]:
    marks = []
    for step in steps:
        x, y = frame.x(step.entry.effective_on), frame.y(step.total_after)
        marks.append(
            Mark(
                x=x,
                y=y,
                label_x=min(x + 8, frame.width - MARK_ROOM),
                kind=step.entry.kind.value,
                label=_label(step),
                below=y < TOP + 22,
            )
        )
    return marks


def _label(step: Step) -> str:
    if step.entry.kind in {EntryKind.SCORE, EntryKind.POINTS_CREDIT}:
        return f"{step.counted:+d}" if step.counted else "0"
    return ""


def _bars(frame: _Frame, spans: Sequence[Span], today: date) -> tuple[Bar, ...]:
    first, last = date(frame.year, 1, 1), date(frame.year + 1, 1, 1)
    shown = [span for span in spans if span.start < last and first < span.end(today + _ONE_DAY)]
    return tuple(_bar(frame, position, span, today) for position, span in enumerate(shown))


def _bar(frame: _Frame, position: int, span: Span, today: date) -> Bar:
    x, term, end = (frame.x(day) for day in (span.start, span.until or span.end(today), span.end(today)))
    width = round(term - x, 1)
    rest = round(end - term, 1)
    if width + rest < LEAST_WIDTH:
        width = LEAST_WIDTH
    label_x, anchor = _label_place(frame, x, width + rest, _label_room(frame, span))
    y = frame.base + 26 + position * (SPAN_HEIGHT + GAP)
    return Bar(x=x, y=y, width=width, rest=rest, span=span, label_x=label_x, anchor=anchor)


def _label_room(frame: _Frame, span: Span) -> int:
    return LABEL_ROOM if span.last is None or span.last.year == frame.year else LABEL_ROOM_WITH_YEAR


def _label_place(frame: _Frame, x: float, width: float, room: int) -> tuple[float, str]:
    """Return where a label stands and which end of it: in the bar, else right of it, else left of it."""
    if width >= room:
        return x + 8, "start"
    if x + width + 6 + room <= frame.width:
        return x + width + 6, "start"
    if x >= room:
        return x - 6, "end"
    return frame.width - room, "start"
