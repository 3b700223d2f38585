"""`/statistics`: the counts of a scoring year, reproducible at any `known_at`."""

from __future__ import annotations

from typing import Any

from flask import Response, after_this_request

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.exports import varying
from scoring_service.api.pipeline.negotiation import form_asked, language_asked
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.statistics import StatisticsAnswer, StatisticsQuery
from scoring_service.api.tables.report import year_report
from scoring_service.downloads import as_file
from scoring_service.services.years.statistics import Statistics, statistics_of
from scoring_service.workbooks.writing import MEDIA_TYPES

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
