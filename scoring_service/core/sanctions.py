"""Sanction spans: how they begin, grow, end and shorten (scheme.md 2.3). Every span is half open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scoring_service.core.months import MONTHS_PER_YEAR, add_months
from scoring_service.core.rulebook import Ground

if TYPE_CHECKING:
    from scoring_service.core.rulebook import Rulebook


class SanctionKind(StrEnum):
    """The two sanctions: 暂停 suspension and 终止 termination."""

    SUSPENSION = "suspension"
    TERMINATION = "termination"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanction:
    """A span `[start, until)` of a sanction.

    `until` of a termination is the end of its ban; the state it makes lasts until `answered_on`, the day of the
    re-registration, if there was one. `floor_from` is the day from which the floor of a credit is counted and
    `imposed_months` what was imposed from there. `year` is the scoring year that a suspension belongs to.
    """

    kind: SanctionKind
    ground: Ground
    start: date
    until: date
    year: int
    imposed_months: int
    floor_from: date
    credited_days: int = 0
    answered_on: date | None = None

    def covers(self, day: date) -> bool:
        """Tell whether `day` lies in the span (for a termination: in its ban)."""
        return self.start <= day < self.until

    def makes_terminated(self, day: date) -> bool:
        """Tell whether this termination holds on `day`: from its start until a re-registration answers it."""
        return (
            self.kind is SanctionKind.TERMINATION
            and self.start <= day
            and (self.answered_on is None or day < self.answered_on)
        )

    def is_open_ban(self) -> bool:
        """Tell whether this is a termination that no re-registration has answered."""
        return self.kind is SanctionKind.TERMINATION and self.answered_on is None


def in_order(sanctions: list[Sanction]) -> tuple[Sanction, ...]:
    """Return the spans ordered by start, kind and until, as every answer lists them."""
    if len(sanctions) < 2:  # noqa: PLR2004 - one span needs no order.
        return tuple(sanctions)
    return tuple(sorted(sanctions, key=lambda span: (span.start, span.kind.value, span.until)))


def terminate(
    sanctions: list[Sanction], start: date, year: int, ground: Ground, ban_years: int
) -> list[Sanction]:
    """Return the spans after a termination from `start`: bans merge, the year's suspensions end."""
    ban_months = ban_years * MONTHS_PER_YEAR
    until = add_months(start, ban_months)
    kept = [span for span in (_cut(span, start, year) for span in sanctions) if span is not None]
    running = next((span for span in kept if span.is_open_ban() and span.until > start), None)
    if running is None:
        return [
            *kept,
            Sanction(
                kind=SanctionKind.TERMINATION,
                ground=ground,
                start=start,
                until=until,
                year=year,
                imposed_months=ban_months,
                floor_from=start,
            ),
        ]
    moved = replace(running, start=min(running.start, start))
    if until > running.until:
        moved = replace(moved, until=until, ground=ground, imposed_months=ban_months, floor_from=start)
    return [moved if span is running else span for span in kept]


def _cut(span: Sanction, start: date, year: int) -> Sanction | None:
    if span.kind is SanctionKind.TERMINATION or span.year != year or span.until <= start:
        return span
    return replace(span, until=start) if span.start < start else None


def suspend(sanctions: list[Sanction], start: date, year: int, ground: Ground, months: int) -> list[Sanction]:
    """Return the spans after `months` more of suspension for scoring year `year` from `start`."""
    running = max(
        (
            span
            for span in sanctions
            if span.kind is SanctionKind.SUSPENSION and span.year == year and span.until > start
        ),
        key=lambda span: span.until,
        default=None,
    )
    if running is None:
        return [
            *sanctions,
            Sanction(
                kind=SanctionKind.SUSPENSION,
                ground=ground,
                start=start,
                until=add_months(start, months),
                year=year,
                imposed_months=months,
                floor_from=start,
            ),
        ]
    grown = _grow(running, start, months)
    return [grown if span is running else span for span in sanctions]


def _grow(span: Sanction, start: date, months: int) -> Sanction:
    begins = min(span.start, start)
    imposed = span.imposed_months + months
    until = add_months(begins, imposed) - timedelta(days=span.credited_days)
    return replace(span, start=begins, until=until, imposed_months=imposed, floor_from=begins)


def creditable(sanctions: list[Sanction] | tuple[Sanction, ...], day: date) -> Sanction | None:
    """Return the span that a term credit on `day` shortens: a termination first, then the one that ends last.

    Suspensions that end together are told apart by start and year, whatever the order of entries (scheme.md 2.3).
    """
    running = [span for span in sanctions if span.covers(day) and span.answered_on is None]
    return max(
        running,
        key=lambda span: (span.kind is SanctionKind.TERMINATION, span.until, span.start, span.year),
        default=None,
    )


def earliest_end(span: Sanction, day: date, rulebook: Rulebook) -> date:
    """Return the earliest day to which a credit made on `day` may move the end of `span`: its floor or `day`."""
    floor = add_months(span.floor_from, rulebook.floor_months(span.imposed_months))
    return max(day, floor)


def shorten(sanctions: list[Sanction], day: date, days: int, rulebook: Rulebook) -> list[Sanction]:
    """Return the spans after a term credit of `days` on `day`; without a running sanction nothing changes."""
    span = creditable(sanctions, day)
    if span is None:
        return sanctions
    until = min(span.until, max(span.until - timedelta(days=days), earliest_end(span, day, rulebook)))
    moved = (span.until - until).days
    shorter = replace(span, until=until, credited_days=span.credited_days + moved)
    return [shorter if other is span else other for other in sanctions]


def start_anew(sanctions: list[Sanction], day: date) -> list[Sanction]:
    """Return the spans after a re-registration on `day`; a termination that begins later stays."""
    kept = []
    for span in sanctions:
        if span.kind is SanctionKind.TERMINATION:
            answers = span.answered_on is None and span.start <= day
            kept.append(replace(span, answered_on=day) if answers else span)
        elif span.start < day:
            kept.append(replace(span, until=min(span.until, day)))
    return kept
