"""What another administrator decides on: the request of an account, and the change of one (P56)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from scoring_service.core.procedure import AccountAct, AccountState
from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.tables import accounts
from scoring_service.problems import Conflict, Forbidden, Invalid, WrongState
from scoring_service.services.accounts.account import Account, hold_account, require_account
from scoring_service.services.accounts.administrators import check_administrator_stays, hold_administrators
from scoring_service.services.accounts.life import Act, read_act, record_act, was_ever_open
from scoring_service.services.accounts.opening import check_roles
from scoring_service.services.accounts.passwords import hashed_password, one_time_password
from scoring_service.services.accounts.reach import check_within_reach
from scoring_service.services.unit_of_work.four_eyes import check_other_hands
from scoring_service.services.unit_of_work.staff_numbers import same_person
from scoring_service.terms import ACCOUNT_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.unit_of_work.transaction import Work

CHANGEABLE = ("roles", "region", "real_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAccount:
    """An account, and the one-time password that was made up for it: told this once, None when none was."""

    account: Account
    password: str | None


def approve(work: Work, name: str) -> GivenAccount:
    """Approve what waits for another administrator: a request, or a change; return the account.

    An account that was asked for without a password gets one, which its holder replaces at the first sign-in.
    Raises NotFound, Forbidden `same_person` or `password_change_required`, Conflict `account_state`,
    `last_administrator`, Forbidden `outside_region` for a change that leads out of the actor's reach.
    """
    hold_administrators(work)
    account, act = _hold_for_decision(work, name)
    if act.act == AccountAct.REQUESTED:
        return _open(work, account)
    changes = {member: act.detail[member] for member in CHANGEABLE if member in act.detail}
    _check_change(work, account, changes)
    _write(work, account, {"waiting_act": None, **changes})
    check_within_reach(work, account.id)
    _note(work, account, AccountAct.CHANGED, detail=changes)
    return GivenAccount(account=require_account(work, account.id), password=None)


def refuse(work: Work, name: str, *, reason: str) -> Account:
    """Refuse what waits for another administrator; return the account: closed, or as it was. Raises as `approve`."""
    account, act = _hold_for_decision(work, name)
    if act.act == AccountAct.REQUESTED:
        _write(work, account, ended(work, account))
        _note(work, account, AccountAct.REFUSED, reason=reason)
    else:
        _write(work, account, {"waiting_act": None})
        _note(work, account, AccountAct.CHANGE_REFUSED, reason=reason)
    return require_account(work, account.id)


def ended(work: Work, account: Account) -> Columns:
    """Return the columns of an account at its end; who asked for one in vain has made nobody's account."""
    columns: Columns = {"state": AccountState.CLOSED, "closed_at": SERVERS_CLOCK, "waiting_act": None}
    if account.state == AccountState.REQUESTED:
        columns |= {"password_hash": None, "password_set_by": None}
    return columns if was_ever_open(work.conn, account.id) else columns | {"created_by": None}


def propose_change(work: Work, name: str, changes: Mapping[str, Any], *, reason: str | None = None) -> Account:
    """Propose other roles, another region or name, for another administrator to decide on; return the account.

    Raises NotFound, Invalid, Conflict `account_state`, `change_waiting`, `last_administrator`, Forbidden
    `outside_region` for a change that leads out of the actor's reach.
    """
    hold_administrators(work)
    account = hold_account(work, name)
    check_state(account, AccountState.ACTIVE)
    if account.waiting_act is not None:
        detail = "此账号已有一项变更待另一名管理员决定 / a change of it waits for another administrator already"
        raise Conflict("change_waiting", detail)
    if "roles" in changes:
        changes = {**changes, "roles": sorted(set(changes["roles"]))}
    different = {member: value for member, value in changes.items() if value != _present(account)[member]}
    if not different:
        raise Invalid("", "内容没有变化 / nothing is changed")
    _check_change(work, account, different)
    _try_reach(work, account, different)
    number = _note(work, account, AccountAct.CHANGE_PROPOSED, reason=reason, detail=different)
    _write(work, account, {"waiting_act": number})
    return require_account(work, account.id)


def check_state(account: Account, *states: AccountState) -> None:
    """Refuse an act on an account in another state. Raises Conflict `account_state`."""
    if account.state not in states:
        raise WrongState("account", account.state, ACCOUNT_STATES)


def _present(account: Account) -> dict[str, Any]:
    return {"roles": sorted(account.roles), "region": account.region, "real_name": account.real_name}


def _hold_for_decision(work: Work, name: str) -> tuple[Account, Act]:
    """Return an account, held, and its act that the actor may decide on."""
    account = hold_account(work, name)
    if account.waiting_act is None:
        raise WrongState("account", account.state, ACCOUNT_STATES)
    act = read_act(work, account, account.waiting_act)
    if same_person(account.staff_no, work.actor.staff_no):
        raise Forbidden("same_person", "不得批准自己的账号，请由另一名管理员决定 / this account is your own")
    check_other_hands(work, [(act.by_account, act.by_staff_no)])
    return account, act


def _open(work: Work, account: Account) -> GivenAccount:
    password = None
    columns: Columns = {"state": AccountState.ACTIVE, "waiting_act": None}
    if account.password_set_by is None:
        password, given = give_password(work, account)
        columns |= given
    _write(work, account, columns)
    _note(work, account, AccountAct.APPROVED)
    return GivenAccount(account=require_account(work, account.id), password=password)


def give_password(work: Work, account: Account) -> tuple[str, Columns]:
    """Return a one-time password for an account, and the columns that keep that the actor was told it."""
    password = one_time_password()
    return password, {
        "password_hash": hashed_password(password, (account.username, account.staff_no)),
        "password_set_by": work.actor.account_id,
        "password_given_to": work.actor.account_id,
        "password_given_at": SERVERS_CLOCK,
    }


def _check_change(work: Work, account: Account, changes: Mapping[str, Any]) -> None:
    roles, region = changes.get("roles", account.roles), changes.get("region", account.region)
    check_roles(roles, region, account.institution_code, account.practitioner_id)
    check_administrator_stays(work, account, roles=roles, region=region)


def _try_reach(work: Work, account: Account, changes: Mapping[str, Any]) -> None:
    """Refuse a change that leads out of the actor's reach; nothing of it is kept. Raises Forbidden."""
    with work.conn.begin_nested() as tried:
        _write(work, account, dict(changes))
        check_within_reach(work, account.id)
        tried.rollback()


def _write(work: Work, account: Account, columns: Columns) -> None:
    work.conn.execute(update(accounts).where(accounts.c.id == account.id).values(columns))


def _note(
    work: Work,
    account: Account,
    act: AccountAct,
    *,
    reason: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> int:
    number = record_act(work.conn, work.actor, account.id, act, reason=reason, detail=dict(detail or {}))
    shown = {"username": account.username, "reason": reason, **(detail or {})}
    work.audit(f"account.{act}", object_kind="account", object_id=account.id, detail=shown)
    return number
