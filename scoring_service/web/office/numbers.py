"""The statistics of a scoring year: figures, charts with their tables beside them, and the tables as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from scoring_service.services.years.statistics import statistics_of
from scoring_service.web.frame.pages import OFFICE, REGULATOR, get, work
from scoring_service.web.frame.spreadsheet import as_csv
from scoring_service.web.wording.languages import month
from scoring_service.web.wording.words import BAND, CATEGORY

FIRST_YEAR = 2025
MOST_INSTITUTIONS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One chart: its rows of label and count, and the most that a row holds."""

    key: str
    title: str
    rows: tuple[tuple[str, int], ...]
    note: str = ""

    @property
    def most(self) -> int:
        return max((count for _label, count in self.rows), default=0) or 1


@get("/statistics", OFFICE | REGULATOR)
def statistics() -> Any:
    """Show the counts of a year; `?format=csv` gives every table as one file."""
    year = _year()
    years = range(work().today.year, FIRST_YEAR - 1, -1)
    if year not in years:
        return render_template("office/statistics.html", told=None, years=years, year=year)
    as_csv = request.args.get("format") == "csv"
    told = statistics_of(work(), year=year, most_institutions=None if as_csv else MOST_INSTITUTIONS)
    series = [*_series(told), _by_institution(told, with_codes=as_csv)]
    if as_csv:
        return _csv(told, series)
    return render_template("office/statistics.html", told=told, series=series, years=years, year=year)


def _year() -> int:
    asked = request.args.get("year", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else work().today.year  # noqa: PLR2004


def _series(told: dict[str, Any]) -> list[Series]:
    months = tuple((month(row["month"]), row["person_times"]) for row in told["by_month"])
    bands = tuple((str(words), told["by_band"].get(key, 0)) for key, words in BAND.items())
    if told["by_band"].get("outside"):
        bands += ((_("档次以外"), told["by_band"]["outside"]),)
    categories = tuple((str(words), told["by_category"].get(key, 0)) for key, words in CATEGORY.items())
    return [
        Series(key="month", title=_("按月"), rows=months),
        Series(key="band", title=_("按档次"), rows=bands),
        Series(key="category", title=_("按人员类别"), rows=categories),
    ]


def _by_institution(told: dict[str, Any], *, with_codes: bool) -> Series:
    rows = told["by_institution"]
    left_out = told["institutions"] - len(rows)
    return Series(
        key="institution",
        title=_("按机构"),
        rows=tuple(
            (f"{row['code']} {row['name']}" if with_codes else row["name"], row["person_times"]) for row in rows
        ),
        note=ngettext("还有 %(num)s 家机构，见 CSV。", "还有 %(num)s 家机构，见 CSV。", left_out) if left_out else "",
    )


def _csv(told: dict[str, Any], series: list[Series]) -> Response:
    rows: list[list[object]] = [[_("项目"), _("分组"), _("数量")]]
    rows += [[words, "", told[key]] for key, words in _totals().items()]
    rows += [[one.title, label, count] for one in series for label, count in one.rows]
    return as_csv(f"statistics-{told['year']}", rows)


def _totals() -> dict[str, str]:
    return {
        "institutions": _("涉及机构"),
        "person_times": _("记分人次"),
        "persons": _("记分人数"),
        "suspended": _("暂停人数"),
        "terminated": _("终止人数"),
    }
