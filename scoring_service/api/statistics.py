"""`/statistics`: the counts of a scoring year and of its months, reproducible at any `known_at`."""

from __future__ import annotations

from typing import Any

from flask import Response, after_this_request

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.cursors import page, page_of, place_of
from scoring_service.api.pipeline.exports import varying
from scoring_service.api.pipeline.negotiation import JSON, form_asked, language_asked, preferred
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.spread import SpreadPage, SpreadQuery
from scoring_service.api.schemas.statistics import (
    ChangesAnswer,
    ChangesQuery,
    CompositionAnswer,
    PeriodQuery,
    RankedInstitutionPage,
    RankingQuery,
    ReportAnswer,
    ReportQuery,
    StatisticsAnswer,
    StatisticsQuery,
    TimelinessAnswer,
)
from scoring_service.api.tables.period_report import report_pdf, report_workbook
from scoring_service.api.tables.report import year_report
from scoring_service.core.period import Period
from scoring_service.downloads import as_file
from scoring_service.problems import NotFound
from scoring_service.services.years.figures import Changes, changes_of, composition_of, punctuality_of
from scoring_service.services.years.period_report import Audience, PeriodReport, ReportKind, report_of
from scoring_service.services.years.ranking import RATIO, ranking_of
from scoring_service.services.years.spread import OfficeKind, spread_by_office, spread_page
from scoring_service.services.years.statistics import Statistics, statistics_of
from scoring_service.workbooks.writing import MEDIA_TYPES, Form

PDF = "application/pdf"
REPORT_FORMS = {MEDIA_TYPES[Form.XLSX]: (report_workbook, "xlsx"), PDF: (report_pdf, "pdf")}

blueprint = Blueprint("statistics", __name__, description="Statistics · 统计")


@blueprint.get("/statistics")
@blueprint.arguments(StatisticsQuery, location="query", as_kwargs=True)
@blueprint.response(200, StatisticsAnswer)
def get_statistics(**question: Any) -> Statistics | Response:
    """The year's person-times, persons, institutions, sanctions, by band, month and category.

    As CSV or XLSX where `Accept` prefers that: the report of the year, with its institutions and sanctions.
    """
    after_this_request(varying)
    form = form_asked()
    if form is None:
        return statistics_of(work(), **question)
    file = year_report(work(), form, **question, language=language_asked())
    return as_file(file, f"report-{question['year'] or work().today.year}.{form}", MEDIA_TYPES[form])


@blueprint.get("/statistics/changes")
@blueprint.arguments(ChangesQuery, location="query", as_kwargs=True)
@blueprint.response(200, ChangesAnswer)
def get_changes(**question: Any) -> Changes:
    """The figures of a month, of the month before, and of the same month of the year before."""
    return changes_of(work(), **question)


@blueprint.get("/statistics/institutions")
@blueprint.arguments(RankingQuery, location="query")
@blueprint.response(200, RankedInstitutionPage)
def get_ranking(query: dict[str, Any]) -> dict[str, Any]:
    """Institutions with scores or sanctioned people, those with most points first."""
    return page_of(ranking_of(work(), _period(query), **_known(query), by_ratio=_is_by_ratio(query)), query)


@blueprint.get("/statistics/breakdown")
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, CompositionAnswer)
def get_breakdown(query: dict[str, Any]) -> dict[str, Any]:
    """The scores of a period by division, item, degree and category."""
    composition = composition_of(work(), _period(query), **_known(query))
    items = [row for rows in composition.sides.values() for row in rows]
    return _of_period(query, composition.scope.region) | {"items": items}


@blueprint.get("/statistics/timeliness")
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, TimelinessAnswer)
def get_timeliness(query: dict[str, Any]) -> dict[str, Any]:
    """How many letters, evaluations and decisions of a period were in time."""
    scope, items = punctuality_of(work(), _period(query), **_known(query))
    return _of_period(query, scope.region) | {"items": items}


@blueprint.get("/statistics/reports/<kind>")
@blueprint.arguments(ReportQuery, location="query")
@blueprint.response(200, ReportAnswer)
def get_report(query: dict[str, Any], kind: str) -> PeriodReport | Response:
    """The report of a period to the administrative department (`periodic`), or the yearly filing (`yearly`).

    As XLSX or PDF where `Accept` prefers that: ready to be sent, and the same to the byte for the same `known_at`.
    """
    if kind not in set(ReportKind):
        raise NotFound("报告 / report")
    after_this_request(varying)
    report = report_of(work(), ReportKind(kind), **query | {"audience": Audience(query["audience"])})
    media_type = preferred((JSON, *REPORT_FORMS))
    if media_type == JSON:
        return report
    make, suffix = REPORT_FORMS[media_type]
    return as_file(make(work(), report, language_asked()), f"{kind}-{report.period}.{suffix}", media_type)


def _period(query: dict[str, Any]) -> Period:
    return query["period"] or Period.of_year(work().today.year)


def _is_by_ratio(query: dict[str, Any]) -> bool:
    return query.get("sort", "").removeprefix("-") == RATIO


def _known(query: dict[str, Any]) -> dict[str, Any]:
    return {"region": query["region"], "known_at": query["known_at"]}


def _of_period(query: dict[str, Any], region: str | None) -> dict[str, Any]:
    return {"period": _period(query), "region": region, "known_at": query["known_at"] or work().now}


@blueprint.get("/statistics/spread")
@blueprint.arguments(SpreadQuery, location="query")
@blueprint.response(200, SpreadPage)
def get_spread(query: dict[str, Any]) -> dict[str, Any]:
    """How the points of a year spread by office, item and degree, and how many lie outside the middle 90 % of all."""
    spread = spread_by_office(work(), year=query["year"], by=OfficeKind(query["by"]), region=query["region"])
    rows, further = spread_page(spread, after=place_of(query["cursor"]), limit=query["limit"])
    return page(rows, further) | {"year": spread.year, "by": spread.by}
