"""Calendar arithmetic in months and years (scheme.md 2.3)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

MONTHS_PER_YEAR = 12


def add_months(day: date, months: int) -> date:
    """Return `day` plus `months` calendar months, clipped to the month's end (31 Jan + 1 = 28 or 29 Feb)."""
    year, month = divmod(day.year * MONTHS_PER_YEAR + day.month - 1 + months, MONTHS_PER_YEAR)
    if day.day <= 28:  # noqa: PLR2004 - every month has 28 days, so nothing is clipped.
        return date(year, month + 1, day.day)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """Return `day` plus `years` years, clipped to the month's end (29 Feb + 1 = 28 Feb)."""
    return add_months(day, years * MONTHS_PER_YEAR)


def first_of_next_month(day: date) -> date:
    """Return the first day of the month after `day`."""
    return add_months(day.replace(day=1), 1)
