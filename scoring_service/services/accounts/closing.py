"""The end of an account, and a new password for one whose holder has lost theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from scoring_service.core.procedure import AccountAct, AccountState
from scoring_service.db.reminders import forget_reminders
from scoring_service.db.tables import accounts, tokens
from scoring_service.problems import Forbidden
from scoring_service.services.accounts.account import Account, hold_account, require_account
from scoring_service.services.accounts.administrators import check_administrator_stays, hold_administrators
from scoring_service.services.accounts.deciding import GivenAccount, check_state, ended, give_password
from scoring_service.services.accounts.life import record_act

if TYPE_CHECKING:
    from scoring_service.services.unit_of_work.transaction import Work


def close(work: Work, name: str, *, reason: str | None) -> Account:
    """Close an account, take back its tokens and forget where it was reminded; what it drafted stays.

    A request is taken back by it.

    Raises NotFound, Conflict `account_state`, `last_administrator`, Forbidden `same_person` for one's own.
    """
    hold_administrators(work)
    account = hold_account(work, name)
    check_state(account, AccountState.ACTIVE, AccountState.REQUESTED)
    check_administrator_stays(work, account)
    _refuse_own(work, account, "不得注销自己的账号，请由另一名管理员办理 / this account is your own")
    work.conn.execute(update(accounts).where(accounts.c.id == account.id).values(ended(work, account)))
    _sign_out(work, account)
    forget_reminders(work.conn, account.id)
    record_act(work.conn, work.actor, account.id, AccountAct.CLOSED, reason=reason)
    shown = {"username": account.username, "reason": reason}
    work.audit("account.closed", object_kind="account", object_id=account.id, detail=shown)
    return require_account(work, account.id)


def reset_password(work: Work, name: str) -> GivenAccount:
    """Give an account a one-time password and sign it out everywhere; return both.

    Raises NotFound, Conflict `account_state`, Forbidden `same_person` for one's own.
    """
    account = hold_account(work, name)
    check_state(account, AccountState.ACTIVE)
    _refuse_own(work, account, "自己的密码请在“我的账号”中修改 / change your own password on the page of your account")
    password, columns = give_password(work, account)
    work.conn.execute(update(accounts).where(accounts.c.id == account.id).values(columns))
    _sign_out(work, account)
    record_act(work.conn, work.actor, account.id, AccountAct.RESET)
    work.audit("account.reset", object_kind="account", object_id=account.id, detail={"username": account.username})
    return GivenAccount(account=require_account(work, account.id), password=password)


def _refuse_own(work: Work, account: Account, detail: str) -> None:
    if account.id == work.actor.account_id:
        raise Forbidden("same_person", detail)


def _sign_out(work: Work, account: Account) -> None:
    work.conn.execute(delete(tokens).where(tokens.c.account_id == account.id))
