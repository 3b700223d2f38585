"""Counts of a scoring year or a part of it, read from the ledger as it was known at a moment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    case,
    distinct,
    exists,
    extract,
    func,
    literal,
    null,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from scoring_service.core.entries import EntryKind
from scoring_service.core.fold import fold, known
from scoring_service.core.rulebook import Ground
from scoring_service.db.ledger import read_entries
from scoring_service.db.merges import merged_by
from scoring_service.db.tables import cases, entries, findings, practitioners, standing_sanctions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection, FromClause, Row

    from scoring_service.core.sanctions import Sanction

FILES_AT_ONCE = 2000
MEASURE = "measure"
ONE_BY_ONE = (
    *("id", "decided_on", "document_no", "institution_code", "practitioner_id"),
    *("category", "item", "degree", "points"),
)
SANCTIONING = (EntryKind.SCORE, EntryKind.MEASURE)
_SORT: dict[str, Any] = {"rulebook_sha256": Text, "points": Integer, "month": Integer, "category": Text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is counted: scores by the day of their handling decision (P27), sanctions by their first day.

    Days are those of `[first, until)`, cases those of a division's beginning (None: everywhere). `known_at` is the
    knowledge that is counted by, None for that of now.
    """

    first: date
    until: date
    region: str | None = None
    known_at: datetime | None = None

    def holds(self, day: date) -> bool:
        """Tell whether a day is one of those."""
        return self.first <= day < self.until

    def days(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that a column's day is one of those."""
        return and_(column >= self.first, column < self.until)


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


def scores_of(scope: Scope, *names: str) -> FromClause:
    """Return the scores that count: not corrected to 0, of cases in the region; read once, however often used.

    `names` are the columns that are needed: what is read once is kept whole. A score of a merged file counts in the
    file that has its copy.
    """
    corrected = _last_corrections(scope.known_at)
    value = func.coalesce(corrected.c.value, entries.c.points)
    joined = (
        entries.outerjoin(corrected, corrected.c.target_id == entries.c.id)
        .join(cases, cases.c.id == entries.c.case_id)
    )
    if "category" in names:
        joined = joined.join(findings, findings.c.id == entries.c.finding_id)
    row, case_of, month = entries.c, cases.c, extract("month", entries.c.decided_on).cast(Integer)
    known: dict[str, ColumnElement[Any]] = {
        **{name: row[name] for name in ("id", "practitioner_id", "item", "degree", "rulebook_sha256", "decided_on")},
        **{name: case_of[name] for name in ("document_no", "institution_code", "region")},
    } | {"category": findings.c.category, "points": value, "month": month}
    query = select(*(known[name].label(name) for name in names)).where(
        entries.c.kind == EntryKind.SCORE,
        scope.days(entries.c.decided_on),
        _known(scope.known_at),
        entries.c.practitioner_id.not_in(merged_by(scope.known_at)),
        value > 0,
    )
    if scope.region:
        query = query.where(cases.c.region.startswith(scope.region))
    return query.select_from(joined).cte("scores")


class SortOfScore(NamedTuple):
    """How many scores of a year are alike: their rulebook, points, month, and the category of the person."""

    rulebook_sha256: str
    points: int
    month: int
    category: str
    scores: int


class PlaceOfScores(NamedTuple):
    """How many scores of a year come from cases of an institution, named by its code."""

    institution: str
    scores: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCounts:
    """The scores of a year: how many persons and institutions, how many of which sort, and where, the most first."""

    persons: int
    institutions: int
    sorts: list[SortOfScore]
    places: list[PlaceOfScores]


@dataclass(frozen=True, slots=True, kw_only=True)
class SanctionOfPerson:
    """A sanction with whose it is; `position` is its place among those of the person."""

    practitioner_id: str
    position: int
    code: str | None
    name: str
    category: str
    kind: str
    ground: str
    from_on: date
    until_on: date | None
    state_until_on: date | None


def count_scores(conn: Connection, scope: Scope, most_places: int | None = 0) -> ScoreCounts:
    """Count the scores in one pass over them; of the institutions the first `most_places`, None for all."""
    scores = scores_of(scope, *_SORT, "practitioner_id", "institution_code")
    sort, place, many = _SORT, scores.c.institution_code, func.count().label("scores")
    grouped = [scores.c[name].label(name) for name in sort]
    blank: list[ColumnElement[Any]] = [null().cast(kind).label(name) for name, kind in sort.items()]
    of_place = [place.label("rulebook_sha256"), *blank[1:]]
    places = select(literal("place").label("what"), *of_place, many).group_by(place).order_by(many.desc(), place)
    parts = (
        select(literal("sort").label("what"), *grouped, many).group_by(*(scores.c[name] for name in sort)),
        select(literal("persons").label("what"), *blank, func.count(distinct(scores.c.practitioner_id))),
        select(literal("institutions").label("what"), *blank, func.count(distinct(place))),
        select(places.limit(most_places).subquery("places")),
    )
    counted: list[SortOfScore] = []
    placed: list[PlaceOfScores] = []
    totals: dict[str, int] = {}
    for what, *columns, count in conn.execute(union_all(*parts)):
        if what == "sort":
            counted.append(SortOfScore._make((*columns, count)))
        elif what == "place":
            placed.append(PlaceOfScores(columns[0], count))
        else:
            totals[what] = count
    return ScoreCounts(
        persons=totals["persons"], institutions=totals["institutions"], sorts=counted, places=placed
    )


def last_decided_on(conn: Connection) -> date | None:
    """Return the day of the latest decision that a score follows, None before the first."""
    query = select(func.max(entries.c.decided_on)).where(entries.c.kind == EntryKind.SCORE)
    day: date | None = conn.execute(query).scalar_one()
    return day


def read_scores(conn: Connection, scope: Scope) -> list[Row[Any]]:
    """Return the scores of the scope one by one, by the day of the decision and its number."""
    scores = scores_of(scope, *ONE_BY_ONE)
    order = (scores.c.decided_on, scores.c.document_no, scores.c.id)
    return list(conn.execute(select(scores).order_by(*order)))


def count_sanctions(conn: Connection, scope: Scope) -> dict[str, int]:
    """Return how many persons have a sanction of each kind, or a `measure`, beginning on the days of the scope.

    By the knowledge of now they are counted in the cache, by that of a past moment the files are folded again.
    """
    if scope.known_at is not None:
        return counted_sanctions(sanctions_then(conn, scope, scope.known_at))
    spans = standing_sanctions.c
    what = case((spans.ground == Ground.MEASURE, MEASURE), else_=spans.kind).label("what")
    query = (
        select(what, func.count(distinct(spans.practitioner_id)).label("persons"))
        .where(scope.days(spans.from_on))
        .group_by(what)
    )
    if scope.region:
        query = query.where(scored_in(scope, spans.practitioner_id))
    return {row.what: row.persons for row in conn.execute(query)}


def sanctions_page(
    conn: Connection, scope: Scope, *, after: tuple[str, int] | None, limit: int
) -> list[SanctionOfPerson]:
    """Return the sanctions that `count_sanctions` counts by the knowledge of now, by person, behind a place."""
    spans, person = standing_sanctions.c, practitioners.c
    query = (
        select(
            *(spans.practitioner_id, spans.position, person.code, person.name, person.category),
            *(spans.kind, spans.ground, spans.from_on, spans.until_on, spans.state_until_on),
        )
        .join(practitioners, person.id == spans.practitioner_id)
        .where(scope.days(spans.from_on))
        .order_by(spans.practitioner_id, spans.position)
        .limit(limit)
    )
    if scope.region:
        query = query.where(scored_in(scope, spans.practitioner_id))
    if after is not None:
        place = tuple_(literal(after[0], type_=spans.practitioner_id.type), literal(after[1]))
        query = query.where(tuple_(spans.practitioner_id, spans.position) > place)
    return [SanctionOfPerson(**row) for row in conn.execute(query).mappings()]


def sanctions_then(conn: Connection, scope: Scope, known_at: datetime) -> Iterator[tuple[str, Sanction]]:
    """Return the sanctions of the scope as they were known at a moment, each with whose it is.

    The files with entries by then are folded again.
    """
    ids: list[str] = list(conn.scalars(people_with_entries(scope)))
    for first in range(0, len(ids), FILES_AT_ONCE):
        for person, recorded in read_entries(conn, ids[first : first + FILES_AT_ONCE]).items():
            for span in fold(known(recorded, known_at)).sanctions:
                if scope.holds(span.start):
                    yield person, span


def counted_sanctions(spans: Iterable[tuple[str, Sanction]]) -> dict[str, int]:
    """Return what `count_sanctions` does of sanctions at hand, each with whose it is."""
    persons = {(person, _counted_as(span)) for person, span in spans}
    return dict(Counter(what for _person, what in persons))


def _counted_as(span: Sanction) -> str:
    """Return what a sanction counts as: what a measure brings is counted apart, suspension or termination."""
    return span.kind.value if span.measure is None else MEASURE


def people_with_entries(scope: Scope) -> Select[str]:
    """Return the query of the people with an entry that may bring a sanction, of a case in the region."""
    query = (
        select(entries.c.practitioner_id)
        .distinct()
        .where(
            entries.c.kind.in_(SANCTIONING),
            _known(scope.known_at),
            entries.c.practitioner_id.not_in(merged_by(scope.known_at)),
        )
    )
    return query.where(scored_in(scope, entries.c.practitioner_id)) if scope.region else query


def scored_in(scope: Scope, practitioner_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that a person has an entry of a case in the region, as it was known."""
    scored = entries.alias("scored")
    of_person = (scored.c.practitioner_id == practitioner_id, _known(scope.known_at, scored.c.recorded_at))
    return exists(
        select(scored.c.id)
        .join(cases, cases.c.id == scored.c.case_id)
        .where(*of_person, cases.c.region.startswith(scope.region))
    )
