"""Accounts and bearer tokens. Passwords are argon2 hashes; of a token only its SHA-256 is stored.

Everything here runs on the real clock (contract.md, Commands). One person is one staff number, whatever the
number of their accounts.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from scoring_service.clock import real_now
from scoring_service.db.locks import Lock, hold
from scoring_service.db.tables import accounts, institutions, practitioners, tokens
from scoring_service.problems import Conflict, Invalid, NotFound, Problem, Unauthenticated
from scoring_service.services.accounts.passwords import (
    hashed_password,
    password_fits,
    replace_password,
)
from scoring_service.services.accounts.reach import (
    check_person_within_reach,
    check_within_reach,
    outside_region,
    within_reach,
)
from scoring_service.services.accounts.sign_in_limits import note_attempt, note_success
from scoring_service.services.unit_of_work import sight
from scoring_service.services.unit_of_work.actor import ROLES, Actor
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.services.unit_of_work.staff_numbers import bound_people, staff_number
from scoring_service.written import is_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, RowMapping, Select

    from scoring_service.services.unit_of_work.transaction import Service, Work

ACCOUNT, LOOKED_AT = "账号 / account", "account"
TOKEN_BYTES = 32
USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
STAFF_NO = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,31}")
REGION = re.compile(r"[0-9]{2,6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A fresh token, told this once; `expires_in` seconds on the real clock.

    `password_on_loan`: the maker of the account chose the password, and its holder is to choose one.
    """

    token: str
    expires_in: int
    account_id: str
    password_on_loan: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account; never its password. `password_set_by` is its maker while its password is one on loan."""

    id: str
    username: str
    staff_no: str
    roles: tuple[str, ...]
    region: str | None
    institution_code: str | None
    practitioner_id: str | None
    created_by: str | None
    password_set_by: str | None
    created_at: datetime
    disabled_at: datetime | None = None

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


_COLUMNS = tuple(accounts.c[field.name] for field in fields(Account))


def account_of(row: RowMapping) -> Account:
    """Return the account of a row that has its columns."""
    columns = {column.name: row[column] for column in _COLUMNS}
    return Account(**columns | {"roles": tuple(columns["roles"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundPerson:
    """The person that an account is bound to."""

    id: str
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundInstitution:
    """The institution that an account is bound to."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """The actor's account and what it is bound to."""

    username: str
    roles: tuple[str, ...]
    staff_no: str
    practitioner: BoundPerson | None
    institution: BoundInstitution | None
    region: str | None


def add_account(
    work: Work,
    *,
    username: str,
    roles: Iterable[str],
    staff_no: str,
    password: str | None = None,
    region: str | None = None,
    institution: str | None = None,
    practitioner: str | None = None,
) -> str:
    """Add an account and return its id. `institution` is a code, `practitioner` an id or a national code.

    Raises Invalid for a wrong value, Conflict `username_taken`, or `staff_no_taken` for a number that is another
    practitioner's, Forbidden outside the actor's own region.
    """
    stored = None if password is None else hashed_password(password, (username, staff_no))
    account = Account(
        id=str(uuid.uuid4()),
        username=username,
        staff_no=staff_number(staff_no),
        roles=tuple(sorted(set(roles))),
        region=region,
        institution_code=institution,
        practitioner_id=_practitioner_id(work, practitioner),
        created_by=work.actor.account_id,
        password_set_by=None if password is None else work.actor.account_id,
        created_at=real_now(),
    )
    _check(work, account)
    columns = asdict(account) | {"roles": list(account.roles), "password_hash": stored}
    statement = insert(accounts).values(columns).on_conflict_do_nothing(index_elements=["username"])
    if work.conn.execute(statement.returning(accounts.c.id)).first() is None:
        raise Conflict("username_taken", "用户名已被使用 / the username is taken")
    check_within_reach(work, account.id)
    work.audit(
        "account.add",
        object_kind="account",
        object_id=account.id,
        detail={name: columns[name] for name in ("username", "roles", "staff_no", "region", "institution_code")},
    )
    return account.id


