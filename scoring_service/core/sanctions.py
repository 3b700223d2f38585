"""Sanction spans: how they begin, grow, end and shorten (scheme.md 2.3). Every span is half open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from scoring_service.core.months import MONTHS_PER_YEAR, add_months
from scoring_service.core.rulebook import Ground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from scoring_service.core.rulebook import Rulebook


class SanctionKind(StrEnum):
    """The two sanctions: 暂停 suspension and 终止 termination."""

    SUSPENSION = "suspension"
    TERMINATION = "termination"


class Resumed(NamedTuple):
    """By which resumption the state of a suspension ends: the id of the entry, its day, and the days it was late."""

    entry: str
    day: date
    late_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanction:
    """A span `[start, until)` of a sanction: the term of a suspension, the ban of a termination.

    Its state can outlast it (scheme.md 2.4): it holds until `state_until`, None while a resumption or a
    re-registration is still to come. `until` is None for a measure without an end. `floor_from` is the day from which
    the floor of a credit is counted and `imposed_months` what was imposed from there. `year` is the scoring year that
    a sanction of points belongs to. `on_application`: the state of this suspension ends by a resumption only.
    `resumption` is what resumed it, and `measure` the id of the measure that made it, if any did.
    """

    kind: SanctionKind
    ground: Ground
    start: date
    until: date | None
    year: int | None
    imposed_months: int
    floor_from: date
    credited_days: int = 0
    state_until: date | None
    on_application: bool = False
    resumption: Resumed | None = None
    measure: str | None = None

    def covers(self, day: date) -> bool:
        """Tell whether `day` lies in the span: in the term of a suspension, in the ban of a termination."""
        return self.start <= day and (self.until is None or day < self.until)

    def holds(self, day: date) -> bool:
        """Tell whether the state that this sanction makes holds on `day`."""
        return self.start <= day and (self.state_until is None or day < self.state_until)

    def suspends(self, day: date) -> bool:
        """Tell whether this is a suspension whose state holds on `day`."""
        return self.kind is SanctionKind.SUSPENSION and self.holds(day)

    def terminates(self, day: date) -> bool:
        """Tell whether this is a termination whose state holds on `day`, whether its ban has ended or not."""
        return self.kind is SanctionKind.TERMINATION and self.holds(day)

    def is_open_ban(self) -> bool:
        """Tell whether this is a termination whose state nothing has ended."""
        return self.kind is SanctionKind.TERMINATION and self.state_until is None

    def ends_after(self, day: date) -> bool:
        """Tell whether the span reaches beyond `day`."""
        return self.until is None or self.until > day


def in_order(sanctions: list[Sanction]) -> tuple[Sanction, ...]:
    """Return the spans ordered by start, kind, until and ground, as every answer lists them; an open one is last.

    What is equal in all of them is ordered by the state's end and the year, so that no order hangs on that of entries.
    """
    if len(sanctions) < 2:  # noqa: PLR2004 - one span needs no order.
        return tuple(sanctions)
    return tuple(sorted(sanctions, key=_place))


def _place(span: Sanction) -> tuple[date, str, date, str, date, int]:
    until, state_until = span.until or date.max, span.state_until or date.max
    return span.start, span.kind.value, until, span.ground.value, state_until, span.year or 0


def terminate(
    sanctions: list[Sanction], start: date, year: int, ground: Ground, ban_years: int
) -> list[Sanction]:
    """Return the spans after a termination from `start`: bans of points merge, the year's suspensions end.

    Of several bans that end after `start`, as mixed rulebooks can bring them, the one that ends last is moved.
    """
    ban_months = ban_years * MONTHS_PER_YEAR
    until = add_months(start, ban_months)
    kept = _ended(sanctions, start, lambda span: span.year == year)
    bans = (span for span in kept if _merges(span, start))
    running = max(bans, key=lambda span: span.until or date.max, default=None)
    if running is None:
        return [*kept, _ban(ground, start, ban_months, year=year, measure=None)]
    moved = replace(running, start=min(running.start, start))
    if running.until is not None and until > running.until:
        moved = replace(moved, until=until, ground=ground, imposed_months=ban_months, floor_from=start)
    return [moved if span is running else span for span in kept]


def _merges(span: Sanction, start: date) -> bool:
    return span.is_open_ban() and span.measure is None and span.ends_after(start)


def _ban(ground: Ground, start: date, months: int, *, year: int | None, measure: str | None) -> Sanction:
    return Sanction(
        kind=SanctionKind.TERMINATION,
        ground=ground,
        start=start,
        until=add_months(start, months),
        year=year,
        imposed_months=months,
        floor_from=start,
        state_until=None,
        measure=measure,
    )


def suspend(
    sanctions: list[Sanction],
    start: date,
    year: int,
    ground: Ground,
    months: int,
    *,
    on_application: bool,
) -> list[Sanction]:
    """Return the spans after `months` more of suspension for scoring year `year` from `start`.

    `on_application` is how a new suspension ends; one that grows ends as it did, and is no longer resumed.
    """
    running = max(
        (
            span
            for span in sanctions
            if span.kind is SanctionKind.SUSPENSION and span.year == year and span.ends_after(start)
        ),
        key=lambda span: span.until or date.max,
        default=None,
    )
    if running is None:
        until = add_months(start, months)
        return [
            *sanctions,
            Sanction(
                kind=SanctionKind.SUSPENSION,
                ground=ground,
                start=start,
                until=until,
                year=year,
                imposed_months=months,
                floor_from=start,
                state_until=None if on_application else until,
                on_application=on_application,
            ),
        ]
    grown = _grow(running, start, months)
    return [grown if span is running else span for span in sanctions]


def _grow(span: Sanction, start: date, months: int) -> Sanction:
    begins = min(span.start, start)
    imposed = span.imposed_months + months
    until = add_months(begins, imposed) - timedelta(days=span.credited_days)
    return replace(
        span,
        start=begins,
        until=until,
        imposed_months=imposed,
        floor_from=begins,
        state_until=None if span.on_application else until,
        resumption=None,
    )


def creditable(sanctions: Iterable[Sanction], day: date) -> Sanction | None:
    """Return the span that a term credit on `day` shortens: a termination first, then the one that ends last.

    Suspensions that end together are told apart by start and year, whatever the order of entries; those of a measure
    are left out (scheme.md 2.3).
    """
    running = [span for span in sanctions if span.measure is None and span.covers(day) and _unanswered(span)]
    return max(
        running,
        key=lambda span: (span.kind is SanctionKind.TERMINATION, span.until, span.start, span.year),
        default=None,
    )


def _unanswered(span: Sanction) -> bool:
    return span.kind is SanctionKind.SUSPENSION or span.state_until is None


def earliest_end(span: Sanction, day: date, rulebook: Rulebook) -> date:
    """Return the earliest day to which a credit made on `day` may move the end of `span`: its floor or `day`."""
    floor = add_months(span.floor_from, rulebook.floor_months(span.imposed_months))
    return max(day, floor)


def days_to_credit(span: Sanction, day: date, rulebook: Rulebook) -> int:
    """Return how many days a credit made on `day` may take off `span`; 0 or less at its floor or for an open one."""
    return 0 if span.until is None else (span.until - earliest_end(span, day, rulebook)).days


def shorten(sanctions: list[Sanction], day: date, days: int, rulebook: Rulebook) -> list[Sanction]:
    """Return the spans after a term credit of `days` on `day`; without a running sanction nothing changes.

    A term that was resumed takes along its state, and the states that were resumed with it.
    """
    span = creditable(sanctions, day)
    if span is None or span.until is None:
        return sanctions
    moved = max(0, min(days, days_to_credit(span, day, rulebook)))
    until = span.until - timedelta(days=moved)
    follows = span.kind is SanctionKind.SUSPENSION and not span.on_application
    shorter = replace(
        span,
        until=until,
        credited_days=span.credited_days + moved,
        state_until=until if follows else span.state_until,
    )
    shortened = [shorter if other is span else other for other in sanctions]
    return shortened if span.resumption is None else _end_together(shortened, span.resumption)


def resumable(sanctions: Iterable[Sanction], day: date) -> list[Sanction]:
    """Return the suspensions that wait for a resumption on `day`: begun, and nothing else is to end their state."""
    return [
        span
        for span in sanctions
        if span.on_application and span.start <= day and span.state_until is None
    ]


def last_term_end(sanctions: Iterable[Sanction], day: date) -> date | None:
    """Return the end of the last term among the suspensions that wait for a resumption on `day`; None without one."""
    return max((span.until for span in resumable(sanctions, day) if span.until is not None), default=None)


def resume(sanctions: list[Sanction], resumed: Resumed) -> list[Sanction]:
    """Return the spans after a resumption: those not resumed yet are resumed together.

    A state that a termination will end is resumed too: a backfill may have brought one that nobody knew of that day.
    """
    together = [replace(span, resumption=resumed) if _unresumed(span, resumed.day) else span for span in sanctions]
    return _end_together(together, resumed)


def _unresumed(span: Sanction, day: date) -> bool:
    return span.on_application and span.resumption is None and span.suspends(day)


def _end_together(sanctions: list[Sanction], resumed: Resumed) -> list[Sanction]:
    """Return the spans with the states that a resumption ends: at the last end of their terms, and late days after.

    Never later than the later of that end and the day of the resumption (scheme.md 2.3), nor later than before: a
    termination may end a state earlier, and terms are only shortened once they are resumed. One that grows leaves the
    others as they were resumed.
    """
    last = max((span.until for span in sanctions if span.resumption == resumed and span.until), default=resumed.day)
    end = min(last + timedelta(days=resumed.late_days), max(last, resumed.day))
    return [
        replace(span, state_until=min(end, span.state_until or end)) if span.resumption == resumed else span
        for span in sanctions
    ]


def suspend_by_measure(
    sanctions: list[Sanction], measure: str, start: date, until: date | None
) -> list[Sanction]:
    """Return the spans with the suspension that the measure with this id makes; an empty span makes none."""
    if until is not None and until <= start:
        return sanctions
    return [
        *sanctions,
        Sanction(
            kind=SanctionKind.SUSPENSION,
            ground=Ground.MEASURE,
            start=start,
            until=until,
            year=None,
            imposed_months=0,
            floor_from=start,
            state_until=until,
            measure=measure,
        ),
    ]


def terminate_by_measure(
    sanctions: list[Sanction], measure: str, start: date, ban_years: int
) -> list[Sanction]:
    """Return the spans with the termination that the measure with this id makes: always a span of its own."""
    months = ban_years * MONTHS_PER_YEAR
    return [*sanctions, _ban(Ground.MEASURE, start, months, year=None, measure=measure)]


def lift(sanctions: list[Sanction], measure: str, day: date) -> list[Sanction]:
    """Return the spans after the measure with this id was lifted on `day`; what has ended before stays as it is."""
    return [
        kept
        for span in sanctions
        if (kept := _end_at(span, day) if span.measure == measure else span) is not None
    ]


def start_anew(sanctions: list[Sanction], day: date) -> list[Sanction]:
    """Return the spans after a re-registration on `day`; a termination that begins later stays."""
    ended = _ended(sanctions, day, lambda span: span.kind is SanctionKind.SUSPENSION)
    return [replace(span, state_until=day) if span.is_open_ban() and span.start <= day else span for span in ended]


def _ended(sanctions: Sequence[Sanction], day: date, is_meant: Callable[[Sanction], bool]) -> list[Sanction]:
    """Return the spans with the suspensions that are meant ended at `day`; those that had not begun are gone."""
    kept = []
    for span in sanctions:
        if span.kind is SanctionKind.TERMINATION or not is_meant(span):
            kept.append(span)
        elif (ended := _end_at(span, day)) is not None:
            kept.append(ended)
    return kept


def _end_at(span: Sanction, day: date) -> Sanction | None:
    """Return a span whose term and state end at `day` at the latest, None if it would begin then or later."""
    if span.start >= day:
        return None
    if span.state_until is None or span.state_until > day:
        # No resumption ends this state any more, nor does a change of another's term.
        span = replace(span, state_until=day, resumption=None)
    return replace(span, until=day) if span.ends_after(day) else span
