"""The latest instant that the leading scheduler has seen on the server's clock, beside the clock itself.

A server's clock goes back when it is set, or when a standby whose clock is behind takes over. What is recorded next is
to lie after what was recorded and told before, else an answer of then is another one when it is asked for again with
its `known_at`. So the scheme's clock stands at that latest instant until the server's has caught up, and moves on by a
tick with each recorded change.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Interval, case, func, literal, select, text, update

from scoring_service.db.tables import installation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

TICK = timedelta(microseconds=1)
# A clock that stood further ahead was wrong altogether: nothing waits for it.
LONGEST_STAND = timedelta(days=1)
PRESENT = (
    "greatest(clock_timestamp(), (SELECT latest_at FROM installation"
    " WHERE latest_at < clock_timestamp() + interval '1 day'))"
)
_PRESENT = text(f"SELECT {PRESENT}")
# What the server's clock says when a statement is carried out, for the columns of instants that no rule asks for.
SERVERS_CLOCK = func.clock_timestamp()
_LATEST = installation.c.latest_at
_READ = select(SERVERS_CLOCK, _LATEST)
_TICK = (
    update(installation)
    .values(latest_at=func.greatest(SERVERS_CLOCK, _LATEST + literal(TICK, Interval)))
    .returning(_LATEST)
)
_BOUND = SERVERS_CLOCK + literal(LONGEST_STAND, Interval)
_MARK = update(installation).values(
    latest_at=case((_LATEST > _BOUND, SERVERS_CLOCK), else_=func.greatest(SERVERS_CLOCK, _LATEST))
)
# A change that is being recorded while the clock stands holds the row; the next beat comes soon.
_FREE = select(installation.c.id).with_for_update(skip_locked=True)


def server_now(conn: Connection) -> datetime:
    """Return what the database server's clock says: one for all hosts, for limits and retries."""
    instant: datetime = conn.execute(select(SERVERS_CLOCK)).scalar_one()
    return instant


def present(conn: Connection) -> datetime:
    """Return the present instant: the server's, or that at which the clock stands."""
    instant: datetime = conn.execute(_PRESENT).scalar_one()
    return instant


def stands_for(conn: Connection) -> timedelta | None:
    """Return how long the clock stands from now on, because the server's went back; None when it goes."""
    servers, latest = conn.execute(_READ).one()
    behind: timedelta = timedelta() if latest is None else latest - servers
    return behind if timedelta() < behind < LONGEST_STAND else None


def next_instant(conn: Connection) -> datetime:
    """Return the instant of a change; while the clock stands, each has its own, in the order of their commits."""
    servers, latest = conn.execute(_READ).one()
    if latest is None or not servers < latest < servers + LONGEST_STAND:
        instant: datetime = servers
    else:
        instant = conn.execute(_TICK).scalar_one()
    return instant


def mark_present(conn: Connection) -> timedelta:
    """Keep the server's instant as the latest, unless a later one is kept; return by how much its clock went back."""
    servers, latest = conn.execute(_READ).one()
    conn.execute(_MARK.where(installation.c.id.in_(_FREE)))
    return timedelta() if latest is None else max(timedelta(), latest - servers)
