"""A draft of a rulebook tried on a year: the numbers before and after, and the people with another outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from scoring_service.core.rulebook import OUTSIDE
from scoring_service.problems import Conflict, Invalid
from scoring_service.services.rulebooks import drafts
from scoring_service.services.simulation.drafts import simulate_draft
from scoring_service.web.frame.pages import get, work
from scoring_service.web.office.law import READS_DRAFTS
from scoring_service.web.office.numbers import FIRST_YEAR
from scoring_service.web.wording.words import BAND, CATEGORY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring_service.services.simulation.asking import Compared, Simulation

MOST_PEOPLE = 200
MEASURED = (
    ("person_times", lazy_gettext("记分人次")),
    ("warned", lazy_gettext("预警人数")),
    ("suspended", lazy_gettext("暂停人数")),
    ("suspended_days", lazy_gettext("暂停天数")),
    ("terminated", lazy_gettext("终止人数")),
    ("terminated_days", lazy_gettext("禁入天数")),
)
OF_MEASURES = (("measures", lazy_gettext("随机构措施暂停、终止的人数")),)


@get("/rulebooks/<rulebook_id>/drafts/<n>/simulation", READS_DRAFTS)
def draft_simulation(rulebook_id: str, n: str) -> str:
    """Try a draft on a scoring year (`?year=`, default the last one): what it would have brought, and to whom."""
    draft = drafts.read(work(), rulebook_id, n)
    years = range(work().today.year, FIRST_YEAR - 1, -1)
    year = _year(years)
    tried, fault = _tried(rulebook_id, n, year) if year in years else (None, None)
    return render_template(
        "office/simulation.html",
        draft=draft,
        year=year,
        years=years,
        tried=tried,
        fault=fault,
        measured=MEASURED,
        all_measured=MEASURED + OF_MEASURES,
        groups=_groups(tried) if tried else (),
    )


def _year(years: Sequence[int]) -> int:
    typed = request.args.get("year", "")
    if typed.isascii() and typed.isdigit() and len(typed) == len("2025"):
        return int(typed)
    return years[:2][-1]


def _tried(rulebook_id: str, n: str, year: int) -> tuple[Simulation | None, str | None]:
    """Return what came of it, or why it cannot be tried."""
    try:
        return simulate_draft(work(), rulebook_id, n, year, most_people=MOST_PEOPLE), None
    except (Invalid, Conflict) as refused:
        return None, refused.detail


def _groups(tried: Simulation) -> tuple[tuple[str, str, list[tuple[str, Compared]]], ...]:
    """Return the tables: what each is called, what its rows are, and the rows by their names."""
    bands = BAND | {OUTSIDE: _("档次以外")}
    elsewhere = _("您管辖以外的机构")
    institutions = [(each.name or elsewhere, each) for each in tried.by_institution]
    return (
        (_("按档次"), _("档次"), _called(tried.by_band, bands)),
        (_("按人员类别"), _("类别"), _called(tried.by_category, CATEGORY)),
        (_("结果会不同的机构"), _("医药机构"), institutions),
    )


def _called(rows: Sequence[Compared], words: Mapping[str, object]) -> list[tuple[str, Compared]]:
    return [(str(words.get(each.key, each.key)), each) for each in rows]
