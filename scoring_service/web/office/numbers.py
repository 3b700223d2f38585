"""The statistics of a scoring year: figures, charts with their tables beside them, and the report of the year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from scoring_service.core.rulebook import OUTSIDE
from scoring_service.services.years.statistics import Statistics, statistics_of
from scoring_service.web.frame.pages import OFFICE, REGULATOR, get, work
from scoring_service.web.frame.spreadsheet import download_asked, report_download
from scoring_service.web.wording.languages import month
from scoring_service.web.wording.words import BAND, CATEGORY

FIRST_YEAR = 2025
MOST_INSTITUTIONS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One chart: its rows of label and count, where each label leads if anywhere, and the most that a row holds."""

    key: str
    title: str
    rows: tuple[tuple[str, int], ...]
    note: str = ""
    addresses: tuple[str, ...] = ()

    @property
    def most(self) -> int:
        return max((count for _label, count in self.rows), default=0) or 1


@get("/statistics", OFFICE | REGULATOR)
def statistics() -> Any:
    """Show the counts of a year; `?download=` gives its report, with every institution and the sanctions."""
    year, years = year_asked(), years_told()
    if year not in years:
        return render_template("office/statistics.html", counts=None, years=years, year=year)
    if form := download_asked():
        return report_download(form, year)
    counts = statistics_of(work(), year=year, most_institutions=MOST_INSTITUTIONS)
    series = [*_series(counts), _by_institution(counts)]
    return render_template("office/statistics.html", counts=counts, series=series, years=years, year=year)


def years_told() -> range:
    """Return the years of which there may be figures, the latest first."""
    return range(work().today.year, FIRST_YEAR - 1, -1)


def year_asked() -> int:
    """Return the year of `?year=`, this one without it."""
    typed = request.args.get("year", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else work().today.year  # noqa: PLR2004


def _series(counts: Statistics) -> list[Series]:
    by_band, by_category = counts.breakdown.by_band, counts.breakdown.by_category
    months = tuple((month(each.month), each.person_times) for each in counts.months_begun)
    bands = tuple((str(words), by_band.get(key, 0)) for key, words in BAND.items())
    if by_band.get(OUTSIDE):
        bands += ((_("档次以外"), by_band[OUTSIDE]),)
    categories = tuple((str(words), by_category.get(key, 0)) for key, words in CATEGORY.items())
    return [
        Series(key="month", title=_("按月"), rows=months),
        Series(key="band", title=_("按档次"), rows=bands),
        Series(key="category", title=_("按人员类别"), rows=categories),
    ]


def _by_institution(counts: Statistics) -> Series:
    left_out = counts.institutions - len(counts.by_institution)
    more = ngettext("还有 %(num)s 家机构，见年度报告。", "还有 %(num)s 家机构，见年度报告。", left_out)
    return Series(
        key="institution",
        title=_("按机构"),
        rows=tuple((each.name, each.person_times) for each in counts.by_institution),
        note=more if left_out else "",
        addresses=tuple(url_for("web.institution", code=each.code) for each in counts.by_institution),
    )
