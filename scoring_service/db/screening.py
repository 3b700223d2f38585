"""The whole register in one sweep: every file's profile and names as they were known at an instant."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pyarrow as pa
from pyarrow import csv
from sqlalchemy import select, text

from scoring_service.core.merging import answers_for
from scoring_service.db.eligibility import known_institutions
from scoring_service.db.files import read_files
from scoring_service.db.merges import every_merge
from scoring_service.db.tables import events_head, institutions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import psycopg
    from sqlalchemy import Connection, Engine

    from scoring_service.core.registry import Profile
    from scoring_service.db.eligibility import KnownInstitution
    from scoring_service.db.files import File

BYTES_AT_ONCE = 8 << 20
# A file that changed since is read whole and folded again.
FILES_AT_ONCE = 500
INSTITUTIONS_AT_ONCE = 5_000

# Codes as JSON: most people have one. NULL stands for none.
_UNCHANGED = """
    COPY (
        SELECT s.practitioner_id, s.profile, c.codes
        FROM standings s
            LEFT JOIN (SELECT practitioner_id, json_agg(code ORDER BY code) AS codes FROM standing_codes GROUP BY 1) c
            ON c.practitioner_id = s.practitioner_id
        WHERE s.recorded_at <= %s
        ORDER BY s.practitioner_id
    ) TO STDOUT (FORMAT csv)
"""
# Files that had not gone into another one by then, and that something has happened to since. While a merge is being
# written, a code stands in both files: the one that goes on answers (db/merges.py), so it comes first.
_CHANGED_SINCE = text("""
    SELECT id::text FROM practitioners
    WHERE recorded_at <= :known_at
        AND CASE WHEN merged_into IS NULL THEN last_recorded_at > :known_at ELSE merged_at > :known_at END
    ORDER BY merged_at NULLS FIRST, id
""")


class KnownPerson(NamedTuple):
    """A file as it was known: its id, every id and code that named it, what an answer needs of it."""

    practitioner_id: str
    names: Sequence[str]
    profile: Profile


@contextmanager
def unmoved(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that reads one state of the whole database, whatever is changed meanwhile."""
    with engine.connect() as plain:
        conn = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with conn.begin():
            # Between two reads the spans of a whole province are made.
            conn.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            yield conn


def last_change(conn: Connection) -> int:
    """Return the number of the last event."""
    number: int = conn.execute(select(events_head.c.number)).scalar_one_or_none() or 0
    return number


def former_ids(conn: Connection, known_at: datetime) -> dict[str, list[str]]:
    """Return, by the id of a file, the ids of those that had gone into it by an instant."""
    happened = [merge for merge in every_merge(conn) if merge.at <= known_at]
    former: dict[str, list[str]] = {}
    for merge in happened:
        former.setdefault(answers_for(merge.merged, happened), []).append(merge.merged)
    return former


def unchanged_people(conn: Connection, known_at: datetime) -> Iterator[pa.Table]:
    """Give every file that nothing has happened to since an instant, as it is kept, many at a time.

    `id`, `profile` (`stored_profile`), `codes`: those that name it now, as a list in JSON, null where there is none.
    """
    connection = cast("psycopg.Connection[Any]", conn.connection.driver_connection)
    with connection.cursor() as cursor, cursor.copy(_UNCHANGED, [known_at]) as copy:
        waiting, size = list[bytes](), 0
        for line in copy:
            waiting.append(bytes(line))
            size += len(line)
            if size >= BYTES_AT_ONCE:
                yield _parsed(b"".join(waiting))
                waiting, size = [], 0
        if waiting:
            yield _parsed(b"".join(waiting))


_TEXTS = dict.fromkeys(("id", "profile", "codes"), pa.string())


def _parsed(content: bytes) -> pa.Table:
    reading = csv.ReadOptions(column_names=list(_TEXTS), block_size=len(content) + 1, use_threads=False)
    converting = csv.ConvertOptions(column_types=_TEXTS, null_values=[""], strings_can_be_null=True)
    return csv.read_csv(pa.py_buffer(content), reading, csv.ParseOptions(newlines_in_values=True), converting)


def changed_people(conn: Connection, known_at: datetime, former: Mapping[str, Sequence[str]]) -> Iterator[KnownPerson]:
    """Give every file that something has happened to since an instant, folded as it was known then."""
    changed = list(conn.execute(_CHANGED_SINCE, {"known_at": known_at}).scalars())
    taken: set[str] = set()
    for practitioner_id, then in _files_then(conn, changed, known_at):
        codes = then.codes() - taken
        taken |= codes
        names = (practitioner_id, *sorted(codes), *former.get(practitioner_id, ()))
        yield KnownPerson(practitioner_id, names, then.profile(then.folded()))


def _files_then(
    conn: Connection, practitioner_ids: Sequence[str], known_at: datetime
) -> Iterator[tuple[str, File]]:
    for start in range(0, len(practitioner_ids), FILES_AT_ONCE):
        files = read_files(conn, practitioner_ids[start : start + FILES_AT_ONCE])
        for practitioner_id, whole in files.items():
            if used := whole.revision_known_at(known_at):
                yield practitioner_id, whole.known_at(known_at, used)


def pharmacies_known(conn: Connection) -> frozenset[str]:
    """Return the codes of the institutions of that kind."""
    return frozenset(conn.execute(select(institutions.c.code).where(institutions.c.kind == "pharmacy")).scalars())


def institutions_known(conn: Connection, known_at: datetime) -> Iterator[KnownInstitution]:
    """Give every institution with its agreements as they were known at an instant."""
    codes = list(conn.execute(select(institutions.c.code).order_by(institutions.c.code)).scalars())
    for start in range(0, len(codes), INSTITUTIONS_AT_ONCE):
        yield from known_institutions(conn, codes[start : start + INSTITUTIONS_AT_ONCE], known_at).values()
