"""The whole register in one sweep: every file's profile and names as they were known at an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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

    from sqlalchemy import Connection

    from scoring_service.core.registry import Profile
    from scoring_service.db.eligibility import KnownInstitution
    from scoring_service.db.files import File

FILES_IN_A_TABLE = 20_000
# A file that changed since is read whole and folded again.
FILES_AT_ONCE = 500
INSTITUTIONS_AT_ONCE = 5_000

# Many files in one row: to fetch a row costs more than all that is done with a file. JSON has no tabs or ends of lines.
_UNCHANGED = text(r"""
    SELECT string_agg(s.practitioner_id || E'\t' || s.profile || E'\t' || c.codes, E'\n' ORDER BY s.practitioner_id)
    FROM (
        SELECT practitioner_id, profile FROM standings
        WHERE practitioner_id > CAST(:after AS uuid) AND recorded_at <= :known_at
        ORDER BY practitioner_id LIMIT :many
    ) s
        CROSS JOIN LATERAL (
            SELECT coalesce(json_agg(code ORDER BY code)::text, '') AS codes
            FROM standing_codes WHERE practitioner_id = s.practitioner_id
        ) c
""")
_BEFORE_ALL = "00000000-0000-0000-0000-000000000000"
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
    after = _BEFORE_ALL
    while True:
        bounds = {"known_at": known_at, "after": after, "many": FILES_IN_A_TABLE}
        content: str | None = conn.execute(_UNCHANGED, bounds).scalar_one()
        if content is None:
            return
        table = _parsed(content.encode())
        after = table.column("id")[-1].as_py()
        yield table


_TEXTS = dict.fromkeys(("id", "profile", "codes"), pa.string())


def _parsed(content: bytes) -> pa.Table:
    reading = csv.ReadOptions(column_names=list(_TEXTS), block_size=len(content) + 1, use_threads=False)
    parsing = csv.ParseOptions(delimiter="\t", quote_char=False, newlines_in_values=False)
    converting = csv.ConvertOptions(column_types=_TEXTS, null_values=[""], strings_can_be_null=True)
    return csv.read_csv(pa.py_buffer(content), reading, parsing, converting)


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
