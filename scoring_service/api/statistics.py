"""`/statistics`: the counts of a scoring year, reproducible at any `known_at`."""

from __future__ import annotations

from typing import Any

from scoring_service.api.pipeline.blueprint import Blueprint
from scoring_service.api.pipeline.request import work
from scoring_service.api.schemas.statistics import StatisticsAnswer, StatisticsQuery
from scoring_service.services.years.statistics import Statistics, statistics_of

blueprint = Blueprint("statistics", __name__, description="Statistics · 统计")


@blueprint.get("/statistics")
@blueprint.arguments(StatisticsQuery, location="query", as_kwargs=True)
@blueprint.response(200, StatisticsAnswer)
def get_statistics(**question: Any) -> Statistics:
    """The year's person-times, persons, institutions, sanctions, by band, month and category."""
    return statistics_of(work(), **question)
