"""Civil dates: the days of the scheme are those of Asia/Shanghai (scheme.md 2)."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

CIVIL_ZONE = ZoneInfo("Asia/Shanghai")


def civil_day(instant: datetime) -> date:
    """Return the day on which an instant with an offset lies."""
    return instant.astimezone(CIVIL_ZONE).date()


def midnight(day: date) -> datetime:
    """Return the first instant of a day."""
    return datetime.combine(day, time(), CIVIL_ZONE)
