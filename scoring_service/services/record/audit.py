"""Reading the audit: every write, and every look at a person. It is written by `Work.audit` and `Work.look`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select

from scoring_service.core.civil import civil_day
from scoring_service.core.procedure import CaseState
from scoring_service.db.merges import of_one_file
from scoring_service.db.tables import accounts, audit_log, cases, findings
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.staff_numbers import recorded_for
from scoring_service.services.unit_of_work.transaction import LOOK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping

    from scoring_service.json_values import JsonObject
    from scoring_service.services.unit_of_work.transaction import Work

LINES, MOST_LOOKS = 25, 2_000
# What is only ever looked at as a list.
KINDS_OF_LISTS = ("list", "notices", "today", "events", "audit", "export")
CLOSED_CASES = (CaseState.APPROVED, CaseState.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One act or look: who, in what role, when, of what."""

    id: int
    at: datetime
    account_id: str | None
    username: str
    real_name: str | None
    staff_no: str
    role: str
    action: str
    object_kind: str | None
    object_id: str | None
    practitioner_id: str | None
    case_id: str | None
    institution_code: str | None
    detail: JsonObject | None
    request_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Somebody looked at something of a person, `object_kind`, in a role."""

    id: int
    at: datetime
    username: str
    role: str
    object_kind: str


def audit(
    work: Work,
    *,
    username: str | None = None,
    staff_no: str | None = None,
    action: str | None = None,
    object_kind: str | None = None,
    object_id: str | None = None,
    practitioner: str | None = None,
    institution: str | None = None,
    since: datetime | None = None,
    before: datetime | None = None,
    lists: bool = True,
) -> Listing[AuditRow]:
    """Return the list of the audit rows that fit, those of the actor's region; `practitioner` is a ref.

    Those of a person hold the deeds on their cases. Without `lists`, looks at people as rows of a list are left out.
    Asking for a person is a look at them, and goes on record.
    Raises NotFound for a person out of sight.
    """
    wanted = {
        audit_log.c.username: username,
        audit_log.c.action: action,
        audit_log.c.object_kind: object_kind,
        audit_log.c.object_id: object_id,
        audit_log.c.institution_code: institution,
    }
    query = select(audit_log, accounts.c.real_name).outerjoin(accounts, accounts.c.id == audit_log.c.account_id)
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    if staff_no is not None:
        query = query.where(recorded_for(audit_log.c.staff_no, staff_no))
    if practitioner is not None:
        person = sight.require_practitioner(work, practitioner)
        work.look(person.id, "audit")
        of_person = of_one_file(audit_log.c.practitioner_id, person.id)
        query = query.where(or_(of_person, _on_cases_of(work, person.id)))
    if since is not None:
        query = query.where(audit_log.c.at >= since)
    if before is not None:
        query = query.where(audit_log.c.at < before)
    if not lists:
        query = query.where(~_seen_in_list())
    within = _within_region(work, query)
    return Listing(query=within, keys=(audit_log.c.id,), show=_audit_row, looked_at="audit")


def _seen_in_list() -> ColumnElement[bool]:
    """The looks of lists; those of before they said so are known by their kind."""
    row = audit_log.c
    said = func.coalesce(row.detail["in_list"].as_boolean(), false())
    return and_(row.action == LOOK, or_(row.object_kind.in_(KINDS_OF_LISTS), said))


def _audit_row(row: RowMapping) -> AuditRow:
    return AuditRow(**row)


def access_log(work: Work, ref: str) -> Listing[Look]:
    """Return the list of the looks at a person, their own left out. Raises NotFound.

    To the person, looks for an investigation stay hidden until its case is closed (contract.md, Office desk), and the
    experts of an appeal have no name (contract.md, Roles).
    """
    return Listing(query=_looks(work, ref), keys=(audit_log.c.id,), show=_look)


def _look(row: RowMapping) -> Look:
    return Look(**row)


def _looks(work: Work, ref: str) -> Select[Any]:
    person = sight.require_practitioner(work, ref)
    whole = work.actor.has("office.auditor")
    named = audit_log.c.username if whole else _without_experts()
    columns = (audit_log.c.id, audit_log.c.at, named, audit_log.c.role, audit_log.c.object_kind)
    query = select(*columns).where(
        of_one_file(audit_log.c.practitioner_id, person.id), audit_log.c.action == "look"
    )
    if whole:
        work.look(person.id, "access-log")
        return query
    closed = select(cases.c.id).where(cases.c.state.in_(CLOSED_CASES))
    return query.where(
        audit_log.c.account_id.is_distinct_from(work.actor.account_id),
        or_(audit_log.c.case_id.in_(closed), audit_log.c.case_id.is_(None) & (audit_log.c.object_kind != "case")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyLooks:
    """The looks of one account in one role on one day of Shanghai, the newest first."""

    username: str
    role: str
    looks: Sequence[Look]


def daily_looks(work: Work, ref: str, before: int | None = None) -> tuple[list[DailyLooks], int | None]:
    """Return the newest of the same looks before look number `before`, and the number to go on from, None at the end.

    Whole days are told, at least one and then up to LINES lines, out of MOST_LOOKS looks read: a file that is looked
    at all day takes more pages, not more time. Raises NotFound.
    """
    query = _looks(work, ref).order_by(audit_log.c.id.desc()).limit(MOST_LOOKS)
    if before is not None:
        query = query.where(audit_log.c.id < before)
    looks = [Look(**row) for row in work.conn.execute(query).mappings()]
    shown: list[DailyLooks] = []
    for day, of_day in groupby(looks, key=lambda look: civil_day(look.at)):
        lines = _lines(of_day)
        cut_short = len(looks) == MOST_LOOKS and day == civil_day(looks[-1].at)
        if shown and (len(shown) + len(lines) > LINES or cut_short):
            return shown, min(look.id for line in shown for look in line.looks)
        shown += lines
    return shown, looks[-1].id if len(looks) == MOST_LOOKS else None


def _lines(looks: Iterable[Look]) -> list[DailyLooks]:
    by_account: dict[tuple[str, str], list[Look]] = {}
    for look in looks:
        by_account.setdefault((look.username, look.role), []).append(look)
    return [
        DailyLooks(username=username, role=role, looks=of_one)
        for (username, role), of_one in by_account.items()
    ]


def _without_experts() -> ColumnElement[str]:
    return case((audit_log.c.role.contains("expert"), "expert"), else_=audit_log.c.username).label("username")


def _on_cases_of(work: Work, practitioner_id: str) -> ColumnElement[bool]:
    """The deeds on the cases that charge a person: such a row names the case, not the people in it.

    The cases are few and read first, so that both halves of the question go by an index.
    """
    charged = select(findings.c.case_id).where(findings.c.practitioner_id == practitioner_id).distinct()
    return and_(
        audit_log.c.object_kind == "case", audit_log.c.object_id.in_(work.conn.scalars(charged).all())
    )


def _within_region(work: Work, query: Select[Any]) -> Select[Any]:
    if work.actor.region is None:
        return query
    person = audit_log.c.practitioner_id
    return query.where(
        or_(
            and_(person.is_not(None), sight.merged_filter(work, person)),
            sight.institution_filter(work, audit_log.c.institution_code),
        )
    )
