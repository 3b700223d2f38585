"""Appeals as they are stored: the appeal, its experts, the hands behind it, and who is tied to the person."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import any_, exists, literal, or_, select, true, union_all

from scoring_service.core.procedure import AppealState, Outcome
from scoring_service.db.affected import Affected, affected_of
from scoring_service.db.tables import (
    accounts,
    appeal_experts,
    appeals,
    case_hands,
    entries,
    remediation_applications,
    standing_affiliations,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Connection

class ExpertState(StrEnum):
    """Whether an expert is heard, or will not be: `released` by the office, `recused` by themselves."""

    ASSIGNED = "assigned"
    GIVEN = "given"
    RECUSED = "recused"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """An appeal as everybody sees it who may know of it.

    `window_closes_on` is the last day on which it could be filed; `countersign_until`, `explanation_due_on`,
    `answer_due_on` and `due_on` are last days too. While experts have it, since `paused_since`, `due_on` stands still:
    it moves on when the last of them is heard, by the working days that they took; `paused_days` were taken so far.
    """

    id: str
    version: int
    state: AppealState
    practitioner_id: str
    entry_id: str | None
    case_id: str | None
    against: str
    grounds: str
    filed_by: str
    institution_code: str | None
    on_paper: bool
    received_on: date
    recorded_at: datetime
    window_closes_on: date | None
    window_provisional: bool
    countersign_until: date
    countersigned_at: datetime | None
    countersigned_on_paper: bool
    countersigned_institution: str | None
    refused_at: datetime | None
    refused_because: str | None
    completed_at: datetime | None
    explanation_due_on: date | None
    explanation: str | None
    explained_at: datetime | None
    answer_due_on: date | None
    answer_provisional: bool
    insisted_at: datetime | None
    insisted_silently: bool
    insisted_grounds: str | None
    accepted_at: datetime | None
    due_on: date | None
    due_provisional: bool
    paused_since: date | None
    paused_days: int
    decided_at: datetime | None
    outcome: Outcome | None
    points: int | None
    reasons: str | None
    correction_id: str | None
    affected: Affected | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAppeal(Appeal):
    """An appeal as it is stored: with who handled it, which the office alone is told."""

    rulebook_sha256: str
    recorded_by: str
    recorded_staff_no: str
    countersigned_by: str | None
    countersigned_staff_no: str | None
    countersign_proof: str | None
    proceeded_because: str | None
    explained_by: str | None
    insisted_by: str | None
    accepted_by: str | None
    decided_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledExpert:
    """An expert who may be assigned: the account, its user name and staff number."""

    account_id: str
    username: str
    staff_no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignedExpert(PooledExpert):
    """An expert of an appeal, with the opinion given or why there will be none.

    It is awaited by the end of `due_on`, where the office has set a day.
    """

    appeal_id: str
    chosen: str
    chosen_because: str | None
    assigned_by: str
    assigned_at: datetime
    opinion: str | None
    points: int | None
    text: str | None
    given_at: datetime | None
    recused_at: datetime | None
    recused_because: str | None
    released_by: str | None
    due_on: date | None

    @property
    def state(self) -> ExpertState:
        """Whether the expert is heard, or will not be."""
        if self.recused_at is not None:
            return ExpertState.RECUSED if self.released_by is None else ExpertState.RELEASED
        return ExpertState.ASSIGNED if self.given_at is None else ExpertState.GIVEN


OPEN_STATES = FILED, COMPLETE, EXPLAINED, INSISTED, ACCEPTED = (
    AppealState.FILED,
    AppealState.COMPLETE,
    AppealState.EXPLAINED,
    AppealState.INSISTED,
    AppealState.ACCEPTED,
)


def find_appeal(
    conn: Connection, appeal_id: str, visible: ColumnElement[bool], *, lock: bool = False
) -> StoredAppeal | None:
    """Return the appeal if `visible` holds for it; with `lock` its row is held until the transaction ends."""
    query = select(appeals).where(appeals.c.id == appeal_id, visible)
    row = conn.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return None if row is None else appeal_of(row)


def appeal_of(row: Mapping[Any, Any]) -> StoredAppeal:
    """Return an appeal of its row."""
    kept = {field.name: row[field.name] for field in fields(StoredAppeal)}
    kept["state"] = AppealState(row["state"])
    kept["outcome"] = None if row["outcome"] is None else Outcome(row["outcome"])
    kept["affected"] = None if row["affected"] is None else affected_of(row["affected"])
    return StoredAppeal(**kept)


def open_appeal(conn: Connection, practitioner_id: str, entry_id: str | None) -> str | None:
    """Return the id of the open appeal against an entry, or against the person's state when `entry_id` is None."""
    appeal_id: str | None = conn.execute(
        select(appeals.c.id).where(
            appeals.c.practitioner_id == practitioner_id,
            appeals.c.entry_id.is_not_distinct_from(entry_id),
            appeals.c.state.in_(OPEN_STATES),
        )
    ).scalar_one_or_none()
    return appeal_id


