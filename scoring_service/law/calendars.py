"""Working days from `config/calendar/cn-YYYY.yaml`, a file a year, to `core.WorkingCalendar`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from scoring_service.core.working_days import SATURDAY, WorkingCalendar
from scoring_service.law.yaml_files import FileError, Located, read_yaml

CALENDAR_DIRECTORY = Path(__file__).parents[2] / "config" / "calendar"


class CalendarError(FileError):
    """A calendar file is wrong, and the service does not start."""


def load_calendar(directory: Path | None = None) -> WorkingCalendar:
    """Return the working days of every `cn-YYYY.yaml` in `directory` (by default the service's own).

    A year without a file is unpublished (scheme.md 2.7). Raises CalendarError with file, line and what to do.
    """
    directory = CALENDAR_DIRECTORY if directory is None else directory
    years: set[int] = set()
    holidays: set[date] = set()
    make_up_days: set[date] = set()
    for path in sorted(directory.glob("*.yaml")):
        year, free, worked = _read_year(path)
        years.add(year)
        holidays |= {day for day in free if day.weekday() < SATURDAY}
        make_up_days |= worked
    if not years:
        raise CalendarError(
            f"{directory}: 没有 cn-YYYY.yaml 文件，请补上 / there is no cn-YYYY.yaml; add one a year"
        )
    return WorkingCalendar(
        years=frozenset(years), holidays=frozenset(holidays), make_up_days=frozenset(make_up_days)
    )


def _read_year(path: Path) -> tuple[int, set[date], set[date]]:
    top = read_yaml(path, CalendarError)
    parts = top.section(["year", "source", "holidays", "make_up_days"])
    parts["source"].text()
    year = parts["year"].whole(1900, 2999)
    if path.stem != f"cn-{year}":
        parts["year"].fail(
            f"年份应与文件名 {path.name} 一致", f"the year must be that of the file name {path.name}"
        )
    holidays = _days(parts["holidays"], year)
    make_up_days = _days(parts["make_up_days"], year)
    for day, place in make_up_days.items():
        if day in holidays:
            place.fail(f"{day} 既放假又上班，请删去其一", f"{day} is a holiday and worked; remove one of them")
        if day.weekday() < SATURDAY:
            place.fail(f"{day} 不是周末，无须调休", f"{day} is no weekend day; only those are made up")
    return year, set(holidays), set(make_up_days)


def _days(group: Located, year: int) -> dict[date, Located]:
    """Return the days listed below the festivals of `group`, each once and of this year."""
    days: dict[date, Located] = {}
    for festival in group.mapping().values():
        for place in festival.sequence():
            day = place.day()
            if day.year != year:
                place.fail(f"{day} 不在 {year} 年", f"{day} is not in {year}; move it to its year's file")
            if day in days:
                place.fail(f"{day} 重复，请删去其一", f"{day} is listed twice; remove one of them")
            days[day] = place
    return days