def disable_account(work: Work, account_id: str) -> Account:
    """Disable an account and take back its tokens. Raises NotFound; NotFound too outside the actor's region."""
    account = require_account(work, account_id)
    work.conn.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.disabled_at.is_(None))
        .values(disabled_at=real_now())
    )
    work.conn.execute(delete(tokens).where(tokens.c.account_id == account_id))
    work.audit("account.disable", object_kind="account", object_id=account_id, detail={"username": account.username})
    return require_account(work, account_id)


def require_account(work: Work, account_id: str) -> Account:
    """Return an account that the actor may know of. Raises NotFound."""
    row = None
    if is_id(account_id):
        row = work.conn.execute(listing(work).query.where(accounts.c.id == account_id)).mappings().one_or_none()
    if row is None:
        raise NotFound(ACCOUNT)
    return account_of(row)


def read_account(work: Work, account_id: str) -> Account:
    """Return an account; one of a practitioner shows whose it is, and that is on record. Raises NotFound."""
    account = require_account(work, account_id)
    if account.practitioner_id is not None:
        work.look(account.practitioner_id, LOOKED_AT)
    return account


def listing(work: Work) -> Listing[Account]:
    """Return the list of the accounts that the actor may know of: those within their reach."""
    return Listing(
        query=select(*_COLUMNS).where(within_reach(work)),
        keys=(accounts.c.username,),
        show=account_of,
        descending=False,
        looked_at=LOOKED_AT,
    )


def sign_in(service: Service, *, username: str, password: str, address: str) -> SignedIn:
    """Return a fresh token. Raises Unauthenticated `invalid_credentials`, TooManyAttempts."""
    account_id = verified_account(service, username=username, password=password, address=address)
    with service.engine.begin() as conn:
        return issue_token(conn, account_id, hours=service.settings.token_hours)


def verified_account(service: Service, *, username: str, password: str, address: str) -> str:
    """Return the id of the account whose password this is. Raises as `sign_in` does.

    With transactions of its own: a failed attempt must stay on record, and no connection waits while the password
    is verified.
    """
    with service.engine.begin() as conn:
        query = select(accounts.c.id, accounts.c.password_hash).where(
            accounts.c.username == username, accounts.c.disabled_at.is_(None)
        )
        account = conn.execute(query).one_or_none()
        note_attempt(conn, username, account and str(account.id), address)
    stored = account.password_hash if account is not None else None
    if not password_fits(stored, password) or account is None:
        raise Unauthenticated("invalid_credentials", "用户名或密码错误 / wrong username or password")
    with service.engine.begin() as conn:
        note_success(conn, username, str(account.id), address)
    return str(account.id)


def issue_token(conn: Connection, account_id: str, *, hours: int) -> SignedIn:
    """Store a new token of the account, and drop its expired ones."""
    now = real_now()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    conn.execute(delete(tokens).where(tokens.c.account_id == account_id, tokens.c.expires_at <= now))
    conn.execute(
        insert(tokens).values(
            digest=digest(token), account_id=account_id, created_at=now, expires_at=now + timedelta(hours=hours)
        )
    )
    on_loan = conn.execute(select(accounts.c.password_set_by).where(accounts.c.id == account_id)).scalar_one()
    return SignedIn(
        token=token, expires_in=hours * 3600, account_id=account_id, password_on_loan=on_loan is not None
    )


def change_password(work: Work, token: str, *, present: str, new: str) -> SignedIn:
    """Give the actor a password of their own and a fresh token; all others end. Raises as `replace_password` does."""
    replace_password(work, digest(token), present=present, new=new)
    return issue_token(work.conn, str(work.actor.account_id), hours=work.service.settings.token_hours)


def me(work: Work) -> OwnAccount:
    """Return the actor's account and what it is bound to."""
    actor = work.actor
    person, institution = None, None
    if actor.practitioner_id is not None:
        own = practitioners.c.id == actor.practitioner_id
        query = select(practitioners.c.id, practitioners.c.code).where(own)
        person = BoundPerson(**work.conn.execute(query).mappings().one())
    if actor.institution_code is not None:
        chosen = institutions.c.code == actor.institution_code
        query = select(institutions.c.code, institutions.c.name).where(chosen)
        institution = BoundInstitution(**work.conn.execute(query).mappings().one())
    return OwnAccount(
        username=actor.username,
        roles=tuple(sorted(actor.roles)),
        staff_no=actor.staff_no,
        practitioner=person,
        institution=institution,
        region=actor.region,
    )


