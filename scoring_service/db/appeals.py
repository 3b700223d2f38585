"""Reads of appeals: the appeal, its experts, the hands behind it, and who is tied to the person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import any_, exists, literal, or_, select, true, union_all

from scoring_service.core.procedure import AppealState
from scoring_service.db.tables import (
    accounts,
    appeal_experts,
    appeals,
    case_hands,
    findings,
    remediation_applications,
    standing_affiliations,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Connection, Row

OPEN_STATES = FILED, COMPLETE, ACCEPTED = AppealState.FILED, AppealState.COMPLETE, AppealState.ACCEPTED


def find_appeal(
    conn: Connection, appeal_id: str, visible: ColumnElement[bool], *, lock: bool = False
) -> Row[Any] | None:
    """Return the appeal if `visible` holds for it; with `lock` its row is held until the transaction ends."""
    query = select(appeals).where(appeals.c.id == appeal_id, visible)
    return conn.execute(query.with_for_update() if lock else query).one_or_none()


def open_appeal(conn: Connection, practitioner_id: str, entry_id: str | None) -> str | None:
    """Return the id of the open appeal against an entry, or against the person's state when `entry_id` is None."""
    found: str | None = conn.execute(
        select(appeals.c.id).where(
            appeals.c.practitioner_id == practitioner_id,
            appeals.c.entry_id.is_not_distinct_from(entry_id),
            appeals.c.state.in_(OPEN_STATES),
        )
    ).scalar_one_or_none()
    return found


def is_assigned(account_id: str | None) -> ColumnElement[bool]:
    """Return the condition on `appeals` that the account is one of the experts, and neither recused nor released."""
    return exists().where(
        appeal_experts.c.appeal_id == appeals.c.id,
        appeal_experts.c.account_id == account_id,
        appeal_experts.c.recused_at.is_(None),
    )


def read_experts(conn: Connection, appeal_id: str) -> Sequence[Row[Any]]:
    """Return the experts of an appeal with their user names, those recused or released too, by assignment."""
    return conn.execute(
        select(appeal_experts, accounts.c.username)
        .join(accounts, accounts.c.id == appeal_experts.c.account_id)
        .where(appeal_experts.c.appeal_id == appeal_id)
        .order_by(appeal_experts.c.assigned_at, accounts.c.username)
    ).all()


def hands_behind(conn: Connection, appeal: Row[Any]) -> Sequence[Row[Any]]:
    """Return `staff_no` and `account_id` of all who had a hand in what is appealed against.

    An appeal against the state of a file rests on every case that scored the person.
    """
    scored = select(findings.c.case_id).where(
        findings.c.practitioner_id == appeal.practitioner_id, findings.c.entry_id.is_not(None)
    )
    if appeal.entry_id is not None:
        scored = scored.where(findings.c.entry_id == appeal.entry_id)
    of_case = select(case_hands.c.staff_no, case_hands.c.account_id).where(case_hands.c.case_id.in_(scored))
    granted = remediation_applications.c
    of_credit = granted.entry_id == appeal.entry_id
    recorded = select(granted.recorded_staff_no, granted.recorded_by_account).where(of_credit)
    decided = select(granted.decided_staff_no, granted.decided_by_account).where(of_credit)
    return conn.execute(union_all(of_case, recorded, decided)).all()


def institutions_since(conn: Connection, practitioner_ids: Collection[str], since: date | None) -> set[str]:
    """Return the codes of the institutions where these people were registered on `since` or later; None: ever."""
    spans = standing_affiliations.c
    query = select(spans.institution_code).where(
        spans.practitioner_id.in_(practitioner_ids), _lasts_beyond(spans.until_on, since)
    )
    return set(conn.execute(query.distinct()).scalars())


def staff_tied_to(
    conn: Connection, practitioner_id: str, institutions: Collection[str], since: date | None
) -> set[str]:
    """Return the staff numbers of the person, and of whoever belongs to one of `institutions` by any account."""
    spans = standing_affiliations.c
    colleagues = exists().where(
        spans.practitioner_id == accounts.c.practitioner_id,
        spans.institution_code.in_(institutions),
        _lasts_beyond(spans.until_on, since),
    )
    query = select(accounts.c.staff_no).where(
        or_(
            accounts.c.practitioner_id == practitioner_id,
            accounts.c.institution_code.in_(institutions),
            colleagues,
        )
    )
    return set(conn.execute(query.distinct()).scalars())


def _lasts_beyond(until_on: ColumnElement[Any], since: date | None) -> ColumnElement[bool]:
    return true() if since is None else or_(until_on.is_(None), until_on > since)


def staff_heard_on(conn: Connection, appeal: Row[Any], since: datetime) -> set[str]:
    """Return the staff numbers of the experts of other appeals on the person, assigned after `since`."""
    rows = appeal_experts.c
    query = select(rows.staff_no).where(
        rows.practitioner_id == appeal.practitioner_id,
        rows.appeal_id != appeal.id,
        rows.assigned_at > since,
        rows.recused_at.is_(None),
    )
    return set(conn.execute(query.distinct()).scalars())


def expert_accounts(conn: Connection, region: str | None) -> Sequence[Row[Any]]:
    """Return the pool of experts for an office of `region`, by user name.

    It holds those without a division, and those whose division lies in the region or the region in theirs.
    """
    columns: list[Any] = [accounts.c.id, accounts.c.username, accounts.c.staff_no]
    pool = (literal("expert") == any_(accounts.c.roles)) & accounts.c.disabled_at.is_(None)
    if region is not None:
        own = accounts.c.region
        pool &= or_(own.is_(None), own.startswith(region), literal(region).startswith(own))
    return conn.execute(select(*columns).where(pool).order_by(accounts.c.username)).all()
