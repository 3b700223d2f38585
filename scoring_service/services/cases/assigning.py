"""Cases assigned: who works on one at present. A clerk takes one that nobody has; reviewer and administrator assign.

An assignment decides nothing and changes nothing of the case, so that whoever edits it meanwhile loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import any_, literal, select, update

from scoring_service.core.procedure import CaseState
from scoring_service.db.cases import case_summary, cases_query
from scoring_service.db.tables import accounts, cases, findings
from scoring_service.db.tables.schema import one_of
from scoring_service.problems import Conflict, Forbidden, Invalid, NotFound, Problem, WrongState
from scoring_service.services.accounts.account import COLUMNS, account_of, is_active
from scoring_service.services.cases.reading import visible_cases
from scoring_service.services.unit_of_work.many import check_ticked, refusal_of
from scoring_service.services.unit_of_work.touch import check_touches_case, is_own_file
from scoring_service.terms import CASE_STATES
from scoring_service.written import is_id

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from scoring_service.db.cases import CaseSummary
    from scoring_service.services.accounts.account import Account
    from scoring_service.services.unit_of_work.transaction import Work

CLERK = "office.clerk"
_IS_CLERK = (literal(CLERK) == any_(accounts.c.roles)) & is_active()
_NOUN = "案件 / case"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCase:
    """A case to assign, as it was seen: its version, and the username of who had it."""

    case: str
    version: int
    assigned_to: str | None = None


def assign_cases(work: Work, seen: Sequence[SeenCase], to: str | None) -> list[CaseSummary]:
    """Assign these cases to the clerk `to` (a username), None to nobody; return them in this order.

    A clerk takes those that nobody has, or gives back their own. Nothing is done when one cannot be. Raises Faulty,
    Conflict `assignments_refused` when some changed meanwhile, with every faulty row in `rows`, NotFound, Forbidden.
    """
    ids = [each.case for each in seen]
    check_ticked("cases", ids)
    held = _read(work, ids, lock=True)
    people = _people(work, ids)
    for region in {case.region for case in held.values()}:
        check_touches_case(work, region, set().union(*people.values()))
    clerk = None if to is None else _clerk(work, to)
    refused = {
        place: problem
        for place, each in enumerate(seen)
        if (problem := _refused(work, held[each.case], each, clerk, people.get(each.case, set()))) is not None
    }
    if refused:
        raise refusal_of("assignments_refused", "cases", refused)
    assigned = {"assigned_to": None if clerk is None else clerk.id}
    work.conn.execute(update(cases).where(cases.c.id.in_(ids)).values(assigned))
    for case in held.values():
        detail = {"from": case.assigned_to, "to": to}
        work.audit("case.assigned", object_kind="case", object_id=case.id, case_id=case.id, detail=detail)
    return [replace(held[case_id], assigned_to=to) for case_id in ids]


def clerks(work: Work, regions: Collection[str]) -> list[Account]:
    """Return the clerks in use who see all these divisions, by username; to a clerk themselves alone."""
    query = select(*COLUMNS).where(_IS_CLERK).order_by(accounts.c.username)
    if not _may_assign(work):
        query = query.where(accounts.c.id == work.actor.account_id)
    every = map(account_of, work.conn.execute(query).mappings())
    return [clerk for clerk in every if all(map(clerk.as_actor().sees_region, regions))]


def seen_cases(work: Work, ids: Sequence[str]) -> list[CaseSummary]:
    """Return cases in this order. Raises NotFound when one is unknown or out of sight, without telling which."""
    by_id = _read(work, ids, lock=False)
    return [by_id[case_id] for case_id in ids]


def _may_assign(work: Work) -> bool:
    return work.actor.has("office.reviewer", "office.admin")


def _read(work: Work, ids: Sequence[str], *, lock: bool) -> dict[str, CaseSummary]:
    query = cases_query(one_of(cases.c.id, "ids"), visible_cases(work)).order_by(cases.c.id)
    if lock:
        query = query.with_for_update(of=cases)
    rows = work.conn.execute(query, {"ids": list(filter(is_id, ids))}).mappings()
    by_id = {row["id"]: case_summary(row) for row in rows}
    if by_id.keys() != set(ids):
        raise NotFound(_NOUN)
    return by_id


def _people(work: Work, ids: Sequence[str]) -> dict[str, set[str]]:
    """Return the people whom each case charges."""
    query = select(findings.c.case_id, findings.c.practitioner_id).where(one_of(findings.c.case_id, "ids"))
    people: dict[str, set[str]] = {case_id: set() for case_id in ids}
    for case_id, practitioner_id in work.conn.execute(query, {"ids": list(ids)}):
        people[case_id].add(practitioner_id)
    return people


def _clerk(work: Work, username: str) -> Account:
    """Return the account to assign to. Raises Forbidden for another's than a clerk's own, and Invalid."""
    if not _may_assign(work) and username != work.actor.username:
        raise Forbidden
    query = select(*COLUMNS).where(accounts.c.username == username, _IS_CLERK)
    row = work.conn.execute(query).mappings().one_or_none()
    clerk = None if row is None else account_of(row)
    region = work.actor.region
    if clerk is None or not (region is None or clerk.region is None or clerk.region.startswith(region)):
        raise Invalid("/to", "没有这位经办人，请从名单中选择 / there is no such clerk: choose one of those listed")
    return clerk


def _refused(
    work: Work, case: CaseSummary, seen: SeenCase, clerk: Account | None, people: Collection[str]
) -> Problem | None:
    """Return why one case cannot be assigned, None where it can."""
    if case.state == CaseState.WITHDRAWN:
        return WrongState("case", case.state, CASE_STATES)
    if case.version != seen.version:
        return Conflict("version_mismatch", "案件已被他人改动，请核对后重新选择 / changed meanwhile: look at it again")
    if case.assigned_to != seen.assigned_to:
        return _taken(case.assigned_to)
    if not _may_assign(work) and case.assigned_to not in {None, work.actor.username}:
        return _taken(case.assigned_to)
    if clerk is not None and not _may_work_on(work, clerk, case, people):
        return Invalid("", "该经办人不能办理此案：不在其区划，或涉及其本人 / that clerk may not work on this case")
    return None


def _taken(username: str | None) -> Conflict:
    nobody = "该案现无人经办 / nobody works on it now"
    detail = f"该案现由 {username} 经办 / {username} works on it now" if username else nobody
    return Conflict("case_assigned", detail)


def _may_work_on(work: Work, clerk: Account, case: CaseSummary, people: Collection[str]) -> bool:
    actor = clerk.as_actor()
    return actor.sees_region(case.region) and not is_own_file(replace(work, actor=actor), people)