def revoke(work: Work, token: str) -> None:
    """Take a token back."""
    work.conn.execute(delete(tokens).where(tokens.c.digest == digest(token)))


def actor_of_token(work: Work, token: str) -> Actor | None:
    """Return who holds the token; None when it is unknown, expired or revoked, or the account disabled."""
    return actor_of_digest(work.conn, digest(token))


def actor_of_digest(conn: Connection, stored: bytes) -> Actor | None:
    """Return who holds the token or session of which `stored` is kept, as `actor_of_token`."""
    row = conn.execute(_ACTOR, {"stored": stored, "now": real_now()}).mappings().one_or_none()
    return None if row is None else account_of(row).as_actor()


def actor_of_account(conn: Connection, account_id: str) -> Actor | None:
    """Return who acts by an account while nobody is signed in; None when it is disabled."""
    mine = select(*_COLUMNS).where(accounts.c.id == account_id, accounts.c.disabled_at.is_(None))
    row = conn.execute(mine).mappings().one_or_none()
    return None if row is None else account_of(row).as_actor()


_ACTOR: Select[Any] = (
    select(*_COLUMNS)
    .join(tokens, tokens.c.account_id == accounts.c.id)
    .where(accounts.c.disabled_at.is_(None))
    .where(tokens.c.digest == bindparam("stored"), tokens.c.expires_at > bindparam("now"))
)


def digest(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _practitioner_id(work: Work, ref: str | None) -> str | None:
    if ref is None:
        return None
    practitioner_id = sight.resolve(work.conn, ref)
    if practitioner_id is None:
        raise _stranger(work, "/practitioner", "没有此人员 / there is no such practitioner")
    return practitioner_id


def _stranger(work: Work, pointer: str, detail: str) -> Problem:
    """Return the refusal of what does not exist: a region cannot tell it from what lies elsewhere."""
    return Invalid(pointer, detail) if work.actor.region is None else outside_region()


def _check(work: Work, account: Account) -> None:
    _check_forms(account)
    roles = set(account.roles)
    unknown = roles - ROLES
    if unknown or not roles:
        raise Invalid("/roles", f"角色须取自 / roles are of: {', '.join(sorted(ROLES))}")
    if ("institution" in roles) != (account.institution_code is not None):
        detail = "机构角色须且仅须绑定一家机构 / the role institution, and only it, is bound to one"
        raise Invalid("/institution", detail)
    if ("practitioner" in roles) != (account.practitioner_id is not None):
        detail = "人员角色须且仅须绑定本人 / the role practitioner, and only it, is bound to a person"
        raise Invalid("/practitioner", detail)
    known = select(institutions.c.code).where(institutions.c.code == account.institution_code)
    if account.institution_code is not None and work.conn.execute(known).first() is None:
        raise _stranger(work, "/institution", "没有此机构 / there is no such institution")
    _check_one_person(work, account)


def _check_one_person(work: Work, account: Account) -> None:
    """Refuse a staff number that stands for another practitioner already; two additions wait for each other."""
    hold(work.conn, Lock.STAFF_NUMBER, account.staff_no)
    check_person_within_reach(work, account.staff_no)
    bound = bound_people(work.conn, account.staff_no)
    if account.practitioner_id is not None and bound - {account.practitioner_id}:
        detail = "该工号已属于另一名人员 / the staff number is another practitioner's already"
        raise Conflict("staff_no_taken", detail)


def _check_forms(account: Account) -> None:
    if not USERNAME.fullmatch(account.username):
        raise Invalid("/username", "用户名为 1 至 64 个字母、数字或 . _ @ - / 1 to 64 letters, digits or . _ @ -")
    if not STAFF_NO.fullmatch(account.staff_no):
        raise Invalid("/staff_no", "工号为 1 至 32 个字母、数字或 . _ - / 1 to 32 letters, digits or . _ -")
    if account.region is not None and not REGION.fullmatch(account.region):
        raise Invalid("/region", "区域为行政区划代码前 2 至 6 位 / the first 2 to 6 digits of a division")
