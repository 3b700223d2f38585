"""Scores counted by what they are told apart by, what was decided on them later, and whether papers were in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Float, Text, and_, case, cast, func, literal, null, or_, select, union_all

from scoring_service.core.civil import midnight
from scoring_service.core.entries import EntryKind
from scoring_service.core.procedure import AppealState, Duty, ResumptionState
from scoring_service.db.statistics import SANCTIONING, scored_in, scores_of
from scoring_service.db.tables import (
    appeals,
    cases,
    entries,
    notice_duties,
    notices,
    receipt_corrections,
    resumptions,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, FromClause, Select, Subquery

    from scoring_service.db.ratios import Known
    from scoring_service.db.statistics import Scope

# By which columns of the scores they are told apart.
SIDES = {"county": "region", "item": "item", "degree": "degree", "category": "category"}
CIVIL = "Asia/Shanghai"


class Tally(NamedTuple):
    """How many scores are alike on one side, such as of one item, and the points of all of them."""

    side: str
    key: str
    person_times: int
    points: int


def tally_scores(conn: Connection, scope: Scope) -> list[Tally]:
    """Count the scores by each of SIDES, the most first."""
    scores = scores_of(scope, *SIDES.values(), "points")
    keys = [scores.c[name] for name in SIDES.values()]
    sides = [func.grouping(key) for key in keys]
    query = select(*keys, *sides, func.count(), func.sum(scores.c.points)).group_by(func.grouping_sets(*keys))
    tallies = [_tally(tuple(row)) for row in conn.execute(query)]
    return sorted(tallies, key=lambda row: (row.side, -row.person_times, row.key))


def _tally(row: Sequence[Any]) -> Tally:
    """Return the tally of a row in which the keys of all sides but one are left out."""
    values, left_out = row[: len(SIDES)], row[len(SIDES) : 2 * len(SIDES)]
    place = left_out.index(0)
    return Tally(list(SIDES)[place], values[place], *row[2 * len(SIDES) :])


def ranked_places(scope: Scope, known: Known, last: date, *, by_ratio: bool) -> Subquery:
    """Return the institutions with scores or with people sanctioned, each with its counts.

    Where there are people sanctioned, with how many are registered on `last`, and for a list `by_ratio` the ratio of
    the two: only for that is it counted everywhere before the first row is known.
    """
    scored, struck = _scored_places(scope), known.sanctioned().cte("sanctioned")
    both: FromClause = scored.outerjoin(struck, struck.c.institution_code == scored.c.institution_code, full=True)
    code = func.coalesce(scored.c.institution_code, struck.c.institution_code)
    registered: ColumnElement[Any] = case((struck.c.sanctioned > 0, known.registered_at(code, last)))
    ratio: ColumnElement[Any] = cast(null(), Float)
    if by_ratio:
        shares = known.registered_by_place(struck, last).cte("shares")
        both = both.outerjoin(shares, shares.c.institution_code == struck.c.institution_code)
        registered = func.coalesce(shares.c.registered, case((struck.c.sanctioned > 0, 0)))
        ratio = cast(struck.c.sanctioned, Float) / func.nullif(shares.c.registered, 0)
    numbers = [scored.c.person_times, scored.c.persons, scored.c.points, struck.c.sanctioned]
    places = known.places.c
    query = select(
        places.code, places.name, places.region,
        *(func.coalesce(number, 0).label(number.name) for number in numbers),
        registered.label("registered"), ratio.label("ratio"),
    ).select_from(both.join(known.places, places.code == code))  # fmt: skip
    if scope.region:
        query = query.where(or_(scored.c.person_times > 0, places.region.startswith(scope.region)))
    return query.subquery("places")


def _scored_places(scope: Scope) -> FromClause:
    scores = scores_of(scope, "institution_code", "practitioner_id", "points")
    query = select(
        scores.c.institution_code,
        func.count().label("person_times"),
        func.count(scores.c.practitioner_id.distinct()).label("persons"),
        func.sum(scores.c.points).label("points"),
    )
    return query.group_by(scores.c.institution_code).cte("scored")


def moved_places(conn: Connection, scope: Scope, since: date, most: int) -> list[tuple[str, int, int]]:
    """Return the institutions with more scores from the day `since` on than in the scope before it.

    Each with its code, how many it had before and since; those with the largest rise first.
    """
    scores = scores_of(scope, "institution_code", "decided_on")
    now = func.count().filter(scores.c.decided_on >= since)
    before = func.count().filter(scores.c.decided_on < since)
    code = scores.c.institution_code
    query = select(code, before, now).group_by(code).having(now > before)
    rows = conn.execute(query.order_by((now - before).desc(), code).limit(most))
    return [(place, earlier, later) for place, earlier, later in rows]


def count_procedures(conn: Connection, scope: Scope) -> dict[tuple[str, str], int]:
    """Return how many appeals were filed and decided, resumptions decided, and corrections posted on these days.

    By what and how: (`appeal`, an outcome or a state), (`filed`, ``), (`resumption`, a state), (`correction`, a basis).
    """
    parts = (_appeals_filed(scope), _appeals_decided(scope), _resumptions_decided(scope), _corrections(scope))
    return {(row.what, row.how): row.many for row in conn.execute(union_all(*parts))}


def _counted(what: str, how: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Select[str, str, int]:
    named = cast(how, Text).label("how")
    query = select(literal(what).label("what"), named, func.count().label("many"))
    return query.where(*conditions).group_by(named)


def _appeals_filed(scope: Scope) -> Select[str, str, int]:
    filed = appeals.c.recorded_at
    return _counted("filed", literal(""), *_recorded(scope, filed), *_of_appeal(scope))


def _appeals_decided(scope: Scope) -> Select[str, str, int]:
    ended = appeals.c.state.in_((AppealState.DECIDED, AppealState.DECLINED))
    how = func.coalesce(appeals.c.outcome, appeals.c.state)
    return _counted("appeal", how, ended, *_recorded(scope, appeals.c.decided_at), *_of_appeal(scope))


def _of_appeal(scope: Scope) -> list[ColumnElement[bool]]:
    if not scope.region:
        return []
    case_of = select(cases.c.id).where(cases.c.id == appeals.c.case_id, cases.c.region.startswith(scope.region))
    of_person = and_(appeals.c.case_id.is_(None), scored_in(scope, appeals.c.practitioner_id))
    return [or_(case_of.exists(), of_person)]


def _resumptions_decided(scope: Scope) -> Select[str, str, int]:
    return _counted("resumption", resumptions.c.state, *_evaluated(scope))


def _evaluated(scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions that a resumption was evaluated on these days: granted or refused (P39)."""
    row = resumptions.c
    done = row.state.in_((ResumptionState.APPROVED, ResumptionState.REFUSED))
    of_region = [scored_in(scope, row.practitioner_id)] if scope.region else []
    return [done, *_recorded(scope, row.decided_at), *of_region]


