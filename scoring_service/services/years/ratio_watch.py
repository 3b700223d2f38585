"""Institutions of whose people many were suspended or terminated in a year (scheme.md 2.6, `institution_ratio`)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.db.ratios import ratios_now
from scoring_service.db.tables import ratio_alerts
from scoring_service.services.unit_of_work.step import Step

if TYPE_CHECKING:
    from sqlalchemy import Row

    from scoring_service.services.unit_of_work.transaction import Work

PERCENT = 100


def watch(work: Work, period: str, cursor: str | None) -> Step:  # noqa: ARG001 - a day is one chunk.
    """Announce each institution that has reached a level of the ratio by the day `period`, once a year and level.

    The year before is looked at as it ended: a backfill may begin a sanction in it.
    """
    day = date.fromisoformat(period)
    announced = sum(_watch_year(work, each) for each in (date(day.year - 1, 12, 31), day))
    return Step(counts={"announced": announced})


def _watch_year(work: Work, day: date) -> int:
    ratios = work.conn.execute(ratios_now(), {"first": day.replace(month=1, day=1), "day": day}).all()
    known = _announced(work, day.year) if ratios else set()
    return sum(
        _announce(work, row, level, day)
        for row in ratios
        for level in _levels(work, row, day)
        if (row.institution_code, level) not in known
    )


def _announced(work: Work, year: int) -> set[tuple[str, str]]:
    """Return the institutions and levels that were announced in the year."""
    alerts = ratio_alerts.c
    rows = work.conn.execute(select(alerts.institution_code, alerts.level).where(alerts.year == year))
    return {(row.institution_code, row.level) for row in rows}


def _levels(work: Work, row: Row[Any], day: date) -> list[str]:
    rulebook = work.rulebooks.for_reading(row.region, day)
    limits = {"alert": rulebook.institution_alert_percent, "severe": rulebook.institution_severe_percent}
    reached = row.sanctioned * PERCENT
    return [
        level for level, percent in limits.items() if row.registered and reached >= percent * row.registered
    ]


def _announce(work: Work, row: Row[Any], level: str, day: date) -> bool:
    statement = (
        upsert(ratio_alerts)
        .values(
            institution_code=row.institution_code,
            year=day.year,
            level=level,
            sanctioned=row.sanctioned,
            registered=row.registered,
            recorded_at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(ratio_alerts.c.level)
    )
    if work.conn.execute(statement).first() is None:
        return False
    work.event(
        "institution_ratio",
        institution_code=row.institution_code,
        region=row.region,
        year=day.year,
        level=level,
        sanctioned=row.sanctioned,
        registered=row.registered,
    )
    return True
