"""Statistics of a period: what changed since last month, institutions ranked, scores told apart, what was in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from scoring_service.core.period import Period
from scoring_service.services.unit_of_work.fields import sorted_by
from scoring_service.services.unit_of_work.listing import read_page
from scoring_service.services.unit_of_work.places import sealed, unsealed
from scoring_service.services.years.figures import Tally, changes_of, composition_of, punctuality_of
from scoring_service.services.years.ranking import ORDERS, RATIO, ranking_of
from scoring_service.services.years.statistics import latest_year
from scoring_service.web.frame.pages import OFFICE, REGULATOR, get, work
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.wording.catalogue import items_of_all, title_of
from scoring_service.web.wording.period_words import FIGURE, PUNCTUAL, period_words
from scoring_service.web.wording.words import CATEGORY, DEGREE

if TYPE_CHECKING:
    from datetime import date

FIRST_YEAR = 2025
PAGE_LENGTH = 25
SECTION = "web.statistics"
ORDER_WORDS = {
    "points": lazy_gettext("记分合计"),
    "person_times": lazy_gettext("记分人次"),
    "persons": lazy_gettext("记分人数"),
    "sanctioned": lazy_gettext("暂停、终止人数"),
    "ratio": lazy_gettext("暂停、终止比例"),
}
SIDE_WORDS = {
    "county": lazy_gettext("按行政区划"),
    "item": lazy_gettext("按违规情形"),
    "degree": lazy_gettext("按责任程度"),
    "category": lazy_gettext("按人员类别"),
}
# What a list of cases is narrowed by to hold the scores of a side.
_FILTERS = {"county": "region", "item": "item", "degree": "degree", "category": "category"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a side: its words, its counts, and the cases behind it, None for whom they are not for."""

    label: str
    person_times: int
    points: int
    cases: str | None


def asked_period(otherwise: Period) -> tuple[Period, str]:
    """Return the period that the address asks for, and what was asked for where it is `otherwise`."""
    typed = request.args.get("period", "")
    try:
        period = Period.read(typed)
    except ValueError:
        return otherwise, typed[:20]
    known = period.year >= FIRST_YEAR and period.first <= work().today
    return (period, "") if known else (otherwise, typed[:20])


def _asked_or_latest() -> tuple[Period, str]:
    return asked_period(Period.of_year(max(latest_year(work()), FIRST_YEAR)))


def periods_of(chosen: Period, today: date) -> dict[str, str]:
    """Return the periods that can be chosen: every year, and the quarters and months of the chosen one, by now."""
    years = [Period.of_year(year) for year in range(today.year, FIRST_YEAR - 1, -1)]
    parts = [Period.read(f"{chosen.year}-Q{number}") for number in range(1, 5)]
    parts += [Period.read(f"{chosen.year}-{number:02}") for number in range(1, 13)]
    known = [each for each in [*years, *parts] if each.first <= today and each.year >= FIRST_YEAR]
    return {str(each): period_words(each) for each in known}


def cases_behind(period: Period, **narrowed: str) -> str | None:
    """Return the address of the cases of a period, for who may read them."""
    if not work().actor.is_office:
        return None
    days = {"handling.decided_on_from": period.first, "handling.decided_on_to": period.last_day}
    question: dict[str, Any] = {"state": "approved", **narrowed, **{name: str(day) for name, day in days.items()}}
    return url_for("web.cases", **question)


def _page(template: str, period: Period, unread: str, **more: Any) -> str:
    today = work().today
    return render_template(
        template,
        section=SECTION,
        period=period,
        period_name=period_words(period),
        unread=unread,
        periods=periods_of(period, today),
        is_whole=period.until <= today,
        **more,
    )


