"""Passwords: what one may be, argon2 hashes of them, and one's own in place of the present one."""

from __future__ import annotations

import base64
import secrets
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION
from sqlalchemy import delete, select, update

from scoring_service.core.procedure import AccountAct
from scoring_service.db.tables import accounts, tokens
from scoring_service.problems import Forbidden, Invalid, Problem, Unauthenticated
from scoring_service.services.accounts.life import record_act

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row

    from scoring_service.services.unit_of_work.transaction import Work

LENGTHS = range(8, 201)
COMMONEST = Path(__file__).parent / "commonest_passwords.txt"
# Wrong present passwords after which a session or token ends: whoever holds it may not be who opened it.
MOST_WRONG_IN_A_SESSION = 5

# Without the letters and digits that are read for one another.
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"

_hasher = PasswordHasher()


def hash_of_nobody(hasher: PasswordHasher) -> str:
    """Return a hash that is of no password, as costly to verify as the hasher's own; no command pays for making one."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2{hasher.type.name.lower()}$v={ARGON2_VERSION}${cost}${salt}${digest}"


# Verified for an unknown name, so that the time to answer does not tell whether an account exists.
_NOBODY = hash_of_nobody(_hasher)


class WrongPresentPassword(Invalid):
    """The present password is wrong. It is to be counted, so the transaction is to be kept."""


def password_fits(stored: str | None, password: str) -> bool:
    """Tell whether `password` is the one whose hash is stored; takes as long for an account without one."""
    try:
        _hasher.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return stored is not None


def hashed_password(password: str, names: Iterable[str], pointer: str = "/password") -> str:
    """Return what is stored of a password; `names` are what whoever guesses it tries first.

    Raises Invalid at `pointer` for one too short or too long, one that is a name, or one of the commonest.
    """
    if len(password) not in LENGTHS:
        raise Invalid(pointer, "密码须为 8 至 200 个字符 / a password has 8 to 200 characters")
    folded = _folded(password)
    if folded in {_folded(name) for name in names}:
        detail = "密码不能与用户名或工号相同 / a password may not be the username or the staff number"
        raise Invalid(pointer, detail)
    if folded in _commonest():
        detail = "这个密码太常见，最先被人猜到，请换一个 / this password is among the first to be guessed; take another"
        raise Invalid(pointer, detail)
    return _hasher.hash(password)


def one_time_password() -> str:
    """Return a password that nobody has chosen, for its holder to replace at the first sign-in."""
    return "-".join("".join(secrets.choice(_LEGIBLE) for _ in range(4)) for _ in range(4))


def replace_password(
    work: Work, held: bytes, *, present: str, new: str, pointers: tuple[str, str] = ("/present", "/new")
) -> None:
    """Give the actor's account a password of their own, and sign them out everywhere; `held` is the session's digest.

    Raises Invalid at the second of `pointers` for a new one that may not be or is the same again, and
    WrongPresentPassword at the first, both before anything is written; Forbidden for an account that signs in
    without a password.
    """
    account = _held_account(work, held)
    if account.password_hash is None:
        raise Forbidden("no_password", "此账号不使用密码登录 / this account signs in without a password")
    if not password_fits(account.password_hash, present):
        raise WrongPresentPassword(pointers[0], "当前密码不正确 / the present password is wrong")
    if new == present:
        raise Invalid(pointers[1], "新密码不能与当前密码相同 / the new password is the present one")
    hashed = hashed_password(new, (account.username, account.staff_no), pointers[1])
    put_own_password(work, hashed)
    work.audit("account.change_password", object_kind="account", object_id=work.actor.account_id)


def put_own_password(work: Work, hashed: str | None) -> None:
    """Store the actor's own password, or that they need none, and end every session and token of the account."""
    account_id = str(work.actor.account_id)
    own = update(accounts).where(accounts.c.id == account_id)
    work.conn.execute(own.values(password_hash=hashed, password_set_by=None))
    record_act(work.conn, work.actor, account_id, AccountAct.PASSWORD_CHOSEN)
    close_everywhere(work)


def close_everywhere(work: Work) -> None:
    """Sign the actor out everywhere: every session and every bearer token of the account."""
    work.conn.execute(delete(tokens).where(tokens.c.account_id == work.actor.account_id))
    work.audit("account.sign_out_everywhere", object_kind="account", object_id=work.actor.account_id)


def count_wrong_password(work: Work, held: bytes, wrong: WrongPresentPassword) -> Problem:
    """Count a wrong present password against the session whose digest is `held`; return what to answer.

    It is the same refusal, or Unauthenticated `session_ended` when the session has ended by it. The caller keeps the
    transaction.
    """
    mine = tokens.c.digest == held
    counted = update(tokens).where(mine).values(wrong_passwords=tokens.c.wrong_passwords + 1)
    if work.conn.execute(counted.returning(tokens.c.wrong_passwords)).scalar_one() < MOST_WRONG_IN_A_SESSION:
        return wrong
    work.conn.execute(delete(tokens).where(mine))
    work.audit("account.session_ended", object_kind="account", object_id=work.actor.account_id)
    detail = "当前密码多次输入错误，已退出登录，请重新登录 / the present password was wrong too often; sign in again"
    return Unauthenticated("session_ended", detail)


def _held_account(work: Work, held: bytes) -> Row[Any]:
    """Return the actor's account, held, so that guesses are counted one after another. Raises Unauthenticated."""
    query = select(accounts).where(accounts.c.id == work.actor.account_id).with_for_update()
    account = work.conn.execute(query).one_or_none()
    session = work.conn.execute(select(tokens.c.digest).where(tokens.c.digest == held)).one_or_none()
    if account is None or session is None:
        raise Unauthenticated("unauthenticated", "请先登录 / sign in first")
    return account


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@cache
def _commonest() -> frozenset[str]:
    lines = COMMONEST.read_text(encoding="utf-8").splitlines()
    return frozenset(_folded(line) for line in lines if line and not line.startswith("#"))
