"""Counts of a scoring year, read from the ledger as it was known at a moment."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, distinct, exists, extract, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from scoring_service.core.fold import fold, known
from scoring_service.db.ledger import read_entries
from scoring_service.db.tables import cases, entries, institutions, practitioners, standing_sanctions

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, FromClause

FILES_AT_ONCE = 2000


def _known(
    known_at: datetime | None, column: ColumnElement[Any] = entries.c.recorded_at
) -> ColumnElement[bool]:
    return true() if known_at is None else column <= known_at


def _last_corrections(known_at: datetime | None) -> FromClause:
    """The value to which each corrected entry stood."""
    corrections = entries.alias("corrections")
    return (
        select(corrections.c.target_id, corrections.c.value)
        .where(corrections.c.target_id.is_not(None), _known(known_at, corrections.c.recorded_at))
        .ext(distinct_on(corrections.c.target_id))
        .order_by(corrections.c.target_id, corrections.c.seq.desc())
        .subquery("last_corrections")
    )


def _scores(year: int, region: str | None, known_at: datetime | None) -> FromClause:
    """The scores of the year that count: not corrected to 0, of cases in the region."""
    corrected = _last_corrections(known_at)
    value = func.coalesce(corrected.c.value, entries.c.points)
    joined = entries.outerjoin(corrected, corrected.c.target_id == entries.c.id)
    query = select(
        entries.c.practitioner_id,
        entries.c.case_id,
        entries.c.rulebook_sha256,
        value.label("points"),
        extract("month", entries.c.decided_on).label("month"),
    ).where(
        entries.c.kind == "score",
        entries.c.decided_on.between(date(year, 1, 1), date(year, 12, 31)),
        _known(known_at),
        value > 0,
    )
    if region:
        joined = joined.join(cases, cases.c.id == entries.c.case_id)
        query = query.where(cases.c.region.startswith(region))
    return query.select_from(joined).subquery("scores")


def count_people(
    conn: Connection, year: int, region: str | None, known_at: datetime | None
) -> tuple[int, int, int]:
    """Return person-times, persons, and the institutions of their cases."""
    scores = _scores(year, region, known_at)
    counts = select(func.count(), func.count(distinct(scores.c.practitioner_id)))
    person_times, persons = conn.execute(counts.select_from(scores)).one()
    places = select(func.count(distinct(cases.c.institution_code))).where(
        exists().where(scores.c.case_id == cases.c.id)
    )
    return person_times, persons, conn.execute(places).scalar_one()


def count_scores(
    conn: Connection, year: int, region: str | None, known_at: datetime | None
) -> list[tuple[str, int, int, str, int]]:
    """Return (rulebook, points, month, category, scores) for each combination that occurs."""
    scores = _scores(year, region, known_at)
    columns = (scores.c.rulebook_sha256, scores.c.points, scores.c.month, practitioners.c.category)
    counted = (
        select(*columns, func.count())
        .join(practitioners, practitioners.c.id == scores.c.practitioner_id)
        .group_by(*columns)
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in conn.execute(counted)]


def count_by_institution(
    conn: Connection, year: int, region: str | None, limit: int | None
) -> list[tuple[str, str, int]]:
    """Return (code, name, scores) of the institutions of the cases, the most first, as known now."""
    scores = _scores(year, region, None)
    counted = (
        select(cases.c.institution_code, institutions.c.name, func.count().label("person_times"))
        .select_from(scores)
        .join(cases, cases.c.id == scores.c.case_id)
        .join(institutions, institutions.c.code == cases.c.institution_code)
        .group_by(cases.c.institution_code, institutions.c.name)
        .order_by(func.count().desc(), cases.c.institution_code)
        .limit(limit)
    )
    return [(row.institution_code, row.name, row.person_times) for row in conn.execute(counted)]


def count_sanctions(conn: Connection, year: int, region: str | None) -> dict[str, int]:
    """Return how many persons have a sanction of each kind beginning in the year, as known now."""
    spans = standing_sanctions.c
    query = (
        select(spans.kind, func.count(distinct(spans.practitioner_id)).label("persons"))
        .where(spans.from_on.between(date(year, 1, 1), date(year, 12, 31)))
        .group_by(spans.kind)
    )
    if region:
        query = query.where(_scored_in(region, spans.practitioner_id))
    return {row.kind: row.persons for row in conn.execute(query)}


def count_sanctions_then(
    conn: Connection, year: int, region: str | None, known_at: datetime
) -> dict[str, int]:
    """Return the same as it was known at a past moment: the files with entries by then are folded again."""
    counts: dict[str, int] = {}
    people = _people_with_entries(region, known_at)
    found: list[str] = list(conn.scalars(people))
    for first in range(0, len(found), FILES_AT_ONCE):
        for one in read_entries(conn, found[first : first + FILES_AT_ONCE]).values():
            sanctions = fold(known(one, known_at)).sanctions
            for kind in {span.kind.value for span in sanctions if span.start.year == year}:
                counts[kind] = counts.get(kind, 0) + 1
    return counts


def _people_with_entries(region: str | None, known_at: datetime) -> Select[tuple[str]]:
    query = select(entries.c.practitioner_id).distinct().where(entries.c.kind == "score", _known(known_at))
    return query.where(_scored_in(region, entries.c.practitioner_id)) if region else query


def _scored_in(region: str, practitioner_id: ColumnElement[str]) -> ColumnElement[bool]:
    scored = entries.alias("scored")
    return exists(
        select(scored.c.id)
        .join(cases, cases.c.id == scored.c.case_id)
        .where(and_(scored.c.practitioner_id == practitioner_id, cases.c.region.startswith(region)))
    )
