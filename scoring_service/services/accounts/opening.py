"""How an account begins: asked for by an administrator, or opened at once by the machine's operator."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.procedure import AccountAct, AccountState
from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.locks import Lock, hold
from scoring_service.db.tables import accounts, institutions, practitioners
from scoring_service.problems import Conflict, Invalid, Problem
from scoring_service.services.accounts.account import Account, require_account
from scoring_service.services.accounts.life import record_act
from scoring_service.services.accounts.passwords import hashed_password
from scoring_service.services.accounts.reach import (
    check_person_within_reach,
    check_within_reach,
    outside_region,
)
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.actor import ROLES
from scoring_service.services.unit_of_work.staff_numbers import bound_people, same_person, staff_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import RowMapping

    from scoring_service.services.unit_of_work.transaction import Work

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
STAFF_NO = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,31}")
REGION = re.compile(r"[0-9]{2,6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account as it is asked for. `institution` is a code, `practitioner` an id or a national code."""

    username: str
    roles: Iterable[str]
    staff_no: str
    real_name: str | None = None
    password: str | None = None
    region: str | None = None
    institution: str | None = None
    practitioner: str | None = None


def add_account(work: Work, **fields: Any) -> str:
    """Open an account that is active at once, as the operator of the machine does; return its id.

    The `fields` are those of NewAccount.
    Raises Invalid for a wrong value, Conflict `username_taken`, or `staff_no_taken` for a number that is another
    practitioner's, Forbidden outside the actor's own region.
    """
    columns = _checked(work, NewAccount(**fields)) | {"state": AccountState.ACTIVE}
    added = upsert(accounts).values(columns).on_conflict_do_nothing(index_elements=["username"])
    if work.conn.execute(added.returning(accounts.c.id)).first() is None:
        raise _taken()
    account_id: str = columns["id"]
    check_within_reach(work, account_id)
    _note(work, columns, AccountAct.OPENED, "account.add")
    return account_id


def request_account(work: Work, new: NewAccount) -> Account:
    """Ask for an account: nobody signs in by it until another administrator approves; return it.

    A closed account is asked for anew by its username and its holder's staff number. Raises as `add_account`.
    """
    columns = _checked(work, new) | {"state": AccountState.REQUESTED}
    account_id = _place(work, columns)
    number = _note(work, columns | {"id": account_id}, AccountAct.REQUESTED, "account.requested")
    waiting = update(accounts).where(accounts.c.id == account_id)
    work.conn.execute(waiting.values(waiting_act=number))
    check_within_reach(work, account_id)
    return require_account(work, account_id)


def _place(work: Work, columns: dict[str, Any]) -> str:
    """Write a new account, or a closed one of the same person anew; return its id."""
    columns = columns | {"waiting_act": 0}
    added = upsert(accounts).values(columns).on_conflict_do_nothing(index_elements=["username"])
    if work.conn.execute(added.returning(accounts.c.id)).first() is not None:
        return str(columns["id"])
    named = select(accounts).where(accounts.c.username == columns["username"])
    before: RowMapping = work.conn.execute(named.with_for_update()).mappings().one()
    if before["state"] != AccountState.CLOSED or not same_person(before["staff_no"], columns["staff_no"]):
        raise _taken()
    check_within_reach(work, before["id"])
    anew = columns | {"id": before["id"], "closed_at": None, "last_signed_in_at": None}
    # Who made it first stays its maker; who gives it a password now counts as who was told one.
    anew |= {"created_by": before["created_by"] or columns["created_by"]}
    if columns["password_hash"] is not None:
        anew |= {"password_given_to": columns["created_by"], "password_given_at": columns["created_at"]}
    work.conn.execute(update(accounts).where(accounts.c.id == before["id"]).values(anew))
    return str(before["id"])


def _taken() -> Conflict:
    detail = (
        "用户名已被使用，请换一个；已注销的账号只能由同一人（同一工号）重新申请 / "
        "the username is taken, choose another; a closed account may be asked for again for the same staff number only"
    )
    return Conflict("username_taken", detail)


def _note(work: Work, columns: Mapping[str, Any], act: AccountAct, action: str) -> int:
    shown = ("username", "real_name", "roles", "staff_no", "region", "institution_code")
    detail = {name: columns[name] for name in shown}
    number = record_act(work.conn, work.actor, columns["id"], act, detail=detail)
    work.audit(action, object_kind="account", object_id=columns["id"], detail=detail)
    return number


