"""Working days of the State Council's calendar (scheme.md 2.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The last day of a deadline, which ends at 24:00; `provisional` while a calendar it reaches is unpublished."""

    last_day: date
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """The published years, their holidays on weekdays and their make-up days on weekends."""

    years: frozenset[int]
    holidays: frozenset[date]
    make_up_days: frozenset[date]

    def is_working_day(self, day: date) -> bool:
        """Tell whether `day` is worked; an unpublished year is counted with plain weekdays."""
        if day in self.make_up_days:
            return True
        return day.weekday() < SATURDAY and day not in self.holidays

    def differs_from(self, other: WorkingCalendar) -> date | None:
        """Return the earliest day that the two count differently, None when they are the same.

        Of a year that only one of them holds as published it is 1 January.
        """
        days = (self.holidays ^ other.holidays) | (self.make_up_days ^ other.make_up_days)
        days |= {date(year, 1, 1) for year in self.years ^ other.years}
        return min(days, default=None)

    def deadline(self, start: date, working_days: int) -> Deadline:
        """Return the deadline `working_days` working days after `start`, the starting day excluded."""
        day = start
        left = working_days
        while left > 0:
            day += timedelta(days=1)
            left -= self.is_working_day(day)
        published = all(year in self.years for year in range(start.year, day.year + 1))
        return Deadline(last_day=day, provisional=not published)

    def working_days(self, after: date, through: date) -> int:
        """Return how many working days lie behind `after`, up to and with `through`; 0 when none do."""
        days = (after + timedelta(days=number) for number in range(1, (through - after).days + 1))
        return sum(map(self.is_working_day, days))

    def working_day_before(self, day: date, working_days: int) -> date:
        """Return the working day that lies `working_days` working days before `day`, that day not counted.

        An unpublished year is counted with plain weekdays. Without working days to go back it is `day` itself.
        """
        left = working_days
        while left > 0:
            day -= timedelta(days=1)
            left -= self.is_working_day(day)
        return day
