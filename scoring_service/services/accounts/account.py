"""An account as it is read: what it is bound to, where it stands, who may sign in by it; and the lists of accounts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import any_, func, literal, or_, select

from scoring_service.core.procedure import AccountState
from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.tables import accounts
from scoring_service.problems import NotFound
from scoring_service.services.accounts.reach import present_people, within_reach
from scoring_service.services.unit_of_work.actor import Actor
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.staff_numbers import is_of_person
from scoring_service.written import is_id

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, RowMapping, Select

    from scoring_service.services.unit_of_work.transaction import Work

ACCOUNT, LOOKED_AT = "账号 / account", "account"
UNUSED_AFTER = timedelta(days=180)
UNUSED, LEFT = "unused", "left"
DISUSES = (UNUSED, LEFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account; never its password. `password_set_by` is who chose its password while that is one on loan.

    `waiting_act` is the number of the act in its life that another administrator is to decide on.
    """

    id: str
    username: str
    real_name: str | None
    staff_no: str
    roles: tuple[str, ...]
    region: str | None
    institution_code: str | None
    practitioner_id: str | None
    state: str
    waiting_act: int | None
    created_by: str | None
    password_set_by: str | None
    created_at: datetime
    last_signed_in_at: datetime | None = None
    closed_at: datetime | None = None

    def as_actor(self) -> Actor:
        """Return the account as one who acts."""
        return Actor(
            account_id=self.id,
            username=self.username,
            staff_no=self.staff_no,
            roles=frozenset(self.roles),
            region=self.region,
            institution_code=self.institution_code,
            practitioner_id=self.practitioner_id,
            password_on_loan=self.password_set_by is not None,
        )


COLUMNS = tuple(accounts.c[field.name] for field in fields(Account))


def account_of(row: RowMapping) -> Account:
    """Return the account of a row that has its columns."""
    columns = {column.name: row[column] for column in COLUMNS}
    return Account(**columns | {"roles": tuple(columns["roles"])})


def is_active() -> ColumnElement[bool]:
    """Return the condition on `accounts` that one may sign in and act by it."""
    return accounts.c.state == AccountState.ACTIVE


def require_account(work: Work, name: str) -> Account:
    """Return an account that the actor may know of, by its username or its id. Raises NotFound."""
    return _only(work, _named(work, name))


def hold_account(work: Work, name: str) -> Account:
    """Return an account as `require_account`, its row locked. Raises NotFound."""
    return _only(work, _named(work, name).with_for_update())


def _named(work: Work, name: str) -> Select[Any]:
    named = or_(accounts.c.username == name, accounts.c.id == name) if is_id(name) else accounts.c.username == name
    return select(*COLUMNS).where(named, within_reach(work)).order_by(accounts.c.username != name).limit(1)


def _only(work: Work, query: Select[Any]) -> Account:
    row = work.conn.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(ACCOUNT)
    return account_of(row)


def listing(
    work: Work,
    *,
    role: str | None = None,
    state: str | None = None,
    region: str | None = None,
    institution: str | None = None,
    staff_no: str | None = None,
    waiting: bool = False,
    disuse: str | None = None,
) -> Listing[Account]:
    """Return the list of the accounts within the actor's reach that fit.

    `region` is the beginning of a division, `staff_no` a person; `waiting`: another administrator is to decide;
    `disuse`: `unused` for long, or whose holder has `left` their institutions.
    """
    query = select(*COLUMNS).where(within_reach(work))
    if role is not None:
        query = query.where(literal(role) == any_(accounts.c.roles))
    if state is not None:
        query = query.where(accounts.c.state == state)
    if region is not None:
        query = query.where(accounts.c.region.startswith(region, autoescape=True))
    if institution is not None:
        query = query.where(accounts.c.institution_code == institution)
    if staff_no is not None:
        query = query.where(is_of_person(staff_no))
    if waiting:
        query = query.where(accounts.c.waiting_act.is_not(None))
    if disuse is not None:
        query = query.where(is_active(), _disused(work)[disuse])
    return Listing(
        query=query, keys=(accounts.c.username,), show=account_of, descending=False, looked_at=LOOKED_AT
    )


def _disused(work: Work) -> dict[str, Any]:
    last = func.coalesce(accounts.c.last_signed_in_at, accounts.c.created_at)
    return {
        UNUSED: last < SERVERS_CLOCK - UNUSED_AFTER,
        LEFT: accounts.c.practitioner_id.is_not(None) & accounts.c.practitioner_id.not_in(present_people(work)),
    }
