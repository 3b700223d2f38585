"""The statistics of a scoring year: figures, charts with their tables beside them, and the tables as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from scoring_service.services.years.statistics import OUTSIDE, Statistics, statistics_of
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
        return render_template("office/statistics.html", counts=None, years=years, year=year)
    as_csv = request.args.get("format") == "csv"
    counts = statistics_of(work(), year=year, most_institutions=None if as_csv else MOST_INSTITUTIONS)
    series = [*_series(counts), _by_institution(counts, with_codes=as_csv)]
    if as_csv:
        return _csv(counts, series)
    return render_template("office/statistics.html", counts=counts, series=series, years=years, year=year)


def _year() -> int:
    typed = request.args.get("year", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else work().today.year  # noqa: PLR2004


def _series(counts: Statistics) -> list[Series]:
    by_band, by_category = counts.breakdown.by_band, counts.breakdown.by_category
    months = tuple((month(each.month), each.person_times) for each in counts.breakdown.by_month)
    bands = tuple((str(words), by_band.get(key, 0)) for key, words in BAND.items())
    if by_band.get(OUTSIDE):
        bands += ((_("档次以外"), by_band[OUTSIDE]),)
    categories = tuple((str(words), by_category.get(key, 0)) for key, words in CATEGORY.items())
    return [
        Series(key="month", title=_("按月"), rows=months),
        Series(key="band", title=_("按档次"), rows=bands),
        Series(key="category", title=_("按人员类别"), rows=categories),
    ]


def _by_institution(counts: Statistics, *, with_codes: bool) -> Series:
    left_out = counts.institutions - len(counts.by_institution)
    return Series(
        key="institution",
        title=_("按机构"),
        rows=tuple(
            (f"{each.code} {each.name}" if with_codes else each.name, each.person_times)
            for each in counts.by_institution
        ),
        note=ngettext("还有 %(num)s 家机构，见 CSV。", "还有 %(num)s 家机构，见 CSV。", left_out) if left_out else "",
    )


def _csv(counts: Statistics, series: list[Series]) -> Response:
    rows: list[list[object]] = [[_("项目"), _("分组"), _("数量")]]
    rows += [[words, "", getattr(counts, key)] for key, words in _totals().items()]
    rows += [[each.title, label, count] for each in series for label, count in each.rows]
    return as_csv(f"statistics-{counts.year}", rows)


def _totals() -> dict[str, str]:
    return {
        "institutions": _("涉及机构"),
        "person_times": _("记分人次"),
        "persons": _("记分人数"),
        "suspended": _("暂停人数"),
        "terminated": _("终止人数"),
        "measures": _("随机构措施暂停、终止的人数"),
    }