def is_assigned(account_id: str | None) -> ColumnElement[bool]:
    """Return the condition on `appeals` that the account is one of the experts, and neither recused nor released."""
    return exists().where(
        appeal_experts.c.appeal_id == appeals.c.id,
        appeal_experts.c.account_id == account_id,
        appeal_experts.c.recused_at.is_(None),
    )


def read_experts(conn: Connection, appeal_id: str) -> list[AssignedExpert]:
    """Return the experts of an appeal with their user names, those recused or released too, by assignment."""
    query = (
        select(appeal_experts, accounts.c.username)
        .join(accounts, accounts.c.id == appeal_experts.c.account_id)
        .where(appeal_experts.c.appeal_id == appeal_id)
        .order_by(appeal_experts.c.assigned_at, accounts.c.username)
    )
    names = [field.name for field in fields(AssignedExpert)]
    rows = conn.execute(query).mappings()
    return [AssignedExpert(**{name: row[name] for name in names}) for row in rows]


def hands_behind(conn: Connection, appeal: Appeal) -> list[tuple[str | None, str | None]]:
    """Return the account and the staff number of all who had a hand in what is appealed against.

    An appeal against the state of a file rests on every case that scored the person, or made a measure theirs.
    """
    behind = select(entries.c.case_id).where(
        entries.c.practitioner_id == appeal.practitioner_id, entries.c.case_id.is_not(None)
    )
    if appeal.entry_id is not None:
        behind = behind.where(entries.c.id == appeal.entry_id)
    of_case = select(case_hands.c.account_id, case_hands.c.staff_no).where(case_hands.c.case_id.in_(behind))
    granted = remediation_applications.c
    of_credit = granted.entry_id == appeal.entry_id
    recorded = select(granted.recorded_by_account, granted.recorded_staff_no).where(of_credit)
    decided = select(granted.decided_by_account, granted.decided_staff_no).where(of_credit)
    rows = conn.execute(union_all(of_case, recorded, decided))
    return [(account_id, staff_no) for account_id, staff_no in rows]


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


def staff_heard_on(conn: Connection, appeal: Appeal, since: datetime) -> set[str]:
    """Return the staff numbers of the experts of other appeals on the person, assigned after `since`."""
    rows = appeal_experts.c
    query = select(rows.staff_no).where(
        rows.practitioner_id == appeal.practitioner_id,
        rows.appeal_id != appeal.id,
        rows.assigned_at > since,
        rows.recused_at.is_(None),
    )
    return set(conn.execute(query.distinct()).scalars())


def expert_accounts(conn: Connection, region: str | None) -> list[PooledExpert]:
    """Return the pool of experts for an office of `region`, by user name.

    It holds those without a division, and those whose division lies in the region or the region in theirs.
    """
    columns: list[Any] = [accounts.c.id.label("account_id"), accounts.c.username, accounts.c.staff_no]
    pool = (literal("expert") == any_(accounts.c.roles)) & (accounts.c.state == "active")
    if region is not None:
        own = accounts.c.region
        pool &= or_(own.is_(None), own.startswith(region), literal(region).startswith(own))
    rows = conn.execute(select(*columns).where(pool).order_by(accounts.c.username)).mappings()
    return [PooledExpert(**row) for row in rows]
