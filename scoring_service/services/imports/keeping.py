"""What is kept of an import until it is cleared: the file in pieces, its rows in chunks, its faults; all sealed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import delete, func, insert, select, update

from scoring_service.db.bulk import insert_many
from scoring_service.db.tables import import_chunks, import_faults, import_pieces, imports
from scoring_service.services.imports.kind import StagedRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scoring_service.identity import IdentityNumbers
    from scoring_service.services.imports.kind import ImportKind

PIECE_BYTES = 1024 * 1024
# Nobody mends more at once; how many there are is counted all the same.
MOST_FAULTS_KEPT = 10_000

_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFaultRow:
    """A fault at its cell: `column` by its letters, `value` what stands there."""

    sheet: str
    row: int
    column: str | None
    value: str
    expected: str
    warning: bool = False


def keep_file(conn: Connection, seal: IdentityNumbers, import_id: str, content: bytes) -> None:
    """Keep a file as it was sent."""
    rows = (
        {"import_id": import_id, "position": position, "sealed": seal.seal_bytes(content[start : start + PIECE_BYTES])}
        for position, start in enumerate(range(0, len(content), PIECE_BYTES))
    )
    for row in rows:
        conn.execute(insert(import_pieces), row)


@contextmanager
def kept_file(conn: Connection, seal: IdentityNumbers, import_id: str) -> Iterator[Path]:
    """Give the file's path, in a folder of this process alone, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="scoring-import-") as folder:
        path = Path(folder) / "file"
        query = select(import_pieces.c.sealed).where(import_pieces.c.import_id == import_id)
        with path.open("wb") as file:
            for sealed in conn.execute(query.order_by(import_pieces.c.position)).scalars():
                file.write(seal.unseal_bytes(sealed))
        yield path


def keep_chunk(
    conn: Connection, seal: IdentityNumbers, import_id: str, position: int, rows: Sequence[StagedRow]
) -> None:
    """Keep rows as the next part of a chunk."""
    mine = (import_chunks.c.import_id == import_id) & (import_chunks.c.position == position)
    part = select(func.coalesce(func.max(import_chunks.c.part), -1) + 1).where(mine).scalar_subquery()
    content = _encode([(row.sheet, row.number, row.values, row.written, row.unread) for row in rows])
    conn.execute(
        insert(import_chunks).values(
            import_id=import_id, position=position, part=part, rows=len(rows), sealed=seal.seal_bytes(content)
        )
    )


class Chunks:
    """The chunks of an import, read back as rows."""

    def __init__(self, seal: IdentityNumbers, import_id: str, kind: ImportKind) -> None:
        self._seal = seal
        self._import_id = import_id
        shape: Any = list[tuple[str, int, kind.record, dict[str, str], tuple[str, ...]]]  # type: ignore[name-defined]
        self._decode = msgspec.msgpack.Decoder(shape).decode

    def read(self, conn: Connection, position: int) -> list[StagedRow]:
        """Return the rows of a chunk in the order of their file."""
        mine = (import_chunks.c.import_id == self._import_id) & (import_chunks.c.position == position)
        sealed = conn.execute(select(import_chunks.c.sealed).where(mine).order_by(import_chunks.c.part)).scalars()
        return [
            StagedRow(sheet=sheet, number=number, values=values, written=written, unread=unread)
            for part in sealed
            for sheet, number, values, written, unread in self._decode(self._seal.unseal_bytes(part))
        ]


def keep_faults(
    conn: Connection, seal: IdentityNumbers, import_id: str, faults: Iterable[CellFaultRow]
) -> int:
    """Keep the first MOST_FAULTS_KEPT faults and warnings; return how many of these are faults."""
    listed = list(faults)
    if not listed:
        return 0
    mine = import_faults.c.import_id == import_id
    kept = conn.execute(select(func.count()).select_from(import_faults).where(mine)).scalar_one()
    rows = [
        {
            "import_id": import_id,
            "number": number,
            "warning": fault.warning,
            "sheet": fault.sheet,
            "row": fault.row,
            "column": fault.column,
            "sealed": seal.seal(fault.value),
            "expected": fault.expected,
        }
        for number, fault in enumerate(listed[: max(0, MOST_FAULTS_KEPT - kept)], start=kept)
    ]
    if rows:
        insert_many(conn, import_faults, rows)
    return sum(not fault.warning for fault in listed)


def kept_faults(
    conn: Connection, seal: IdentityNumbers, import_id: str, limit: int = MOST_FAULTS_KEPT
) -> list[CellFaultRow]:
    """Return the faults and warnings that were kept, in the order of sheets, rows and columns."""
    mine = import_faults.c.import_id == import_id
    query = select(import_faults).where(mine)
    column = import_faults.c.column
    order = (import_faults.c.sheet, import_faults.c.row, func.length(column), column, import_faults.c.number)
    return [
        CellFaultRow(
            sheet=row.sheet,
            row=row.row,
            column=row.column,
            value=seal.unseal(row.sealed),
            expected=row.expected,
            warning=row.warning,
        )
        for row in conn.execute(query.order_by(import_faults.c.warning, *order).limit(limit))
    ]


def forget_rows(conn: Connection, import_id: str) -> None:
    """Forget rows and faults, before the file is read again."""
    for table in (import_chunks, import_faults):
        conn.execute(delete(table).where(table.c.import_id == import_id))


def clear(conn: Connection, import_ids: Sequence[str], **values: Any) -> None:
    """Forget all contents of these imports and note it on their rows."""
    for table in (import_pieces, import_chunks, import_faults):
        conn.execute(delete(table).where(table.c.import_id.in_(import_ids)))
    conn.execute(update(imports).where(imports.c.id.in_(import_ids)).values(**values))
