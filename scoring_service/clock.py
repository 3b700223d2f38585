"""The scheme's clock: what day it is, and the instant at which a change is recorded.

The simulated clock (SCORING_CLOCK=simulated) stands still and lives in the database, shared by all processes.
Token lifetimes, limits and retries ask the database server's clock, what concerns one process only `real_now`.
"""

from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Connection, Executable, Interval, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.db.clock_mark import TICK, next_instant, present
from scoring_service.db.tables import clock_state, installation
from scoring_service.problems import Conflict
from scoring_service.settings import Settings, SettingsError


def real_now() -> datetime:
    """The wall clock in UTC, for everything that is not the scheme's."""
    return datetime.now(UTC)


class Clock(Protocol):
    """Instants are aware, in Asia/Shanghai, with microseconds."""

    simulated: bool

    def now(self, conn: Connection) -> datetime:
        """The present instant, for reads and for judging dates."""
        ...

    def record(self, conn: Connection) -> datetime:
        """The instant of a recorded change, asked under the file's lock just before commit."""
        ...

    def advance(self, conn: Connection, to: datetime) -> datetime:
        """Set the clock forward. Raises Conflict `clock_backwards`, or `clock_not_simulated`."""
        ...


class SystemClock:
    """The database server's wall clock: one clock for every process and host that records or answers.

    It does not go back: when the server's does, it stands until that has caught up (`db/clock_mark.py`).
    """

    simulated = False

    def now(self, conn: Connection) -> datetime:
        return present(conn).astimezone(CIVIL_ZONE)

    def record(self, conn: Connection) -> datetime:
        return next_instant(conn).astimezone(CIVIL_ZONE)

    def advance(self, conn: Connection, to: datetime) -> datetime:  # noqa: ARG002 -- the protocol's
        raise Conflict("clock_not_simulated", "系统时钟不能调整 / the system clock cannot be set")


class SimulatedClock:
    """The clock of training and tests: one row of `clock_state`, moved by `advance` and a tick a change."""

    simulated = True

    def now(self, conn: Connection) -> datetime:
        return _instant(conn, select(clock_state.c.now))

    def record(self, conn: Connection) -> datetime:
        """The next microsecond. The row's lock, held until commit, gives recorded changes one order."""
        tick = (
            update(clock_state)
            .values(now=clock_state.c.now + literal(TICK, Interval))
            .returning(clock_state.c.now)
        )
        return _instant(conn, tick)

    def advance(self, conn: Connection, to: datetime) -> datetime:
        now = _instant(conn, select(clock_state.c.now).with_for_update())
        if to < now:
            detail = "时钟不能倒退 / the clock cannot go back"
            raise Conflict("clock_backwards", detail, now=now.isoformat())
        conn.execute(update(clock_state).values(now=to))
        return to.astimezone(CIVIL_ZONE)


def _instant(conn: Connection, query: Executable) -> datetime:
    instant: datetime = conn.execute(query).scalar_one()
    return instant.astimezone(CIVIL_ZONE)


def make_clock(settings: Settings) -> Clock:
    """The clock that the settings ask for."""
    return SimulatedClock() if settings.clock == "simulated" else SystemClock()


def start_clock(conn: Connection, settings: Settings) -> None:
    """Give the simulated clock its first instant; a restart goes on from the stored one. Or SettingsError.

    The first instant of either clock is kept as that at which the installation began: no job is due before it.
    """
    if settings.clock == "simulated" and not conn.execute(select(clock_state.c.id)).first():
        if settings.clock_start is None:
            raise SettingsError("SCORING_CLOCK=simulated needs SCORING_CLOCK_START on the first start.")
        conn.execute(insert(clock_state).values(id=1, now=settings.clock_start).on_conflict_do_nothing())
    began = update(installation).where(installation.c.began_at.is_(None))
    conn.execute(began.values(began_at=make_clock(settings).now(conn)))
