"""A pooler that lends one session to several callers is noticed at the start.

The scheduler's lead and other locks are held by sessions, and statements are prepared in them: behind PgBouncer in
transaction mode all of that reaches other callers or is lost. So such a pooler is taken for the service's transactions
only, beside a direct address for the rest.
"""

from collections.abc import Mapping, Sequence

import psycopg
import structlog
from sqlalchemy import make_url, text

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.db.engine import driver_arguments, make_owner_engine, session_limits
from scoring_service.db.locks import Lock, hold
from scoring_service.runtime.addresses import Addresses, DatabaseUnreachable
from scoring_service.settings import PREFIX, Settings, SettingsError

LOOKS = 5
CONNECT_TIMEOUT_SECONDS = 10

log = structlog.get_logger("scoring_service.runtime.pooling")


def check_sessions(addresses: Addresses, settings: Settings) -> None:
    """Look whether what needs a session of the server to itself gets one.

    Beside a pooler the login is given civil time and the limits of a session, which it may do for itself. They hold for
    sessions that begin after it; a pooler that still has older ones is told of in the log.

    Raises SettingsError when it does not, when the two addresses lead to different databases or logins, and when one
    leads to a replica; DatabaseUnreachable when nobody answers.
    """
    _refuse_replica(addresses.direct, "URL" if not addresses.pooled else "DIRECT_URL")
    if not addresses.pooled:
        _refuse_shared_sessions(
            addresses.direct,
            f"Set {PREFIX}DATABASE_DIRECT_URL to the server's own address beside it, or use pool_mode = session for"
            " this database.",
        )
        return
    _refuse_shared_sessions(
        addresses.direct, "It must be the server's own address.", name=f"{PREFIX}DATABASE_DIRECT_URL"
    )
    wanted = {"TimeZone": CIVIL_ZONE.key, **session_limits(settings.statement_timeout_seconds)}
    with _connected(addresses.direct) as direct:
        if not _has(direct, wanted):
            _keep(addresses.direct, wanted)
        # Only now, so that the first sessions of the pooler have the limits.
        _refuse_replica(addresses.application, "URL")
        with _connected(addresses.application) as pooled:
            if _place(pooled) != _place(direct):
                raise SettingsError(
                    f"{PREFIX}DATABASE_DIRECT_URL and {PREFIX}DATABASE_URL lead to different databases, or sign in by"
                    " different logins: they must be two ways to the same."
                )
            if not _has(pooled, wanted):
                log.warning("the pooler has sessions without the limits of today: let it RECONNECT", limits=wanted)


def _keep(url: str, wanted: Mapping[str, str]) -> None:
    """Let the login have these settings in every session that begins from now on."""
    engine = make_owner_engine(url)
    with engine.begin() as conn:
        # Of two starts at one time one would meet the other's row.
        hold(conn, Lock.MIGRATION)
        for name, value in wanted.items():
            change = conn.execute(_CHANGE, {"name": name, "value": value}).scalar_one()
            conn.exec_driver_sql(change)
    engine.dispose()


_CHANGE = text(
    "SELECT format('ALTER ROLE CURRENT_USER IN DATABASE %I SET %I = %L', current_database(), CAST(:name AS text),"
    " CAST(:value AS text))"
)


def are_shared(mine: Sequence[int], theirs: Sequence[int]) -> bool:
    """Tell whether two open connections, asked in turn for their session, do not keep one each."""
    return len({*mine}) > 1 or not {*mine}.isdisjoint(theirs)


def _refuse_shared_sessions(url: str, advice: str, *, name: str = f"{PREFIX}DATABASE_URL") -> None:
    with _connected(url) as session:
        first = _session(session)
        if first == session.info.backend_pid:
            # The server itself gave its number when it was connected to: there is no pooler.
            return
        with _connected(url) as other:
            looks = [(_session(session), _session(other)) for _ in range(LOOKS)]
    if are_shared([first, *(mine for mine, _ in looks)], [theirs for _, theirs in looks]):
        raise SettingsError(
            f"{name} leads to a pooler that lends one session to several connections (PgBouncer with pool_mode"
            f" transaction or statement): locks and prepared statements would reach others or be lost. {advice}"
        )


def _refuse_replica(url: str, name: str) -> None:
    with _connected(url) as conn:
        row = conn.execute("SELECT pg_is_in_recovery()").fetchone()
    if row and row[0]:
        raise SettingsError(
            f"{PREFIX}DATABASE_{name} leads to a replica (standby), which takes no writes: name the primary, or"
            " all servers, as in postgresql://user:password@one,two/database?target_session_attrs=read-write."
        )


def _connected(url: str) -> psycopg.Connection[tuple[int]]:
    limits = {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "prepare_threshold": None}
    try:
        return psycopg.connect(**driver_arguments(url) | limits, autocommit=True)
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise DatabaseUnreachable(f"The database cannot be reached by {_named(url)}: {reason}") from None


def _named(url: str) -> str:
    """An address without its password."""
    return make_url(url).set(drivername="postgresql").render_as_string()


def _session(conn: psycopg.Connection[tuple[int]]) -> int:
    row = conn.execute("SELECT pg_backend_pid()").fetchone()
    return row[0] if row else 0


def _place(conn: psycopg.Connection[tuple[int]]) -> object:
    return conn.execute(
        "SELECT session_user, oid, (SELECT system_identifier FROM pg_control_system())"
        " FROM pg_database WHERE datname = current_database()"
    ).fetchone()


def _has(conn: psycopg.Connection[tuple[int]], wanted: Mapping[str, str]) -> bool:
    """Tell whether a session has these settings; 60s is 1min to the server."""
    for name, value in wanted.items():
        as_interval = "::interval" if name.endswith("timeout") else ""
        row = conn.execute(f"SELECT current_setting(%s){as_interval} = %s{as_interval}", [name, value]).fetchone()
        if not row or not row[0]:
            return False
    return True