@get("/statistics/changes", OFFICE | REGULATOR)
def statistics_changes() -> Any:
    """Show what changed in a month since the last, and since the year before."""
    today = work().today
    period, unread = asked_period(Period.of_month(today))
    month = period if period.months == 1 else Period.of_month(period.first)
    changes = changes_of(work(), month=month)
    if form := download_asked():
        return list_download(form, "changes", changes.items, month)
    shown = [month, month.earlier(1), month.earlier(12)]
    further = month.earlier(-1)
    return _page(
        "office/statistics_changes.html",
        month,
        unread,
        changes=changes,
        months=[period_words(each) for each in shown],
        begun=[each.year >= FIRST_YEAR for each in shown],
        first_year=FIRST_YEAR,
        earlier=shown[1] if shown[1].year >= FIRST_YEAR else None,
        later=further if further.first <= today else None,
        behind=cases_behind,
        figures=FIGURE,
    )


@get("/statistics/institutions", OFFICE | REGULATOR)
def statistics_institutions() -> Any:
    """Rank the institutions of a period by one of their numbers."""
    period, unread = _asked_or_latest()
    sort = request.args.get("sort", "")
    sort = sort if sort in ORDERS else ORDERS[0]
    listed = sorted_by(ranking_of(work(), period, by_ratio=sort == RATIO), f"-{sort}")
    if form := download_asked():
        return list_download(form, "ranking", listed, period)
    scope, after = f"ranking {period} {sort}", request.args.get("after", "")
    page = read_page(work(), listed, after=unsealed(work(), scope, after) if after else None, limit=PAGE_LENGTH)
    further = page.further and url_for(
        "web.statistics_institutions", period=period, sort=sort, after=sealed(work(), scope, page.further)
    )
    return _page(
        "office/statistics_institutions.html",
        period,
        unread,
        rows=page.items,
        sort=sort,
        orders=ORDER_WORDS,
        further=further,
        behind=cases_behind,
    )


@get("/statistics/breakdown", OFFICE | REGULATOR)
def statistics_breakdown() -> Any:
    """Show the scores of a period by division, item, degree and category, and what became of appeals."""
    period, unread = _asked_or_latest()
    composition = composition_of(work(), period)
    if form := download_asked():
        return list_download(
            form, "breakdown", [row for rows in composition.sides.values() for row in rows], period
        )
    items = items_of_all(work().today)
    words = {"degree": DEGREE, "category": CATEGORY, "item": {key: title_of(items, key) for key in items}, "county": {}}
    sides = [
        (SIDE_WORDS[side], [_row(period, row, words[side].get(row.key, row.key)) for row in rows])
        for side, rows in composition.sides.items()
    ]
    shown = {"sides": sides, "composition": composition, "figures": FIGURE}
    return _page("office/statistics_breakdown.html", period, unread, **shown)


def _row(period: Period, row: Tally, label: Any) -> Row:
    return Row(
        label=str(label),
        person_times=row.person_times,
        points=row.points,
        cases=cases_behind(period, **{_FILTERS[row.side]: row.key}),
    )


@get("/statistics/timeliness", OFFICE | REGULATOR)
def statistics_timeliness() -> Any:
    """Show how many letters, evaluations and decisions of a period were in time."""
    period, unread = _asked_or_latest()
    _scope, rows = punctuality_of(work(), period)
    if form := download_asked():
        return list_download(form, "timeliness", rows, period)
    return _page("office/statistics_timeliness.html", period, unread, rows=rows, days=_days(), papers=PUNCTUAL)


def _days() -> dict[str, str]:
    """Return how many working days there are for each kind of paper, by the rulebook of the reader's division."""
    rulebook = work().rulebooks.for_reading(work().actor.region or "", work().today)
    return {
        "issue": _("收到处罚决定或作出协议处理后 %(days)s 个工作日", days=rulebook.notice_issue_working_days),
        "delivery": _("出具后 %(days)s 个工作日", days=rulebook.notice_deliver_working_days),
        "evaluation": _("机构同意后 %(days)s 个工作日", days=rulebook.resumption_evaluation_working_days),
        "appeal_decision": _("申诉材料齐备后 %(days)s 个工作日", days=rulebook.appeal_decision_working_days),
    }
