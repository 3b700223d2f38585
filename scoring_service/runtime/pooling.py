"""A pooler that lends one session to several callers is noticed at the start.

The service acts as a role that it takes once for a session, holds the scheduler's lead and other locks by its sessions,
and prepares statements in them. Behind PgBouncer in transaction mode all of that reaches other callers or is lost.
"""

from collections.abc import Sequence

import psycopg
from sqlalchemy import make_url

from scoring_service.settings import PREFIX, SettingsError

LOOKS = 5
CONNECT_TIMEOUT_SECONDS = 10


def refuse_shared_sessions(url: str) -> None:
    """Raises SettingsError when the connections to `url` do not keep a session of the server each."""
    conninfo = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with _connected(conninfo) as session:
        first = _session(session)
        if first == session.info.backend_pid:
            # The server itself gave its number when it was connected to: there is no pooler.
            return
        with _connected(conninfo) as other:
            looks = [(_session(session), _session(other)) for _ in range(LOOKS)]
    if are_shared([first, *(mine for mine, _ in looks)], [theirs for _, theirs in looks]):
        raise SettingsError(
            f"{PREFIX}DATABASE_URL leads to a pooler that lends one session to several connections (PgBouncer with"
            " pool_mode transaction or statement): roles, locks and prepared statements would reach others or be lost."
            " Use pool_mode = session for this database, or the server's own address."
        )


def are_shared(mine: Sequence[int], theirs: Sequence[int]) -> bool:
    """Tell whether two open connections, asked in turn for their session, do not keep one each."""
    return len({*mine}) > 1 or not {*mine}.isdisjoint(theirs)


def _connected(conninfo: str) -> psycopg.Connection[tuple[int]]:
    return psycopg.connect(
        conninfo, autocommit=True, prepare_threshold=None, connect_timeout=CONNECT_TIMEOUT_SECONDS
    )


def _session(conn: psycopg.Connection[tuple[int]]) -> int:
    row = conn.execute("SELECT pg_backend_pid()").fetchone()
    return row[0] if row else 0
