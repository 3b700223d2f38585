"""The life of an account on record (P56): who asked for it, approved, changed, reset and closed it, in what role."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from scoring_service.core.procedure import AccountAct
from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.tables import account_acts
from scoring_service.services.accounts.account import LOOKED_AT, Account, require_account

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from scoring_service.json_values import JsonObject
    from scoring_service.services.unit_of_work.actor import Actor
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What happened to an account: by whom, in what role, when (the real clock), why.

    `detail` has the roles, region and name that it was about.
    """

    number: int
    act: str
    by_account: str | None
    by: str
    by_staff_no: str
    by_role: str
    at: datetime
    reason: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeOfAccount:
    """An account with its acts, the oldest first, and the one that waits for another administrator."""

    account: Account
    life: tuple[Act, ...]

    @property
    def waiting(self) -> Act | None:
        """The request or the change that is to be decided on."""
        return next((act for act in self.life if act.number == self.account.waiting_act), None)


_COLUMNS = tuple(account_acts.c[field.name] for field in fields(Act))


def record_act(
    conn: Connection,
    actor: Actor,
    account_id: str,
    act: AccountAct,
    *,
    reason: str | None = None,
    detail: JsonObject | None = None,
) -> int:
    """Put an act into the life of an account whose row is locked; return its number."""
    last = select(func.coalesce(func.max(account_acts.c.number), 0)).where(account_acts.c.account_id == account_id)
    number: int = conn.execute(last).scalar_one() + 1
    who = {
        "by_account": actor.account_id,
        "by": actor.username,
        "by_staff_no": actor.staff_no,
        "by_role": ",".join(sorted(actor.roles)),
    }
    columns = {"account_id": account_id, "number": number, "act": act, "at": SERVERS_CLOCK, "reason": reason}
    conn.execute(insert(account_acts).values(columns | who | {"detail": detail or {}}))
    return number


def was_ever_open(conn: Connection, account_id: str) -> bool:
    """Tell whether anybody could ever sign in by an account."""
    query = select(account_acts.c.number).where(
        account_acts.c.account_id == account_id, account_acts.c.act.in_((AccountAct.OPENED, AccountAct.APPROVED))
    )
    return conn.execute(query.limit(1)).first() is not None


def read_act(work: Work, account: Account, number: int) -> Act:
    """Return an act of an account."""
    own = (account_acts.c.account_id == account.id) & (account_acts.c.number == number)
    return Act(**work.conn.execute(select(*_COLUMNS).where(own)).mappings().one())


def read_life(work: Work, name: str) -> LifeOfAccount:
    """Return an account and its life; one of a practitioner shows whose it is, and that is on record.

    Raises NotFound.
    """
    account = require_account(work, name)
    if account.practitioner_id is not None:
        work.look(account.practitioner_id, LOOKED_AT)
    acts = select(*_COLUMNS).where(account_acts.c.account_id == account.id).order_by(account_acts.c.number)
    return LifeOfAccount(
        account=account, life=tuple(Act(**row) for row in work.conn.execute(acts).mappings())
    )
