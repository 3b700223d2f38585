"""Working days of scheme.md 2.7, counted a second time from the same published days."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import yaml

CALENDARS = Path(__file__).parents[2] / "config" / "calendar"
ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class WorkingDays:
    """The days off on weekdays, those worked on weekends, and the years of which they are known."""

    off: frozenset = frozenset()
    worked: frozenset = frozenset()
    years: frozenset = frozenset()

    def is_worked(self, day):
        return day in self.worked or (day.weekday() < SATURDAY and day not in self.off)

    def before(self, day, how_many):
        return self._counted(day, how_many, -ONE_DAY)

    def after(self, day, how_many):
        return self._counted(day, how_many, ONE_DAY)

    def _counted(self, day, how_many, step):
        while how_many:
            day += step
            how_many -= self.is_worked(day)
        return day

    def are_known(self, first, last):
        """Whether nothing is provisional between two days."""
        return set(range(first.year, last.year + 1)) <= self.years


WEEKDAYS = WorkingDays()


def published():
    """The days that config/calendar holds."""
    off, worked, years = set(), set(), set()
    for path in CALENDARS.glob("*.yaml"):
        calendar = yaml.safe_load(path.read_text(encoding="utf-8"))
        years.add(calendar["year"])
        for days, named in ((off, calendar["holidays"]), (worked, calendar["make_up_days"])):
            days.update(day if isinstance(day, date) else date.fromisoformat(day) for days_of in named.values() for day in days_of)
    return WorkingDays(off=frozenset(off), worked=frozenset(worked), years=frozenset(years))
