"""Nobody locks the office out: an administrator without a region stays, whatever happens to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import any_, func, literal, select

from scoring_service.core.procedure import AccountState
from scoring_service.db.locks import Lock, hold
from scoring_service.db.tables import accounts
from scoring_service.problems import Conflict
from scoring_service.services.accounts.account import is_active

if TYPE_CHECKING:
    from collections.abc import Collection

    from scoring_service.services.accounts.account import Account
    from scoring_service.services.unit_of_work.transaction import Work

ADMINISTRATOR = "office.admin"
NEEDED = 2  # One asks for an account, another approves it.


def hold_administrators(work: Work) -> None:
    """Let no other act end or change an administrator until this transaction ends; taken before the account's row."""
    hold(work.conn, Lock.ADMINISTRATORS)


def check_administrator_stays(
    work: Work, account: Account, *, roles: Collection[str] = (), region: str | None = None
) -> None:
    """Refuse that the last active administrator without a region becomes one with these roles and region, or none.

    Under `hold_administrators`. Raises Conflict `last_administrator`.
    """
    is_one = account.state == AccountState.ACTIVE and _leads(account.roles, account.region)
    if is_one and not _leads(roles, region) and count_administrators(work, besides=account.id) == 0:
        detail = (
            "这是最后一名不限区域的管理员，不能注销，也不能去掉其管理员角色：请先开立另一名 / "
            "this is the last administrator without a region: open another one first"
        )
        raise Conflict("last_administrator", detail)


def count_administrators(work: Work, besides: str | None = None) -> int:
    """Return how many people are active administrators without a region, one account left out."""
    query = select(func.count(accounts.c.staff_no.distinct())).where(
        is_active(),
        literal(ADMINISTRATOR) == any_(accounts.c.roles),
        accounts.c.region.is_(None),
        accounts.c.id.is_distinct_from(besides),
    )
    return work.conn.execute(query).scalar_one()


def _leads(roles: Collection[str], region: str | None) -> bool:
    return ADMINISTRATOR in roles and region is None
