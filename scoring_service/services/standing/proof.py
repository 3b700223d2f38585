"""Proofs: the chain of every file, and the standing cache against a fold made anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.db.ledger import entry_hash
from scoring_service.db.persons import keep_present
from scoring_service.db.standing import computed_rows, stored_rows, write_standings
from scoring_service.db.tables import entries, ledger_heads, practitioners
from scoring_service.services.unit_of_work.step import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import RowMapping, Select

    from scoring_service.identity import IdentityNumbers
    from scoring_service.services.unit_of_work.transaction import Service, Work

CHUNK_FILES = 2000
# Smaller, because people approve while it runs.
CHUNK_FILES_AT_NIGHT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """Something that does not fit: the file, the first entry concerned, and what is wrong with it."""

    practitioner_id: str
    seq: int | None
    what: str


def check_chunk(work: Work, period: str, cursor: str | None) -> Step:  # noqa: ARG001 - the present is checked.
    """Check chain and standing of the next files, in the order of their ids: a transaction of the nightly job."""
    chunk = list(work.conn.execute(_next_ids(cursor, CHUNK_FILES_AT_NIGHT)).scalars())
    if not chunk:
        return Step(counts={"files": 0, "misfits": 0})
    _lock(work, chunk)
    misfits = _verify_chunk(work, chunk) + _differences(work, chunk)
    for misfit in misfits:
        work.event("ledger_misfit", practitioner_id=misfit.practitioner_id, seq=misfit.seq, what=misfit.what)
    cursor = chunk[-1] if len(chunk) == CHUNK_FILES_AT_NIGHT else None
    return Step(cursor=cursor, counts={"files": len(chunk), "misfits": len(misfits)})


def verify_ledger(service: Service) -> tuple[int, list[Misfit]]:
    """Check every file's chain and remember its head; return the files checked and the first misfit of each.

    A cut tail shows against the heads that the last run stored. A file that does not fit keeps its old head.
    """
    checked, misfits = 0, []
    for chunk in _chunks(service):
        with service.work() as work:
            faults = _verify_chunk(work, chunk)
            if suspects := [fault.practitioner_id for fault in faults]:
                # A file may have grown while it was read; under its lock it does not.
                _lock(work, suspects)
                faults = _verify_chunk(work, suspects)
        checked += len(chunk)
        misfits += faults
    return checked, misfits


def _chunks(service: Service) -> Iterator[list[str]]:
    last = None
    while True:
        with service.engine.connect() as conn:
            chunk = list(conn.execute(_next_ids(last, CHUNK_FILES)).scalars())
        if not chunk:
            return
        yield chunk
        last = chunk[-1]


def _next_ids(after: str | None, limit: int) -> Select[str]:
    query = select(practitioners.c.id).order_by(practitioners.c.id).limit(limit)
    return query if after is None else query.where(practitioners.c.id > after)


def _verify_chunk(work: Work, chunk: Sequence[str]) -> list[Misfit]:
    chains: dict[str, list[RowMapping]] = {practitioner_id: [] for practitioner_id in chunk}
    rows = work.conn.execute(
        select(entries)
        .where(entries.c.practitioner_id.in_(chunk))
        .order_by(entries.c.practitioner_id, entries.c.seq)
    ).mappings()
    for row in rows:
        chains[row["practitioner_id"]].append(row)
    people = work.conn.execute(
        select(practitioners.c.id, practitioners.c.seq, practitioners.c.head_hash).where(
            practitioners.c.id.in_(chunk)
        )
    )
    stored = work.conn.execute(select(ledger_heads).where(ledger_heads.c.practitioner_id.in_(chunk)))
    heads = {row.practitioner_id: (row.seq, bytes(row.hash)) for row in stored}
    misfits, whole = [], []
    for person in people:
        chain = chains[person.id]
        misfit = _misfit(person.id, chain, (person.seq, person.head_hash), heads.get(person.id))
        if misfit:
            misfits.append(misfit)
        elif chain:
            whole.append((person.id, chain[-1]))
    _store_heads(work, whole)
    return misfits


def _misfit(
    practitioner_id: str,
    chain: Sequence[RowMapping],
    row_head: tuple[int, bytes | None],
    last_head: tuple[int, bytes] | None,
) -> Misfit | None:
    previous: bytes | None = None
    for expected_seq, row in enumerate(chain, start=1):
        fault = _fault(row, expected_seq, previous)
        if fault:
            return Misfit(practitioner_id=practitioner_id, seq=row["seq"], what=fault)
        previous = bytes(row["hash"])
    if last_head and (len(chain) < last_head[0] or bytes(chain[last_head[0] - 1]["hash"]) != last_head[1]):
        what = "条目缺失或与上次核验不符 / the chain no longer holds the head of the last check"
        return Misfit(practitioner_id=practitioner_id, seq=last_head[0], what=what)
    if (len(chain), previous) != (row_head[0], row_head[1] and bytes(row_head[1])):
        what = "链尾与档案记载不符 / the chain does not end at the file's head"
        return Misfit(practitioner_id=practitioner_id, seq=row_head[0], what=what)
    return None


def _fault(row: RowMapping, expected_seq: int, previous: bytes | None) -> str | None:
    if row["seq"] != expected_seq:
        return f"序号应为 {expected_seq} / the entry should have seq {expected_seq}"
    if (row["previous_hash"] and bytes(row["previous_hash"])) != previous:
        return "前一条目的哈希不符 / it does not follow the entry before it"
    if bytes(row["hash"]) != entry_hash(row):
        return "内容与哈希不符 / its content does not fit its hash"
    return None


def _store_heads(work: Work, whole: list[tuple[str, RowMapping]]) -> None:
    if not whole:
        return
    statement = upsert(ledger_heads)
    work.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["practitioner_id"],
            set_={name: statement.excluded[name] for name in ("seq", "hash", "verified_at")},
            # Another check that ran meanwhile may have come further; a head only moves on.
            where=ledger_heads.c.seq <= statement.excluded.seq,
        ),
        [
            {
                "practitioner_id": practitioner_id,
                "seq": row["seq"],
                "hash": row["hash"],
                "verified_at": work.now,
            }
            for practitioner_id, row in whole
        ],
    )


def rebuild(service: Service) -> int:
    """Write the standing and the present person data of every file anew; return how many files there are."""
    count = 0
    for chunk in _chunks(service):
        with service.work() as work:
            _lock(work, chunk)
            keep_present(work.conn, chunk)
            write_standings(work.conn, chunk)
        count += len(chunk)
    return count


def check_standings(service: Service) -> tuple[int, list[Misfit]]:
    """Compare the stored standing and person data of every file with those made anew; return files and differences."""
    count, misfits = 0, []
    for chunk in _chunks(service):
        with service.work() as work:
            _lock(work, chunk)
            misfits += _differences(work, chunk)
        count += len(chunk)
    return count, misfits


def _lock(work: Work, chunk: Sequence[str]) -> None:
    work.conn.execute(
        select(practitioners.c.id)
        .where(practitioners.c.id.in_(chunk))
        .order_by(practitioners.c.id)
        .with_for_update(read=True)
    )


def _differences(work: Work, chunk: Sequence[str]) -> list[Misfit]:
    computed, stored = computed_rows(work.conn, chunk), stored_rows(work.conn, chunk)
    misfits = []
    for table, rows in computed.items():
        for practitioner_id in _differing(rows, stored[table], work.service.identity_numbers):
            what = f"{table.name}: 缓存与重新计算不符 / the cache differs from the fold"
            misfits.append(Misfit(practitioner_id=practitioner_id, seq=None, what=what))
    return misfits


def _differing(
    computed: Sequence[Mapping[str, object]], stored: Sequence[Mapping[str, object]], numbers: IdentityNumbers
) -> list[str]:
    made, kept = ({_frozen(row) for row in rows} for rows in (computed, stored))
    unlike = {_frozen(_read(dict(row), numbers)) for row in made - kept} ^ {
        _frozen(_read(dict(row), numbers)) for row in kept - made
    }
    return sorted({str(dict(row)["practitioner_id"]) for row in unlike})


def _read(row: dict[str, object], numbers: IdentityNumbers) -> dict[str, object]:
    """Return the row with its number read: each place is sealed anew for itself when keys are rotated."""
    sealed, digest = row.get("id_number_encrypted"), row.get("id_number_digest")
    if not isinstance(sealed, bytes):
        return row
    try:
        number = numbers.decrypt(sealed)
    except InvalidTag:
        return row
    return row | {"id_number_encrypted": number, "id_number_digest": digest in numbers.digests(number)}


def _frozen(row: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    return tuple(sorted(row.items()))
