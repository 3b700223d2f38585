"""How often a password may be tried: per account *and* address, so that a stranger locks nobody else out."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, delete, func, insert, select

from scoring_service.clock import real_now
from scoring_service.db.tables import sign_in_failures
from scoring_service.problems import Problem

if TYPE_CHECKING:
    from sqlalchemy import Connection

WINDOW = timedelta(minutes=15)
FAILURES_OF_ACCOUNT_AND_ADDRESS = 10
FAILURES_OF_ADDRESS = 100
KEPT = timedelta(days=1)


def note_attempt(conn: Connection, username: str, address: str) -> None:
    """Put an attempt on record as failed until it succeeds. Raises Problem 429 with `retry_after` seconds.

    Attempts of one address are counted one after another, so that many at once do not slip through.
    """
    now = real_now()
    name = _shortened(username)
    conn.execute(select(func.pg_advisory_xact_lock(_lock_key(address))))
    from_address = sign_in_failures.c.address == address
    of_pair = from_address & (sign_in_failures.c.username == name)
    _refuse_above(conn, of_pair, FAILURES_OF_ACCOUNT_AND_ADDRESS, now)
    _refuse_above(conn, from_address, FAILURES_OF_ADDRESS, now)
    conn.execute(insert(sign_in_failures).values(username=name, address=address, at=now))


def forget_failures(conn: Connection, username: str, address: str) -> None:
    """Drop the failures of an account that has signed in from this address, and everybody's old ones."""
    of_pair = (sign_in_failures.c.address == address) & (sign_in_failures.c.username == _shortened(username))
    conn.execute(delete(sign_in_failures).where(of_pair | (sign_in_failures.c.at < real_now() - KEPT)))


def _refuse_above(conn: Connection, whose: ColumnElement[bool], limit: int, now: datetime) -> None:
    recent = (
        select(sign_in_failures.c.at)
        .where(whose, sign_in_failures.c.at > now - WINDOW)
        .order_by(sign_in_failures.c.at.desc())
        .limit(limit)
    )
    failed_at = conn.execute(recent).scalars().all()
    if len(failed_at) >= limit:
        wait = failed_at[-1] + WINDOW - now
        detail = "登录失败次数过多,请稍后再试 / too many failed attempts; wait and try again"
        raise Problem(429, "too_many_attempts", detail, retry_after=max(1, int(wait.total_seconds()) + 1))


def _shortened(username: str) -> str:
    """Return a name of bounded length to store, whatever was typed."""
    return hashlib.sha256(username.encode("utf-8", "surrogatepass")).hexdigest()


def _lock_key(address: str) -> int:
    return int.from_bytes(hashlib.sha256(b"sign-in " + address.encode()).digest()[:8], signed=True)
