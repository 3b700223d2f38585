"""How often a password may be tried, so that nobody's guesses lock others out.

What counts is an account *and* an address. Over all addresses an account waits longer after each failure, and an
address that fails very often is stopped; neither holds where the account has signed in well before. Everything is
kept in the database, which the workers share.
"""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.db.clock_mark import server_now
from scoring_service.db.locks import Lock, hold
from scoring_service.db.tables import sign_in_failures, sign_in_places
from scoring_service.problems import TooManyAttempts

if TYPE_CHECKING:
    from sqlalchemy import Connection

WINDOW = timedelta(minutes=15)
FAILURES_OF_ACCOUNT_AND_ADDRESS = 10
# Somebody who tries every name; many people behind one address, each with a slip, stay far below.
FAILURES_OF_ADDRESS = 1_000
# Within KEPT and from anywhere: from here on each failure doubles the wait, up to LONGEST_WAIT.
FAILURES_OF_ACCOUNT = 50
LONGEST_WAIT = timedelta(minutes=15)
KEPT = timedelta(days=1)
PLACES_KEPT = timedelta(days=90)
IPV6_HOME = 64  # Bits: one household or office; whoever has it has all the addresses below.


def note_attempt(conn: Connection, username: str, account_id: str | None, address: str) -> None:
    """Put an attempt on record as failed until it succeeds. Raises TooManyAttempts with `retry_after` seconds.

    `account_id` is None for an unknown name. Attempts on one name, and of one address, are counted one after another,
    so that many at once do not slip through.
    """
    now = server_now(conn)
    name, place = _shortened(username), _place(address)
    for key in (f"name {name}", f"place {place}"):
        hold(conn, Lock.SIGN_IN, key)
    of_name, from_place = sign_in_failures.c.username == name, sign_in_failures.c.address == place
    _refuse_above(conn, of_name & from_place, FAILURES_OF_ACCOUNT_AND_ADDRESS, now)
    if not _signed_in_before(conn, account_id, place, now):
        _refuse_above(conn, from_place, FAILURES_OF_ADDRESS, now)
        _refuse_early(conn, of_name, now)
    conn.execute(insert(sign_in_failures).values(username=name, address=place, at=now))


def note_success(conn: Connection, username: str, account_id: str, address: str) -> None:
    """Drop the failures of an account at this address, keep that it signed in there, and drop what is old."""
    now, place = server_now(conn), _place(address)
    of_pair = (sign_in_failures.c.address == place) & (sign_in_failures.c.username == _shortened(username))
    conn.execute(delete(sign_in_failures).where(of_pair | (sign_in_failures.c.at < now - KEPT)))
    row = {"account_id": account_id, "address": place, "at": now}
    conn.execute(
        upsert(sign_in_places).values(row).on_conflict_do_update(index_elements=["account_id", "address"], set_=row)
    )


def _signed_in_before(conn: Connection, account_id: str | None, place: str, now: datetime) -> bool:
    there = (sign_in_places.c.account_id == account_id) & (sign_in_places.c.address == place)
    query = select(sign_in_places.c.at).where(there, sign_in_places.c.at > now - PLACES_KEPT)
    return account_id is not None and conn.execute(query).first() is not None


def _refuse_above(conn: Connection, whose: ColumnElement[bool], limit: int, now: datetime) -> None:
    recent = (
        select(sign_in_failures.c.at)
        .where(whose, sign_in_failures.c.at > now - WINDOW)
        .order_by(sign_in_failures.c.at.desc())
        .offset(limit - 1)
        .limit(1)
    )
    first_counted: datetime | None = conn.execute(recent).scalar_one_or_none()
    if first_counted is not None:
        raise _too_many(first_counted + WINDOW - now)


def _refuse_early(conn: Connection, of_name: ColumnElement[bool], now: datetime) -> None:
    """Refuse an attempt on an account before the wait is over that its failures from anywhere have led to."""
    of_the_day = select(func.count(), func.max(sign_in_failures.c.at)).where(
        of_name, sign_in_failures.c.at > now - KEPT
    )
    failures, last = conn.execute(of_the_day).one()
    if failures >= FAILURES_OF_ACCOUNT:
        seconds = 2.0 ** min(failures - FAILURES_OF_ACCOUNT, 20)
        left = last + min(timedelta(seconds=seconds), LONGEST_WAIT) - now
        if left > timedelta():
            raise _too_many(left)


def _too_many(wait: timedelta) -> TooManyAttempts:
    detail = "登录失败次数过多，请稍后再试 / too many failed attempts; wait and try again"
    return TooManyAttempts("too_many_attempts", detail, retry_after=max(1, int(wait.total_seconds()) + 1))


def _place(address: str) -> str:
    """Return what counts as one address: the network of an IPv6 address, everything else as it is."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network((int(parsed), IPV6_HOME), strict=False))
    return str(parsed)


def _shortened(username: str) -> str:
    """Return a name of bounded length to store, whatever was typed."""
    return hashlib.sha256(username.encode("utf-8", "surrogatepass")).hexdigest()