def _corrections(scope: Scope) -> Select[str, str, int]:
    entry = entries.c
    conditions = [entry.kind == EntryKind.CORRECTION, entry.copied_from.is_(None), *_recorded(scope, entry.recorded_at)]
    if scope.region:
        conditions.append(scored_in(scope, entry.practitioner_id))
    return _counted("correction", entry.basis, *conditions)


def _recorded(scope: Scope, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Return the conditions that what a column dates was recorded on these days, as far as it was known."""
    known = [column <= scope.known_at] if scope.known_at is not None else []
    return [column >= midnight(scope.first), column < midnight(scope.until), *known]


def civil(column: ColumnElement[Any]) -> ColumnElement[date]:
    """Return the civil day of an instant."""
    return func.date(func.timezone(CIVIL, column))


class Punctuality(NamedTuple):
    """Of papers with a last day: how many there are, done in time, done late, and not done by then."""

    what: str
    total: int
    in_time: int
    late: int
    waiting: int


def count_punctuality(conn: Connection, scope: Scope) -> list[Punctuality]:
    """Count by what is due: letters issued and delivered, resumptions evaluated, appeals decided (P31 P33 P39 P44).

    The last days are those on record, which the working days of the rulebook of each case have made.
    """
    parts = (_issues(scope), _deliveries(scope), _evaluations(scope), _decisions(scope))
    rows = conn.execute(union_all(*(_punctual(part.subquery()) for part in parts)))
    return [Punctuality._make(row) for row in rows]


def _punctual(due: FromClause) -> Select[Any]:
    """Return the count of rows of `what`, their last day `due_on` and the day `done_on` on which it was done."""
    done, last = due.c.done_on, due.c.due_on
    return select(
        due.c.what,
        func.count(),
        func.count().filter(done <= last),
        func.count().filter(done > last),
        func.count().filter(done.is_(None)),
    ).group_by(due.c.what)


def _due(what: str, due_on: ColumnElement[Any], done_on: ColumnElement[Any], *conditions: Any) -> Select[Any]:
    return select(literal(what).label("what"), due_on.label("due_on"), done_on.label("done_on")).where(
        due_on.is_not(None), *conditions
    )


def _issues(scope: Scope) -> Select[Any]:
    """Return the cases of these days whose letters have been issued: with the approval that posted their entries."""
    entry = entries.c
    posted = (
        select(cases.c.id, cases.c.notice_due_on, func.min(entry.recorded_at).label("at"))
        .join(entries, entry.case_id == cases.c.id)
        .where(scope.days(cases.c.decided_on), entry.kind.in_(SANCTIONING), entry.copied_from.is_(None))
        .group_by(cases.c.id)
    )
    if scope.known_at is not None:
        posted = posted.where(entry.recorded_at <= scope.known_at)
    if scope.region:
        posted = posted.where(cases.c.region.startswith(scope.region))
    issued = posted.subquery("posted")
    return _due("issue", issued.c.notice_due_on, civil(issued.c.at))


def _deliveries(scope: Scope) -> Select[Any]:
    """Return the letters to institutions that were issued on these days, each with its receipt as it was known."""
    duty = notice_duties.c
    query = _due(
        "delivery", duty.due_on, _received_on(scope),
        duty.duty == Duty.DELIVERY, *_recorded(scope, notices.c.created_at),
    )  # fmt: skip
    query = query.join_from(notice_duties, notices, notices.c.id == duty.notice_id)
    if not scope.region:
        return query
    return query.join(cases, cases.c.id == notices.c.case_id).where(cases.c.region.startswith(scope.region))


def _received_on(scope: Scope) -> ColumnElement[Any]:
    """Return the day of a receipt as it was known: before a later correction that which it corrected."""
    known_at, recorded = scope.known_at, func.coalesce(notices.c.receipt_recorded_at, notices.c.created_at)
    if known_at is None:
        return notices.c.received_on
    fix = receipt_corrections.c
    was = case((fix.at_before <= known_at, fix.received_before))
    first_later = select(was).where(fix.notice_id == notices.c.id, fix.recorded_at > known_at)
    corrected_later = select(fix.id).where(fix.notice_id == notices.c.id, fix.recorded_at > known_at).exists()
    before = first_later.order_by(fix.recorded_at).limit(1).scalar_subquery()
    return case((corrected_later, before), (recorded <= known_at, notices.c.received_on))


def _evaluations(scope: Scope) -> Select[Any]:
    row = resumptions.c
    return _due("evaluation", row.evaluation_due_on, civil(row.decided_at), *_evaluated(scope))


def _decisions(scope: Scope) -> Select[Any]:
    row = appeals.c
    decided = (row.state == AppealState.DECIDED, *_recorded(scope, row.decided_at), *_of_appeal(scope))
    return _due("appeal_decision", row.due_on, civil(row.decided_at), *decided)
