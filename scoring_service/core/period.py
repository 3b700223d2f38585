"""A period that statistics are told of: a month, a quarter or a calendar year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scoring_service.core.months import MONTHS_PER_YEAR, add_months

if TYPE_CHECKING:
    from typing import Self

QUARTER = 3
_WRITTEN = re.compile(r"(?P<year>[0-9]{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The whole months `months` from the day `first` on: 1, 3 or 12."""

    first: date
    months: int

    @classmethod
    def of_year(cls, year: int) -> Self:
        """Return a calendar year, which is a scoring year (P28)."""
        return cls(first=date(year, 1, 1), months=MONTHS_PER_YEAR)

    @classmethod
    def of_month(cls, day: date) -> Self:
        """Return the month in which a day lies."""
        return cls(first=day.replace(day=1), months=1)

    @classmethod
    def read(cls, written: str) -> Self:
        """Return the period that is written as 2025, 2025-Q1 or 2025-03. Raises ValueError."""
        match = _WRITTEN.fullmatch(written)
        if match is None:
            raise ValueError(written)
        year = int(match["year"])
        if match["quarter"]:
            return cls(first=date(year, QUARTER * int(match["quarter"]) - 2, 1), months=QUARTER)
        if match["month"]:
            return cls(first=date(year, int(match["month"]), 1), months=1)
        return cls.of_year(year)

    @property
    def until(self) -> date:
        """The first day after the period."""
        return add_months(self.first, self.months)

    @property
    def last_day(self) -> date:
        """The last day of the period."""
        return self.until - timedelta(days=1)

    @property
    def year(self) -> int:
        """The calendar year in which the period lies."""
        return self.first.year

    def earlier(self, months: int) -> Self:
        """Return the period as long that begins so many months before."""
        return type(self)(first=add_months(self.first, -months), months=self.months)

    def __str__(self) -> str:
        """Return the period as it is written."""
        if self.months == MONTHS_PER_YEAR:
            return str(self.year)
        if self.months == QUARTER:
            return f"{self.year}-Q{(self.first.month + 2) // QUARTER}"
        return f"{self.first:%Y-%m}"
