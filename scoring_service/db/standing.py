"""The standing cache: written in the transaction that changes a file, provable by folding again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.registry import Profile, known_versions
from scoring_service.db.bulk import insert_many
from scoring_service.db.files import File, read_files
from scoring_service.db.finding import keep_words, words_of_person
from scoring_service.db.ledger import LockedFile, save_heads
from scoring_service.db.marks import mark_files
from scoring_service.db.persons import DATA, present_data, read_persons
from scoring_service.db.tables import (
    practitioner_words,
    practitioners,
    standing_affiliations,
    standing_codes,
    standing_sanctions,
    standing_totals,
    standings,
)
from scoring_service.db.tables.schema import one_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Row, Table

    from scoring_service.core.fold import FoldedFile

_encode = msgspec.json.Encoder().encode
decode_profile = msgspec.json.Decoder(Profile).decode

_SPAN_TABLES = (standing_codes, standing_affiliations, standing_totals, standing_sanctions)
_TABLES = (standings, practitioner_words, *_SPAN_TABLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """A locked file as it was before a change and as it is after it; `merged` are files that the change merged in."""

    head: LockedFile
    before: File
    after: File
    merged: tuple[File, ...] = ()


class NewHead(NamedTuple):
    """The head of a file that was opened in this transaction."""

    practitioner_id: str
    category: str
    seq: int
    revision: int
    last_recorded_at: datetime


def stored_profile(profile: Profile) -> str:
    """Return a profile as it is kept: the days without a commitment, which few have, only where there are any."""
    return _encode(profile if profile.without_commitment else profile[:-1]).decode()


def refresh(conn: Connection, files: Sequence[LockedFile]) -> dict[str, File]:
    """Fold the locked files again, write their heads and their cache; the last act on a changed file.

    Returns the files as they now are.
    """
    if not files:
        return {}
    save_heads(conn, files)
    return write_standings(conn, [file.practitioner_id for file in files])


def refresh_folds(conn: Connection, changed: Sequence[ChangedFile]) -> None:
    """Write heads and cache of locked files that have new entries only: of the fold, what has become other."""
    if not changed:
        return
    mark_files(conn, [each.head.practitioner_id for each in changed])
    save_heads(conn, [each.head for each in changed])
    conn.execute(_KEEP, [_standing_row(each.head, each.after, each.after.folded()) for each in changed])
    for table, rows_of in _FOLDED_ROWS.items():
        each_way = (
            (
                each.head.practitioner_id,
                rows_of(each.head.practitioner_id, each.before.folded()),
                rows_of(each.head.practitioner_id, each.after.folded()),
            )
            for each in changed
        )
        moved = [(person, before, after) for person, before, after in each_way if before != after]
        if stale := [person for person, before, _after in moved if before]:
            conn.execute(_DELETE[table], {"people": stale})
        if made := [row for _person, _before, after in moved for row in after]:
            insert_many(conn, table, made)


def refresh_heads(conn: Connection, files: Sequence[LockedFile]) -> None:
    """Write heads and cache of many locked files whose new entries change no fold and no span (`year_closed`)."""
    people = [file.practitioner_id for file in files]
    mark_files(conn, people)
    save_heads(conn, files)
    conn.execute(
        update(standings)
        .where(
            standings.c.practitioner_id == practitioners.c.id,
            practitioners.c.id.in_(people),
        )
        .values(
            seq=practitioners.c.seq,
            revision=practitioners.c.revision,
            recorded_at=practitioners.c.last_recorded_at,
        )
    )


_DELETE = {table: delete(table).where(one_of(table.c.practitioner_id, "people")) for table in _SPAN_TABLES}
_INSERT = upsert(standings)
_KEEP = _INSERT.on_conflict_do_update(
    index_elements=["practitioner_id"],
    set_={column.name: _INSERT.excluded[column.name] for column in standings.c if not column.primary_key},
)
_HEADS = select(
    practitioners.c.id.label("practitioner_id"),
    *(practitioners.c[name] for name in ("category", "seq", "revision", "last_recorded_at")),
).where(one_of(practitioners.c.id, "people"), practitioners.c.merged_into.is_(None))


def write_standings(conn: Connection, practitioner_ids: Sequence[str]) -> dict[str, File]:
    """Write the cache of these files anew from the ledger and the registry; return the files."""
    mark_files(conn, practitioner_ids)
    files = read_files(conn, practitioner_ids)
    made = _rows(conn.execute(_HEADS, {"people": list(files)}), files)
    for table in _SPAN_TABLES:
        conn.execute(_DELETE[table], {"people": list(practitioner_ids)})
    if made[standings]:
        conn.execute(_KEEP, made[standings])
        keep_words(conn, practitioner_words, made[practitioner_words])
    for table in _SPAN_TABLES:
        if made[table]:
            insert_many(conn, table, made[table])
    return files


def forget(conn: Connection, practitioner_id: str) -> None:
    """Delete the cache of a file that was merged: another file answers for it."""
    mark_files(conn, [practitioner_id])
    for table in _TABLES:
        conn.execute(delete(table).where(table.c.practitioner_id == practitioner_id))


def new_standings(heads: Sequence[NewHead], files: Mapping[str, File]) -> dict[Table, list[dict[str, Any]]]:
    """Return the cache rows of files that are opened, by table, from what is about to be written of them."""
    return {table: rows for table, rows in _rows(heads, files).items() if rows}


def computed_rows(conn: Connection, practitioner_ids: Sequence[str]) -> dict[Table, list[dict[str, Any]]]:
    """Return the cache rows of these files as the ledger and the registry give them, by table."""
    personal = [
        {"practitioner_id": practitioner_id} | asdict(present_data(rows))
        for practitioner_id, rows in read_persons(conn, practitioner_ids).items()
        if rows
    ]
    files = read_files(conn, practitioner_ids)
    return _rows(conn.execute(_HEADS, {"people": list(files)}), files) | {practitioners: personal}


def _rows(heads: Iterable[Row[Any] | NewHead], files: Mapping[str, File]) -> dict[Table, list[dict[str, Any]]]:
    made: dict[Table, list[dict[str, Any]]] = {table: [] for table in _TABLES}
    for head in heads:
        person, file = head.practitioner_id, files[head.practitioner_id]
        folded = file.folded()
        made[standings].append(_standing_row(head, file, folded))
        words = words_of_person(file.present_person().name, file.names(), file.codes())
        made[practitioner_words].append({"practitioner_id": person, **words})
        made[standing_codes] += [{"practitioner_id": person, "code": code} for code in sorted(file.codes())]
        made[standing_affiliations] += _affiliation_rows(head, file)
        for table, rows_of in _FOLDED_ROWS.items():
            made[table] += rows_of(person, folded)
    return made


def _standing_row(head: Row[Any] | LockedFile | NewHead, file: File, folded: FoldedFile) -> dict[str, Any]:
    return {
        "practitioner_id": head.practitioner_id,
        "seq": head.seq,
        "revision": head.revision,
        "recorded_at": head.last_recorded_at,
        "profile": stored_profile(file.profile(folded)),
    }


def _affiliation_rows(person: Row[Any] | NewHead, file: File) -> list[dict[str, Any]]:
    return [
        {
            "practitioner_id": person.practitioner_id,
            "span_id": version.span_id,
            "institution_code": version.institution,
            "from_on": version.span.start,
            "until_on": version.span.until,
            "category": person.category,
        }
        for version in known_versions(file.affiliations)
    ]


def _total_rows(practitioner_id: str, folded: FoldedFile) -> list[dict[str, Any]]:
    return [
        {"practitioner_id": practitioner_id, "year": year, "points": points}
        for year, points in folded.totals(date.max).items()
    ]


def _sanction_rows(practitioner_id: str, folded: FoldedFile) -> list[dict[str, Any]]:
    return [
        {
            "practitioner_id": practitioner_id,
            "position": position,
            "kind": span.kind.value,
            "ground": span.ground.value,
            "from_on": span.start,
            "until_on": span.until,
            "state_until_on": span.state_until,
        }
        for position, span in enumerate(folded.sanctions, start=1)
    ]


# What new entries can change; the registry's spans they leave as they are.
_FOLDED_ROWS = {standing_totals: _total_rows, standing_sanctions: _sanction_rows}


def stored_rows(conn: Connection, practitioner_ids: Sequence[str]) -> dict[Table, list[dict[str, Any]]]:
    """Return the cache rows of these files as they are stored, by table."""
    personal = select(practitioners.c.id.label("practitioner_id"), *(practitioners.c[name] for name in DATA))
    kept = conn.execute(personal.where(practitioners.c.id.in_(practitioner_ids))).mappings()
    return {practitioners: [dict(row) for row in kept]} | {
        table: [
            dict(row)
            for row in conn.execute(
                select(table).where(table.c.practitioner_id.in_(practitioner_ids))
            ).mappings()
        ]
        for table in _TABLES
    }
