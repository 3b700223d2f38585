"""Working days: the files agree with two libraries day by day, and a wrong file is refused with its line."""

from datetime import date, timedelta

import chinese_calendar
import holidays as holidays_library
import pytest

from scoring_service.law.calendars import CALENDAR_DIRECTORY, CalendarError, load_calendar

YEARS = (2024, 2025, 2026)


@pytest.fixture(scope="module")
def calendar():
    return load_calendar()


def days_of(year):
    first = date(year, 1, 1)
    return [first + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", YEARS)
def test_every_day_agrees_with_chinesecalendar(calendar, year):
    differing = [
        day for day in days_of(year) if calendar.is_working_day(day) != chinese_calendar.is_workday(day)
    ]
    assert differing == []


@pytest.mark.parametrize("year", YEARS)
def test_every_day_agrees_with_holidays(calendar, year):
    china = holidays_library.country_holidays("CN", years=year)
    differing = [day for day in days_of(year) if calendar.is_working_day(day) != china.is_working_day(day)]
    assert differing == []


def test_published_years(calendar):
    assert calendar.years == frozenset(YEARS)


@pytest.mark.parametrize(
    ("start", "working_days", "last_day", "provisional"),
    [
        # National Day 2025: 28 September (Sunday) is worked, 1–8 October free, 11 October (Saturday) worked.
        (date(2025, 9, 26), 1, date(2025, 9, 28), False),
        (date(2025, 9, 30), 1, date(2025, 10, 9), False),
        (date(2025, 9, 30), 3, date(2025, 10, 11), False),
        (date(2025, 9, 30), 10, date(2025, 10, 21), False),
        (date(2025, 9, 24), 10, date(2025, 10, 14), False),
        # Spring Festival 2026: 14 and 28 February (Saturdays) are worked, 15–23 February free.
        (date(2026, 2, 13), 1, date(2026, 2, 14), False),
        (date(2026, 2, 13), 2, date(2026, 2, 24), False),
        (date(2026, 2, 13), 10, date(2026, 3, 5), False),
        (date(2026, 2, 10), 5, date(2026, 2, 24), False),
        # New Year 2026: 1–3 January free, 4 January (Sunday) worked.
        (date(2025, 12, 31), 1, date(2026, 1, 4), False),
        # 2027 has no calendar yet: plain weekdays, and the day is provisional.
        (date(2026, 12, 30), 1, date(2026, 12, 31), False),
        (date(2026, 12, 30), 2, date(2027, 1, 1), True),
        (date(2026, 12, 28), 10, date(2027, 1, 11), True),
    ],
)
def test_deadlines_by_hand(calendar, start, working_days, last_day, provisional):
    deadline = calendar.deadline(start, working_days)
    assert (deadline.last_day, deadline.provisional) == (last_day, provisional)


def test_a_calendar_that_arrives_makes_the_deadline_final(tmp_path):
    for path in CALENDAR_DIRECTORY.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    write(tmp_path, 2027, "元旦:\n    - 2027-01-01\n", "元旦:\n    - 2027-01-03\n")
    deadline = load_calendar(tmp_path).deadline(date(2026, 12, 30), 2)
    assert (deadline.last_day, deadline.provisional) == (date(2027, 1, 3), False)


def write(directory, year, holidays, make_up_days, named=None):
    text = f"year: {year}\nsource: by hand\nholidays:\n  {holidays}make_up_days:\n  {make_up_days}"
    (directory / f"cn-{named or year}.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "line", "says"),
    [
        (("a: [2025-02-30]\n", "b: []\n", None), 4, "no day 2025-02-30"),
        (("a: [2025-01-01, 2025-01-01]\n", "b: []\n", None), 4, "listed twice"),
        (("a: [2025-01-01]\n  c:\n    - 2025-01-01\n", "b: []\n", None), 6, "listed twice"),
        (("a: [2025-01-01]\n  a: []\n", "b: []\n", None), 5, "duplicate key a"),
        (("a: [2024-12-31]\n", "b: []\n", None), 4, "not in 2025"),
        (("a: [2025-01-26]\n", "b: [2025-01-26]\n", None), 6, "a holiday and worked"),
        (("a: []\n", "b: [2025-01-27]\n", None), 6, "no weekend day"),
        (("a: [1 January]\n", "b: []\n", None), 4, "a date such as"),
        (("a: [2025-01-01T00:00:00Z]\n", "b: []\n", None), 4, "without a time"),
        (("a: 2025-01-01\n", "b: []\n", None), 4, "a list belongs here"),
        (("a: []\n", "b: []\nnote: x\n", None), 7, "unknown key 'note'"),
        (("a: []\n", "b: []\n", 2026), 1, "must be that of the file name"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path, wrong, line, says):
    holidays, make_up_days, named = wrong
    write(tmp_path, 2025, holidays, make_up_days, named)
    with pytest.raises(CalendarError) as caught:
        load_calendar(tmp_path)
    assert says in str(caught.value)
    assert f"cn-{named or 2025}.yaml:{line}: " in str(caught.value)


def test_a_folder_without_calendars_is_refused(tmp_path):
    with pytest.raises(CalendarError, match=r"there is no cn-YYYY\.yaml"):
        load_calendar(tmp_path)
