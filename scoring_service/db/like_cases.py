"""Scores that are alike, of one item and degree: how many have which points, as they are held now.

A score counts with what it was corrected to, and not at all where that is 0; one of a merged file in the file that has
its copy. No person is told.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import case, func, select, tuple_

from scoring_service.core.entries import EntryKind
from scoring_service.db.merges import merged_by
from scoring_service.db.tables import cases, entries

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection, FromClause

# What makes cases alike: the key of the item, and the degree.
Kind = tuple[str, str]


class LikeScores(NamedTuple):
    """Of the scores of one kind, how many have which points in the division asked for, and elsewhere."""

    here: dict[int, int]
    elsewhere: dict[int, int]


def like_scores(
    conn: Connection, kinds: Collection[Kind], *, division: str, days: tuple[date, date], but: str | None
) -> dict[Kind, LikeScores]:
    """Return the scores of each of these kinds decided in `[since, until)`, those of the case `but` left out."""
    conditions: list[ColumnElement[bool]] = [tuple_(entries.c.item, entries.c.degree).in_(sorted(kinds))]
    if but is not None:
        conditions.append(entries.c.case_id != but)
    held = _held(days, *conditions)
    here = (held.c.region == division).label("here")
    grouped = (held.c.item, held.c.degree, here, held.c.points)
    query = select(*grouped, func.count()).where(held.c.points > 0).group_by(*grouped)
    counts = {kind: LikeScores({}, {}) for kind in kinds}
    for item, degree, is_here, points, count in conn.execute(query):
        of_kind = counts[item, degree]
        (of_kind.here if is_here else of_kind.elsewhere)[points] = count
    return counts


class OfficeScores(NamedTuple):
    """How many scores of one kind have these points, by office; None stands for all that are not told apart."""

    office: str | None
    item: str
    degree: str
    points: int
    scores: int


def scores_by_office(conn: Connection, year: int, *, by: str, region: str | None) -> list[OfficeScores]:
    """Return the scores decided in a year, by a column of `cases`: `region` or `authority`.

    With a `region` only cases of divisions that begin so are told apart; the others are counted together.
    """
    held = _held((date(year, 1, 1), date(year + 1, 1, 1)))
    office = held.c[by] if region is None else case((held.c.region.startswith(region, autoescape=True), held.c[by]))
    grouped = (office.label("office"), held.c.item, held.c.degree, held.c.points)
    query = select(*grouped, func.count()).where(held.c.points > 0).group_by(*grouped)
    return [OfficeScores._make(row) for row in conn.execute(query)]


def _held(days: tuple[date, date], *conditions: ColumnElement[bool]) -> FromClause:
    since, until = days
    corrections = entries.alias("corrections")
    last = (
        select(corrections.c.value)
        .where(corrections.c.target_id == entries.c.id)
        .order_by(corrections.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            *(entries.c.item, entries.c.degree, cases.c.region, cases.c.authority),
            func.coalesce(last, entries.c.points).label("points"),
        )
        .join(cases, cases.c.id == entries.c.case_id)
        .where(
            entries.c.kind == EntryKind.SCORE,
            entries.c.decided_on >= since,
            entries.c.decided_on < until,
            entries.c.practitioner_id.not_in(merged_by()),
            *conditions,
        )
        .subquery("held")
    )
