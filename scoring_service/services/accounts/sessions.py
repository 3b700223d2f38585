"""Sessions of the console: a random value in a cookie, kept hashed beside the bearer tokens.

A session's value is hashed another way than a token's, so that neither opens the other's door: what a browser
carries is of no use on the API. Lifetimes run on the real clock.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from scoring_service.db.clock_mark import server_now
from scoring_service.db.tables import accounts, tokens
from scoring_service.problems import Forbidden, Invalid
from scoring_service.services.accounts.account import account_of, is_active
from scoring_service.services.accounts.opening import USERNAME
from scoring_service.services.accounts.passwords import put_own_password, replace_password
from scoring_service.services.accounts.signing_in import (
    TOKEN_BYTES,
    actor_of_digest,
    note_sign_in,
    verified_account,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scoring_service.services.unit_of_work.actor import Actor
    from scoring_service.services.unit_of_work.transaction import Service, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A fresh session: the value for the cookie, told this once; `lasts_seconds` on the real clock.

    `password_on_loan`: the maker of the account chose the password, and its holder is to choose one.
    """

    value: str
    lasts_seconds: int
    password_on_loan: bool


def open_session(service: Service, *, username: str, password: str, address: str) -> Session:
    """Sign in to the console. Raises Unauthenticated `invalid_credentials`, TooManyAttempts."""
    account_id = verified_account(service, username=username, password=password, address=address)
    with service.engine.begin() as conn:
        return _issue(conn, account_id, hours=service.settings.token_hours)


def open_session_of(service: Service, username: str) -> Session:
    """Open a session for whom the identity provider vouches. Raises Forbidden `no_account`.

    A password that the account's maker chose, and knows, ends with it: the provider's word is the holder's own.
    """
    with service.work() as work:
        query = select(accounts).where(accounts.c.username == username, is_active())
        row = work.conn.execute(query.with_for_update()).mappings().one_or_none()
        if row is None:
            raise _no_account(username)
        account = account_of(row)
        work.actor = account.as_actor()
        if work.actor.password_on_loan:
            put_own_password(work, None)
            work.audit("account.password_ended", object_kind="account", object_id=account.id)
        note_sign_in(work.conn, account.id)
        return _issue(work.conn, account.id, hours=service.settings.token_hours)


def _no_account(username: str) -> Forbidden:
    name = username if USERNAME.fullmatch(username) else "?"
    detail = (
        f"统一身份认证确认您是“{name}”，但本系统没有这个账号，或者它还待批准、已注销。"
        "登录不会自动开立账号：请联系医保部门的管理员开立或恢复 / "
        f"the identity provider knows you as “{name}”, but there is no such account here, or none in use. "
        "Signing in opens none: ask the office's administrator"
    )
    return Forbidden("no_account", detail)


def actor_of_session(work: Work, value: str) -> Actor | None:
    """Return who holds the session; None when it is unknown, expired or closed, or the account closed."""
    return actor_of_digest(work.conn, digest(value))


def session_holder(service: Service, value: str) -> Actor | None:
    """Return who holds the session, as `actor_of_session`, where no transaction is open."""
    with service.engine.connect() as conn:
        return actor_of_digest(conn, digest(value))


def close_session(work: Work, value: str) -> None:
    """Sign out here."""
    work.conn.execute(delete(tokens).where(tokens.c.digest == digest(value)))


def change_password(work: Work, value: str, *, current: str, wanted: str, again: str) -> Session:
    """Change the actor's password, sign them out everywhere, and return a new session for here.

    Raises as `replace_password` does, and Invalid for two new ones that differ.
    """
    if wanted != again:
        raise Invalid("/again", "两次输入的新密码不一致 / the two new passwords differ")
    replace_password(work, digest(value), present=current, new=wanted, pointers=("/current", "/wanted"))
    return _issue(work.conn, str(work.actor.account_id), hours=work.service.settings.token_hours)


def _issue(conn: Connection, account_id: str, *, hours: int) -> Session:
    now = server_now(conn)
    value = secrets.token_urlsafe(TOKEN_BYTES)
    conn.execute(delete(tokens).where(tokens.c.account_id == account_id, tokens.c.expires_at <= now))
    conn.execute(
        insert(tokens).values(
            digest=digest(value), account_id=account_id, created_at=now, expires_at=now + timedelta(hours=hours)
        )
    )
    on_loan = conn.execute(select(accounts.c.password_set_by).where(accounts.c.id == account_id)).scalar_one()
    return Session(value=value, lasts_seconds=hours * 3600, password_on_loan=on_loan is not None)


def digest(value: str) -> bytes:
    """Return what is stored of a session: no SHA-256 of any bearer token is ever the same."""
    encoded = value.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(encoded, digest_size=32, person=b"console-session").digest()
