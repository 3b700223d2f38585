"""Reads of cases: the case, its findings with the people's names, its hands, and the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select

from scoring_service.db.tables import (
    accounts,
    case_hands,
    cases,
    findings,
    institutions,
    practitioners,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

DRAFTING_DEEDS = ("drafted", "edited")


def cases_query(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the query of the cases for which all `conditions` hold, each with its institution's name."""
    return (
        select(cases, institutions.c.name.label("institution_name"))
        .join(institutions, institutions.c.code == cases.c.institution_code)
        .where(*conditions)
    )


def find_case(
    conn: Connection, case_id: str, visible: ColumnElement[bool], *, lock: bool = False
) -> Row[Any] | None:
    """Return the case if `visible` holds for it; with `lock` its row is held until the transaction ends."""
    query = cases_query(cases.c.id == case_id, visible)
    if lock:
        query = query.with_for_update(of=cases)
    return conn.execute(query).one_or_none()


_SHOWN_FINDINGS = (
    select(findings, practitioners.c.code, practitioners.c.name)
    .join(practitioners, practitioners.c.id == findings.c.practitioner_id)
    .order_by(findings.c.position)
)
_FINDINGS = _SHOWN_FINDINGS.where(findings.c.case_id == bindparam("case_id"))
_HANDS = (
    select(case_hands, accounts.c.username)
    .join(accounts, accounts.c.id == case_hands.c.account_id)
    .where(case_hands.c.case_id == bindparam("case_id"))
    .order_by(case_hands.c.at, case_hands.c.deed)
)
_DRAFTING_HANDS = select(case_hands).where(
    case_hands.c.case_id == bindparam("case_id"), case_hands.c.deed.in_(DRAFTING_DEEDS)
)


def read_findings(
    conn: Connection, case_id: str, shown: ColumnElement[bool] | None = None
) -> Sequence[Row[Any]]:
    """Return the findings of a case in order, each with its person's code and name."""
    query = _FINDINGS if shown is None else _FINDINGS.where(shown)
    return conn.execute(query, {"case_id": case_id}).all()


def findings_of_each(
    conn: Connection, case_ids: Sequence[str], shown: ColumnElement[bool]
) -> dict[str, list[Row[Any]]]:
    """Return the findings of each case as `read_findings` does, those that are `shown`."""
    found: dict[str, list[Row[Any]]] = {case_id: [] for case_id in case_ids}
    query = _SHOWN_FINDINGS.where(findings.c.case_id.in_(found), shown)
    for row in conn.execute(query):
        found[row.case_id].append(row)
    return found


def read_hands(conn: Connection, case_id: str) -> Sequence[Row[Any]]:
    """Return the hands that a case went through, the first deed first."""
    return conn.execute(_HANDS, {"case_id": case_id}).all()


def drafting_hands(conn: Connection, case_id: str) -> Sequence[Row[Any]]:
    """Return the hands that drafted or edited the case, each with its account and staff number."""
    return conn.execute(_DRAFTING_HANDS, {"case_id": case_id}).all()


def hold_people(conn: Connection, practitioner_ids: Iterable[str]) -> None:
    """Hold the rows of the people that findings will point to, in the order of their ids.

    The foreign keys would take the same locks later, after the clock's row, where an approval that holds a
    person and waits for the clock would wait for us and we for it.
    """
    conn.execute(
        select(practitioners.c.id)
        .where(practitioners.c.id.in_(set(practitioner_ids)))
        .order_by(practitioners.c.id)
        .with_for_update(read=True, key_share=True)
    ).all()


def of_person(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a case has a finding for which `condition` holds."""
    return cases.c.id.in_(select(findings.c.case_id).where(condition))


def any_of(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return the condition that one of `conditions` holds; none holds when there are none."""
    return or_(False, *conditions)
