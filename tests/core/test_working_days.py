"""Counting working days (scheme.md 2.7). The published calendars are tested in tests/calendar."""

from datetime import date

import pytest
from core_files import day

from scoring_service.core.working_days import WorkingCalendar

# 2025: Thursday 1 May and Friday 2 May free, Sunday 27 April worked.
CALENDAR = WorkingCalendar(
    years=frozenset({2025}),
    holidays=frozenset({date(2025, 5, 1), date(2025, 5, 2)}),
    make_up_days=frozenset({date(2025, 4, 27)}),
)


@pytest.mark.parametrize(
    ("on", "worked"),
    [
        ("04-25", True),
        ("04-26", False),
        ("04-27", True),
        ("05-01", False),
        ("05-05", True),
        ("2026-05-01", True),
        ("2026-05-02", False),
    ],
)
def test_is_a_working_day(on, worked):
    assert CALENDAR.is_working_day(day(on)) is worked


@pytest.mark.parametrize(
    ("start", "working_days", "last_day", "provisional"),
    [
        ("04-25", 1, "04-27", False),
        ("04-26", 1, "04-27", False),
        ("04-27", 1, "04-28", False),
        ("04-30", 1, "05-05", False),
        ("04-25", 10, "05-12", False),
        ("12-30", 1, "12-31", False),
        ("12-31", 1, "2026-01-01", True),
        ("12-24", 10, "2026-01-07", True),
    ],
)
def test_the_starting_day_is_not_counted(start, working_days, last_day, provisional):
    deadline = CALENDAR.deadline(day(start), working_days)
    assert (deadline.last_day, deadline.provisional) == (day(last_day), provisional)


@pytest.mark.parametrize(
    ("end", "working_days", "first"),
    [
        ("04-28", 1, "04-27"),
        ("04-27", 1, "04-25"),
        ("04-26", 1, "04-25"),
        ("05-05", 1, "04-30"),
        ("05-12", 10, "04-25"),
        ("2026-01-02", 1, "2026-01-01"),
        ("2026-01-07", 15, "12-17"),
        ("05-03", 0, "05-03"),
    ],
)
def test_days_are_counted_back_from_a_day_that_is_not_counted(end, working_days, first):
    assert CALENDAR.working_day_before(day(end), working_days) == day(first)


def test_back_and_forth_agree_on_working_days():
    for working_days in range(1, 16):
        first = CALENDAR.working_day_before(day("05-12"), working_days)
        assert CALENDAR.deadline(first, working_days).last_day == day("05-12")
