"""Periods: as they are written, the days that they hold, and the ones before them."""

from datetime import date, timedelta

import pytest

from scoring_service.core.period import Period

WRITTEN = [
    "2024", "2025", *(f"{year}-Q{number}" for year in (2024, 2025) for number in range(1, 5)),
    *(f"{year}-{number:02}" for year in (2024, 2025) for number in range(1, 13)),
]  # fmt: skip


@pytest.mark.parametrize("written", WRITTEN)
def test_a_period_is_written_as_it_is_read(written):
    assert str(Period.read(written)) == written


@pytest.mark.parametrize("wrong", ["", "25", "2025-", "2025-13", "2025-00", "2025-Q0", "2025-Q5", "2025-q1", "2025-1", " 2025", "２０２５-01\n"])
def test_what_is_no_period_is_refused(wrong):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 -- what it says is compared
        Period.read(wrong)
    assert str(refused.value) == wrong


def days(period):
    return {period.first + timedelta(days=number) for number in range((period.until - period.first).days)}


def test_the_parts_of_a_year_are_the_year():
    for size in ([f"2024-Q{number}" for number in range(1, 5)], [f"2024-{number:02}" for number in range(1, 13)]):
        parts = [days(Period.read(written)) for written in size]
        assert sum(map(len, parts)) == 366
        assert set().union(*parts) == days(Period.of_year(2024))
    assert {day.month for day in days(Period.read("2024-Q3"))} == {7, 8, 9}


def test_the_month_before_and_that_of_the_year_before():
    month = Period.of_month(date(2025, 1, 31))
    assert [str(month.earlier(number)) for number in (0, 1, 12, -1)] == ["2025-01", "2024-12", "2024-01", "2025-02"]
    assert month.last_day == date(2025, 1, 31)
    assert str(Period.of_year(2025).earlier(12)) == "2024"