def _checked(work: Work, new: NewAccount) -> dict[str, Any]:
    """Return the columns of the account that is asked for, its state left out. Raises as `add_account`."""
    stored = None if new.password is None else hashed_password(new.password, (new.username, new.staff_no))
    practitioner_id = _practitioner_id(work, new.practitioner)
    columns: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "username": new.username,
        "real_name": new.real_name or _name_of(work, practitioner_id),
        "staff_no": staff_number(new.staff_no),
        "roles": sorted(set(new.roles)),
        "region": new.region,
        "institution_code": new.institution,
        "practitioner_id": practitioner_id,
        "created_by": work.actor.account_id,
        "password_hash": stored,
        "password_set_by": None if stored is None else work.actor.account_id,
        "created_at": SERVERS_CLOCK,
    }
    _check_forms(new.username, columns["staff_no"])
    check_roles(new.roles, new.region, new.institution, columns["practitioner_id"])
    _check_institution(work, new.institution)
    _check_one_person(work, columns["staff_no"], columns["practitioner_id"])
    return columns


def check_roles(
    roles: Iterable[str], region: str | None, institution: str | None, practitioner: str | None
) -> None:
    """Refuse roles that there are not, or that do not fit what the account is bound to. Raises Invalid."""
    chosen = set(roles)
    if not chosen or not chosen <= ROLES:
        raise Invalid("/roles", f"角色须取自 / roles are of: {', '.join(sorted(ROLES))}")
    if region is not None and not REGION.fullmatch(region):
        raise Invalid("/region", "区域为行政区划代码前 2 至 6 位 / the first 2 to 6 digits of a division")
    if ("institution" in chosen) != (institution is not None):
        detail = "机构角色须且仅须绑定一家机构 / the role institution, and only it, is bound to one"
        raise Invalid("/institution", detail)
    if ("practitioner" in chosen) != (practitioner is not None):
        detail = "人员角色须且仅须绑定本人 / the role practitioner, and only it, is bound to a person"
        raise Invalid("/practitioner", detail)


def _practitioner_id(work: Work, ref: str | None) -> str | None:
    if ref is None:
        return None
    practitioner_id = sight.resolve(work.conn, ref)
    if practitioner_id is None:
        raise _stranger(work, "/practitioner", "没有此人员 / there is no such practitioner")
    return practitioner_id


def _name_of(work: Work, practitioner_id: str | None) -> str | None:
    """Return what the person is called that an account is bound to."""
    named = select(practitioners.c.name).where(practitioners.c.id == practitioner_id)
    return None if practitioner_id is None else work.conn.execute(named).scalar_one()


def _check_institution(work: Work, code: str | None) -> None:
    known = select(institutions.c.code).where(institutions.c.code == code)
    if code is not None and work.conn.execute(known).first() is None:
        raise _stranger(work, "/institution", "没有此机构 / there is no such institution")


def _stranger(work: Work, pointer: str, detail: str) -> Problem:
    """Return the refusal of what does not exist: a region cannot tell it from what lies elsewhere."""
    return Invalid(pointer, detail) if work.actor.region is None else outside_region()


def _check_one_person(work: Work, staff_no: str, practitioner_id: str | None) -> None:
    """Refuse a staff number that stands for another practitioner already; two additions wait for each other."""
    hold(work.conn, Lock.STAFF_NUMBER, staff_no)
    check_person_within_reach(work, staff_no)
    bound = bound_people(work.conn, staff_no)
    if practitioner_id is not None and bound - {practitioner_id}:
        detail = "该工号已属于另一名人员 / the staff number is another practitioner's already"
        raise Conflict("staff_no_taken", detail)


def _check_forms(username: str, staff_no: str) -> None:
    if not USERNAME.fullmatch(username):
        raise Invalid("/username", "用户名为 1 至 64 个字母、数字或 . _ @ - / 1 to 64 letters, digits or . _ @ -")
    if not STAFF_NO.fullmatch(staff_no):
        raise Invalid("/staff_no", "工号为 1 至 32 个字母、数字或 . _ - / 1 to 32 letters, digits or . _ -")
