"""What a job does in one transaction, and how it stands beside changes of files that are under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, select

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Whoever changes files holds this lock shared, before the files' own locks; a job that must see every change that
# is under way takes it alone. Any constant will do that nothing else of the service locks.
FILES_LOCK = 7_221_003


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one transaction of a job did: `cursor` is where the next one goes on, None when the job is done."""

    cursor: str | None = None
    counts: dict[str, int] = field(default_factory=dict)


def hold_changes(conn: Connection) -> None:
    """Announce a change of files, before their rows are locked, to the jobs that must not miss it."""
    conn.execute(select(func.pg_advisory_xact_lock_shared(FILES_LOCK)))


def await_changes(conn: Connection) -> None:
    """Wait for every change of files that is under way, and hold back new ones until this transaction ends."""
    conn.execute(select(func.pg_advisory_xact_lock(FILES_LOCK)))
