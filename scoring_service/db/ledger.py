"""The ledger: lock the files, append entries, read them back (scheme.md 2.1 and 2.2).

Lock first, then fold, then append: under READ COMMITTED two transactions that read a total and then insert
would both pass.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, DateTime, Integer, LargeBinary, Uuid, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.entries import (
    Basis,
    Correction,
    Entry,
    EntryKind,
    Measure,
    MeasureLifted,
    PointsCredit,
    Reregistration,
    Resumption,
    Score,
    TermCredit,
    YearClosed,
)
from scoring_service.core.errors import RuleError
from scoring_service.core.rulebook import Degree
from scoring_service.core.sanctions import SanctionKind
from scoring_service.db.bulk import insert_many
from scoring_service.db.tables import entries, practitioners, rulebook_versions
from scoring_service.db.tables.schema import one_of
from scoring_service.law.rulebooks import from_values

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sqlalchemy import CTE, Connection, RowMapping
    from sqlalchemy.dialects.postgresql import Insert

    from scoring_service.core.rulebook import Rulebook

_MICROSECOND = timedelta(microseconds=1)
UNHASHED = frozenset({"hash"})


@dataclass(slots=True, kw_only=True)
class LockedFile:
    """The head of a file whose row this transaction holds; every change moves it on."""

    practitioner_id: str
    revision: int
    seq: int
    last_recorded_at: datetime
    head_hash: bytes | None
    merged_into: str | None = None

    def next_revision(self, recorded_at: datetime) -> tuple[int, datetime]:
        """Number a change of the file; its instant is made later than the file's last."""
        self.revision += 1
        self.last_recorded_at = max(recorded_at, self.last_recorded_at + _MICROSECOND)
        return self.revision, self.last_recorded_at


_LOCKED = (
    select(
        practitioners.c.id.label("practitioner_id"),
        practitioners.c.revision,
        practitioners.c.seq,
        practitioners.c.last_recorded_at,
        practitioners.c.head_hash,
        practitioners.c.merged_into,
    )
    .where(one_of(practitioners.c.id, "people"))
    .order_by(practitioners.c.id)
    .with_for_update(key_share=True)
)


def lock_files(conn: Connection, practitioner_ids: Iterable[str]) -> dict[str, LockedFile]:
    """Lock the files' rows, in the order of their ids so that no two transactions wait for each other.

    Rows that refer to a person may be inserted meanwhile: an answer that records a refusal holds the registry's
    lock, and must not wait for a writer who waits for that lock. Raises RuleError
    `file_merged` for a file that has closed since it was looked up.
    """
    rows = conn.execute(_LOCKED, {"people": list(practitioner_ids)}).mappings()
    files = {row["practitioner_id"]: LockedFile(**row) for row in rows}
    for file in files.values():
        if file.merged_into is not None:
            detail = "该档案刚刚并入本人的另一档案，请重新打开后再办 / the file has just been merged: open it again"
            raise RuleError("file_merged", detail)
    return files


def save_heads(conn: Connection, files: Sequence[LockedFile]) -> None:
    """Write the moved heads of many locked files in one statement."""
    conn.execute(
        _SAVE_HEADS,
        {
            "people": [file.practitioner_id for file in files],
            "revisions": [file.revision for file in files],
            "seqs": [file.seq for file in files],
            "recorded": [file.last_recorded_at for file in files],
            "hashes": [file.head_hash for file in files],
        },
    )


_MOVED = (
    func.unnest(
        bindparam("people", type_=ARRAY(Uuid(as_uuid=False))),
        bindparam("revisions", type_=ARRAY(Integer)),
        bindparam("seqs", type_=ARRAY(Integer)),
        bindparam("recorded", type_=ARRAY(DateTime(timezone=True))),
        bindparam("hashes", type_=ARRAY(LargeBinary)),
    )
    .table_valued("id", "revision", "seq", "last_recorded_at", "head_hash", name="moved")
    .render_derived()
)
_SAVE_HEADS = (
    update(practitioners)
    .where(practitioners.c.id == _MOVED.c.id)
    .values({name: _MOVED.c[name] for name in ("revision", "seq", "last_recorded_at", "head_hash")})
)


def append(
    conn: Connection,
    file: LockedFile,
    *,
    kind: EntryKind,
    effective_on: date,
    recorded_at: datetime,
    recorded_by: str,
    rulebook: Rulebook,
    **carried: Any,
) -> Entry:
    """Append one entry to a locked file and return it; `carried` are the columns of its kind.

    The caller takes `recorded_at` from the clock late in the transaction and saves the head afterwards.
    """
    row = _next_row(
        file,
        kind=kind,
        effective_on=effective_on,
        recorded_at=recorded_at,
        recorded_by=recorded_by,
        rulebook=rulebook,
        carried=carried,
    )
    conn.execute(insert(entries).values(**row).add_cte(_kept(rulebook)))
    return to_entry(row, rulebook)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry to be appended to a locked file, with the columns that its kind carries."""

    file: LockedFile
    rulebook: Rulebook
    carried: dict[str, Any]


def append_many(
    conn: Connection,
    drafts: Sequence[Draft],
    *,
    kind: EntryKind,
    effective_on: date,
    recorded_at: datetime,
    recorded_by: str,
) -> list[str]:
    """Append one entry of a kind to each of many locked files; return their ids in the order of `drafts`.

    All drafts carry the same columns. The caller saves the heads afterwards.
    """
    rows = [
        _next_row(
            draft.file,
            kind=kind,
            effective_on=effective_on,
            recorded_at=recorded_at,
            recorded_by=recorded_by,
            rulebook=draft.rulebook,
            carried=draft.carried,
        )
        for draft in drafts
    ]
    for rulebook in {draft.rulebook.sha256: draft.rulebook for draft in drafts}.values():
        conn.execute(_keep_rulebook(rulebook))
    insert_many(conn, entries, rows)
    return [row["id"] for row in rows]


def _next_row(
    file: LockedFile,
    *,
    kind: EntryKind,
    effective_on: date,
    recorded_at: datetime,
    recorded_by: str,
    rulebook: Rulebook,
    carried: dict[str, Any],
) -> dict[str, Any]:
    """Return the row of a file's next entry and move its head on to it."""
    revision, recorded_at = file.next_revision(recorded_at)
    file.seq += 1
    row: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "practitioner_id": file.practitioner_id,
        "seq": file.seq,
        "revision": revision,
        "kind": kind.value,
        "effective_on": effective_on,
        "recorded_at": recorded_at,
        "recorded_by": recorded_by,
        "rulebook_id": rulebook.id,
        "rulebook_sha256": rulebook.sha256,
        "previous_hash": file.head_hash,
        **carried,
    }
    file.head_hash = row["hash"] = entry_hash(row)
    return row


