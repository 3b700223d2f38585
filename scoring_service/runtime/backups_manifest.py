"""What a backup says of itself: manifest.json, its digest beside it, and the last entry of every file (heads.csv.gz).

The keys are not in a backup; the manifest has their fingerprints, by which they are known and not found out.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from scoring_service.clock import real_now
from scoring_service.core.civil import CIVIL_ZONE

FORMAT = 1
MANIFEST = "manifest.json"
DIGEST = "manifest.json.sha256"
HEADS = "heads.csv.gz"
COUNTED = (
    "institutions", "practitioners", "entries", "cases", "findings", "notices", "letters", "appeals", "events",
    "audit_log", "accounts",
)  # fmt: skip


class BackupError(Exception):
    """A backup cannot be made, read or restored; the message is a sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastEntry:
    """The entry of the ledger that was recorded last."""

    id: str
    practitioner_id: str
    seq: int
    recorded_at: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the database held when the backup began; a copy of a running cluster holds this, and what came during it."""

    schema: str
    postgresql: str
    keys: Mapping[str, Sequence[str]]
    counts: Mapping[str, int]
    last_entry: LastEntry | None
    last_event: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`kind`: a copy of the embedded cluster, or a dump of one database. Instants are of the real clock.

    `files` are the digests (SHA-256) by path; segments of the log that come later carry check sums of their own.
    `origin` is the data folder of a cluster, and `first_segment` what its log is needed from.
    """

    kind: Literal["cluster", "dump"]
    began_at: str
    finished_at: str
    facts: Facts
    files: Mapping[str, str]
    bytes: int
    origin: str | None = None
    first_segment: str | None = None
    format: int = FORMAT
    release: str = version("scoring-service")

    @property
    def finished(self) -> datetime:
        """From when on the copy is whole."""
        return datetime.fromisoformat(self.finished_at)


def instant_text(instant: datetime | None = None) -> str:
    """An instant, by default the present, as the manifest writes it."""
    return (instant or real_now()).astimezone(CIVIL_ZONE).isoformat()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, and its digest in the form of `sha256sum --check`."""
    content = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
    (folder / MANIFEST).write_bytes(content)
    (folder / DIGEST).write_text(f"{hashlib.sha256(content).hexdigest()}  {MANIFEST}\n", encoding="ascii")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the backup in `folder`. Raises BackupError if there is none, or not as it was written."""
    try:
        content = (folder / MANIFEST).read_bytes()
        digest = (folder / DIGEST).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BackupError(f"{folder} is no backup: {error.filename} is not there.") from None
    if digest != f"{hashlib.sha256(content).hexdigest()}  {MANIFEST}\n":
        raise BackupError(f"{folder / MANIFEST} or {DIGEST} beside it is not as it was written.")
    fields = json.loads(content)
    if fields["format"] > FORMAT:
        raise BackupError(f"{folder} was made by the newer release {fields['release']}: restore it with that.")
    return _manifest(fields)


def _manifest(fields: dict[str, Any]) -> Manifest:
    facts = fields.pop("facts")
    last = facts.pop("last_entry")
    return Manifest(**fields, facts=Facts(**facts, last_entry=last and LastEntry(**last)))


def gather_facts(conn: psycopg.Connection[Any], heads: Path) -> Facts:
    """Read the facts, and write the head of every file to `heads`. `conn` sees one moment of the database."""
    with conn.cursor(row_factory=dict_row) as cursor:
        schema = _schema(cursor)
        event = cursor.execute("SELECT number FROM events_head").fetchone()
        facts = Facts(
            schema=schema,
            postgresql=str(conn.info.server_version // 10000),
            keys=_fingerprints(cursor),
            counts={table: _count(cursor, table) for table in COUNTED},
            last_entry=_last_entry(cursor),
            last_event=event["number"] if event else 0,
        )
    with gzip.open(heads, "wb", compresslevel=1) as file, conn.cursor() as cursor, cursor.copy(_HEADS) as rows:
        for row in rows:
            file.write(row)
    return facts


def count_lost(conn: psycopg.Connection[Any], heads: Path) -> int:
    """Of the heads of files in `heads`, count those that the database does not have with the same hash."""
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE kept_heads (practitioner_id uuid, seq integer, hash text) ON COMMIT DROP")
        with gzip.open(heads, "rb") as file, cursor.copy("COPY kept_heads FROM STDIN (FORMAT csv)") as rows:
            while content := file.read(1 << 20):
                rows.write(content)
        row = cursor.execute(_LOST).fetchone()
    return row[0] if row else 0


_LAST_ENTRY = """
    SELECT id::text, practitioner_id::text, seq, recorded_at, encode(hash, 'hex') AS hash
    FROM entries ORDER BY recorded_at DESC, id DESC LIMIT 1
"""
_HEADS = """
    COPY (SELECT id, seq, encode(head_hash, 'hex') FROM practitioners WHERE seq > 0 ORDER BY id) TO STDOUT (FORMAT csv)
"""
_LOST = """
    SELECT count(*) FROM kept_heads LEFT JOIN entries USING (practitioner_id, seq)
    WHERE encode(entries.hash, 'hex') IS DISTINCT FROM kept_heads.hash
"""


def _schema(cursor: psycopg.Cursor[dict[str, Any]]) -> str:
    there = cursor.execute("SELECT to_regclass('alembic_version') AS name").fetchone()
    row = cursor.execute("SELECT version_num FROM alembic_version").fetchone() if there and there["name"] else None
    if row is None:
        raise BackupError("There is no record in this database yet: nothing to back up.")
    return str(row["version_num"])


def _last_entry(cursor: psycopg.Cursor[dict[str, Any]]) -> LastEntry | None:
    row = cursor.execute(_LAST_ENTRY).fetchone()
    return None if row is None else LastEntry(**row | {"recorded_at": instant_text(row["recorded_at"])})


def _fingerprints(cursor: psycopg.Cursor[dict[str, Any]]) -> dict[str, list[str]]:
    """Of the keys under which something is written; a schema before the rotation knows of one of each name."""
    keys: dict[str, list[str]] = {}
    for each in cursor.execute("SELECT to_jsonb(key_fingerprints) AS key FROM key_fingerprints ORDER BY name"):
        key = each["key"]
        if key.get("present_from", key["recorded_at"]) and not key.get("forgotten_at"):
            keys.setdefault(key["name"], []).append(key["fingerprint"])
    return keys


def _count(cursor: psycopg.Cursor[dict[str, Any]], table: str) -> int:
    row = cursor.execute(sql.SQL("SELECT count(*) AS n FROM {}").format(sql.Identifier(table))).fetchone()
    return int(row["n"]) if row else 0
