"""State of a file on a day and the distance to the next threshold (scheme.md 2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from scoring_service.core.sanctions import Sanction, SanctionKind, last_term_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scoring_service.core.fold import FoldedFile, Step
    from scoring_service.core.rulebook import Rulebook


_ONE_DAY = timedelta(days=1)


class Status(StrEnum):
    """正常 normal · 暂停 suspended · 终止 terminated · outside every registration span: not_registered."""

    NORMAL = "normal"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    NOT_REGISTERED = "not_registered"


class Span(NamedTuple):
    """A half-open span of dates; `until` None means open."""

    start: date
    until: date | None

    def covers(self, day: date) -> bool:
        """Tell whether `day` lies in the span."""
        return self.start <= day and (self.until is None or day < self.until)


def covered(spans: Iterable[Span], day: date) -> bool:
    """Tell whether `day` lies in one of the spans."""
    return any(span.covers(day) for span in spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state of a file on a day and the sanction that makes it.

    `until` is the first later day on which the file is normal by what is known: None unless suspended, None while a
    resumption is to be granted or a measure has no end, and when a termination comes before it. `may_resume_from` is
    the end of the last term while suspended and not resumed, `may_reapply_from` the end of the ban while terminated.
    """

    status: Status
    sanction: Sanction | None = None
    until: date | None = None
    may_resume_from: date | None = None
    may_reapply: bool = False
    may_reapply_from: date | None = None


_NORMAL, _NOT_REGISTERED = (State(status=status) for status in (Status.NORMAL, Status.NOT_REGISTERED))


def termination_on(sanctions: Iterable[Sanction], day: date) -> Sanction | None:
    """Return the last termination whose state holds on `day`, whether its ban has ended or not.

    Of two that begin and end together the one of points comes before a measure's, then the one whose state ends last.
    """
    return max((span for span in sanctions if span.terminates(day)), key=_last_begun, default=None)


def _last_begun(span: Sanction) -> tuple[date, date, bool, date]:
    return span.start, span.until or date.max, span.measure is None, span.state_until or date.max


def suspension_on(sanctions: Iterable[Sanction], day: date) -> Sanction | None:
    """Return the suspension whose state holds on `day`; of several the one whose state ends last, then its term."""
    return max((span for span in sanctions if span.suspends(day)), key=_last_ending, default=None)


def term_on(sanctions: Iterable[Sanction], day: date) -> Sanction | None:
    """Return the suspension of which the term covers `day`; of several the one that ends last."""
    terms = (span for span in sanctions if span.kind is SanctionKind.SUSPENSION and span.covers(day))
    return max(terms, key=_last_ending, default=None)


def _last_ending(span: Sanction) -> tuple[date, date, int, int]:
    """Of those that end together it is the one that began first: an answer given once stays as it was."""
    return span.state_until or date.max, span.until or date.max, -span.start.toordinal(), -(span.year or 0)


def state_on(day: date, sanctions: tuple[Sanction, ...], *, registered: bool) -> State:
    """Return the state on `day` of a file that is `registered` that day or not. Termination before suspension."""
    if not sanctions:
        return _NORMAL if registered else _NOT_REGISTERED
    termination = termination_on(sanctions, day)
    sanction = termination or suspension_on(sanctions, day)
    if not registered:
        return State(status=Status.NOT_REGISTERED, sanction=sanction)
    if termination is not None:
        return _terminated(day, sanctions, termination)
    if sanction is None:
        return _NORMAL
    return State(
        status=Status.SUSPENDED,
        sanction=sanction,
        until=_resumes_on(day, sanctions),
        may_resume_from=last_term_end(sanctions, day),
    )


def _terminated(day: date, sanctions: tuple[Sanction, ...], termination: Sanction) -> State:
    bans = [span for span in sanctions if span.terminates(day)]
    return State(
        status=Status.TERMINATED,
        sanction=termination,
        may_reapply=not any(ban.covers(day) for ban in bans),
        may_reapply_from=max((ban.until for ban in bans if ban.until is not None), default=None),
    )


def _resumes_on(day: date, sanctions: tuple[Sanction, ...]) -> date | None:
    while (suspension := suspension_on(sanctions, day)) is not None:
        end = suspension.state_until
        if end is None or any(day < span.start <= end and span.terminates(span.start) for span in sanctions):
            return None
        day = end
    return day


def restricted_since(day: date, sanctions: Iterable[Sanction]) -> date | None:
    """Return the first of the days up to `day` on which the file was suspended without a break, or was terminated.

    None when no sanction holds on `day`. Of spans that follow each other it is where the first of them began, but a
    suspension is not older than the termination before it.
    """
    spans = tuple(sanctions)
    if termination_on(spans, day) is not None:
        return _unbroken_since(day, [span for span in spans if span.kind is SanctionKind.TERMINATION])
    if suspension_on(spans, day) is None:
        return None
    bans = (span for span in spans if span.kind is SanctionKind.TERMINATION and span.start <= day)
    freed_on = max((ban.state_until for ban in bans if ban.state_until is not None), default=date.min)
    return max(freed_on, _unbroken_since(day, [span for span in spans if span.kind is SanctionKind.SUSPENSION]))


def _unbroken_since(day: date, spans: Sequence[Sanction]) -> date:
    first, before = day, day
    while any(span.holds(before) for span in spans):
        first = min(span.start for span in spans if span.holds(before))
        before = first - _ONE_DAY
    return first


def pending(sanctions: Iterable[Sanction], day: date) -> list[Sanction]:
    """Return the sanctions that begin after `day`."""
    return [span for span in sanctions if span.start > day]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextThreshold:
    """The next total with a consequence, and how many points remain to it."""

    points: int
    remaining: int
    consequence: SanctionKind


def next_threshold(points: int, status: Status, rulebook: Rulebook) -> NextThreshold | None:
    """Return the threshold above `points` under `rulebook`; None when terminated or when none is left."""
    if status is Status.TERMINATED or points >= rulebook.terminate_at:
        return None
    at, consequence = (
        (rulebook.suspend_at, SanctionKind.SUSPENSION)
        if points < rulebook.suspend_at
        else (rulebook.terminate_at, SanctionKind.TERMINATION)
    )
    return NextThreshold(points=at, remaining=at - points, consequence=consequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A file on the day `as_of`: totals by scoring year, state, distance and the trace that led there."""

    as_of: date
    points: int
    totals: dict[int, int]
    state: State
    sanctions: tuple[Sanction, ...]
    next_threshold: NextThreshold | None
    rulebook: Rulebook
    trace: tuple[Step, ...]


def standing(as_of: date, folded: FoldedFile, registrations: Iterable[Span], rulebook: Rulebook) -> Standing:
    """Return the standing on `as_of`; `rulebook` is the one under which `next_threshold` is told."""
    state = state_on(as_of, folded.sanctions, registered=covered(registrations, as_of))
    totals = folded.totals(as_of)
    points = totals.get(as_of.year, 0)
    return Standing(
        as_of=as_of,
        points=points,
        totals=totals,
        state=state,
        sanctions=folded.sanctions,
        next_threshold=next_threshold(points, state.status, rulebook),
        rulebook=rulebook,
        trace=tuple(step for step in folded.steps if step.entry.effective_on <= as_of),
    )
