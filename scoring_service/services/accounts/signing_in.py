"""Signing in, and bearer tokens. Passwords are argon2 hashes; of a token only its SHA-256 is stored.

Everything here runs on the database server's clock (contract.md, Commands). One person is one staff number,
whatever the number of their accounts.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from scoring_service.core.procedure import AccountAct
from scoring_service.db.clock_mark import server_now
from scoring_service.db.tables import accounts, institutions, practitioners, tokens
from scoring_service.problems import Unauthenticated
from scoring_service.services.accounts.account import COLUMNS, account_of, is_active
from scoring_service.services.accounts.life import record_act
from scoring_service.services.accounts.passwords import password_fits, replace_password
from scoring_service.services.accounts.sign_in_limits import note_attempt, note_success

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from scoring_service.services.unit_of_work.actor import Actor
    from scoring_service.services.unit_of_work.transaction import Service, Work

TOKEN_BYTES = 32


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
    real_name: str | None
    roles: tuple[str, ...]
    staff_no: str
    practitioner: BoundPerson | None
    institution: BoundInstitution | None
    region: str | None


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
            accounts.c.username == username, is_active()
        )
        account = conn.execute(query).one_or_none()
        note_attempt(conn, username, account and str(account.id), address)
    stored = account.password_hash if account is not None else None
    if not password_fits(stored, password) or account is None:
        raise Unauthenticated("invalid_credentials", "用户名或密码错误 / wrong username or password")
    with service.engine.begin() as conn:
        note_success(conn, username, str(account.id), address)
        note_sign_in(conn, str(account.id))
    return str(account.id)


def note_sign_in(conn: Connection, account_id: str) -> None:
    """Keep when an account was last signed in by; the first time is an act in its life."""
    signs = update(accounts).where(accounts.c.id == account_id).values(last_signed_in_at=func.clock_timestamp())
    first = signs.where(accounts.c.last_signed_in_at.is_(None)).returning(*COLUMNS)
    row = conn.execute(first).mappings().one_or_none()
    if row is None:
        conn.execute(signs)
    else:
        record_act(conn, account_of(row).as_actor(), account_id, AccountAct.FIRST_SIGNED_IN)


def issue_token(conn: Connection, account_id: str, *, hours: int) -> SignedIn:
    """Store a new token of the account, and drop its expired ones."""
    now = server_now(conn)
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
    named = select(accounts.c.real_name).where(accounts.c.id == actor.account_id)
    return OwnAccount(
        username=actor.username,
        real_name=work.conn.execute(named).scalar_one_or_none(),
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
    """Return who holds the token; None when it is unknown, expired or revoked, or the account closed."""
    return actor_of_digest(work.conn, digest(token))


def actor_of_digest(conn: Connection, stored: bytes) -> Actor | None:
    """Return who holds the token or session of which `stored` is kept, as `actor_of_token`."""
    row = conn.execute(_ACTOR, {"stored": stored}).mappings().one_or_none()
    return None if row is None else account_of(row).as_actor()


def actor_of_account(conn: Connection, account_id: str) -> Actor | None:
    """Return who acts by an account while nobody is signed in; None when it is not in use."""
    mine = select(*COLUMNS).where(accounts.c.id == account_id, is_active())
    row = conn.execute(mine).mappings().one_or_none()
    return None if row is None else account_of(row).as_actor()


_ACTOR: Select[Any] = (
    select(*COLUMNS)
    .join(tokens, tokens.c.account_id == accounts.c.id)
    .where(is_active())
    .where(tokens.c.digest == bindparam("stored"), tokens.c.expires_at > func.clock_timestamp())
)


def digest(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