def _kept(rulebook: Rulebook) -> CTE:
    """Return the part of an entry's statement that keeps its rulebook's version, once."""
    return _keep_rulebook(rulebook).cte("kept")


def _keep_rulebook(rulebook: Rulebook) -> Insert:
    return (
        upsert(rulebook_versions)
        .values(
            sha256=rulebook.sha256,
            id=rulebook.id,
            valid_from=rulebook.valid_from,
            values=rulebook.values,
        )
        .on_conflict_do_nothing()
    )


def entry_hash(row: RowMapping | dict[str, Any]) -> bytes:
    """Return the SHA-256 of an entry's canonical form, which holds the hash of the entry before it."""
    return hashlib.sha256(canonical_form(row)).digest()


def canonical_form(row: RowMapping | dict[str, Any]) -> bytes:
    """Return every column but the hash, as JSON with sorted keys; a column without a value is left out."""
    present = {
        name: _canonical(value) for name, value in row.items() if value is not None and name not in UNHASHED
    }
    return json.dumps(present, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _canonical(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp()) * 1_000_000 + value.microsecond
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value


# What stands under a hash never changes, so a version is read and made once in a process.
_versions: dict[str, Rulebook] = {}


def rulebooks_by_sha256(conn: Connection, hashes: Collection[str]) -> Mapping[str, Rulebook]:
    """Return at least the rulebooks with these SHA-256 of their values, under which entries were made."""
    missing = [sha256 for sha256 in hashes if sha256 not in _versions]
    if missing:
        rows = conn.execute(select(rulebook_versions).where(rulebook_versions.c.sha256.in_(missing)))
        _versions.update({row.sha256: from_values(row.id, row.valid_from, row.values) for row in rows})
    return _versions


_ENTRIES = (
    select(entries)
    .where(one_of(entries.c.practitioner_id, "people"))
    .order_by(entries.c.practitioner_id, entries.c.seq)
)


def read_entries(conn: Connection, practitioner_ids: Sequence[str]) -> dict[str, list[Entry]]:
    """Return the entries of each file in the order of `seq`; a file without entries has an empty list."""
    files: dict[str, list[Entry]] = {practitioner_id: [] for practitioner_id in practitioner_ids}
    rows = conn.execute(_ENTRIES, {"people": list(practitioner_ids)}).mappings().all()
    rulebooks = rulebooks_by_sha256(conn, {row["rulebook_sha256"] for row in rows})
    for row in rows:
        files[row["practitioner_id"]].append(to_entry(row, rulebooks[row["rulebook_sha256"]]))
    return files


def to_entry(row: RowMapping | dict[str, Any], rulebook: Rulebook) -> Entry:
    """Return the core's entry for a row of the ledger."""
    place: dict[str, Any] = {
        "id": row["id"],
        "seq": row["seq"],
        "revision": row["revision"],
        "effective_on": row["effective_on"],
        "recorded_at": row["recorded_at"],
        "rulebook": rulebook,
    }
    return _MAKERS[row["kind"]](row, place)


_MAKERS: dict[str, Callable[[RowMapping | dict[str, Any], dict[str, Any]], Entry]] = {
    EntryKind.SCORE: lambda row, place: Score(
        **place,
        points=row["points"],
        decided_on=row["decided_on"],
        finding=row["finding_id"],
        item=row["item"],
        degree=Degree(row["degree"]),
    ),
    EntryKind.POINTS_CREDIT: lambda row, place: PointsCredit(
        **place, points=row["points"], application=row["application_id"]
    ),
    EntryKind.TERM_CREDIT: lambda row, place: TermCredit(
        **place, days=row["days"], application=row["application_id"]
    ),
    EntryKind.RESUMPTION: lambda row, place: Resumption(
        **place, application=row["application_id"], late_days=row["late_days"]
    ),
    EntryKind.MEASURE: lambda row, place: Measure(
        **place,
        effect=SanctionKind(row["effect"]),
        start=row["from_on"],
        until=row.get("until_on"),
        case=row["case_id"],
    ),
    EntryKind.MEASURE_LIFTED: lambda row, place: MeasureLifted(**place, target=row["target_id"]),
    EntryKind.CORRECTION: lambda row, place: Correction(
        **place, target=row["target_id"], value=row["value"], basis=Basis(row["basis"])
    ),
    EntryKind.REREGISTRATION: lambda row, place: Reregistration(**place),  # noqa: ARG005
    EntryKind.YEAR_CLOSED: lambda row, place: YearClosed(**place, year=row["year"], total=row["total"]),
}
