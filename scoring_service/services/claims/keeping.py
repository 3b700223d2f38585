"""The files of a screening in the database: in pieces, sealed."""

from __future__ import annotations

from functools import partial
from typing import IO, TYPE_CHECKING

from sqlalchemy import delete, insert, select

from scoring_service.db.tables import screening_pieces
from scoring_service.services.imports.keeping import PIECE_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection

    from scoring_service.identity import IdentityNumbers

# The file as it was sent.
CLAIMS = "claims"
_PIECES_AT_ONCE = 16


def keep_file(conn: Connection, seal: IdentityNumbers, screening_id: str, name: str, path: Path) -> int:
    """Keep a file under a name, in place of an earlier one; return its size in bytes."""
    conn.execute(delete(screening_pieces).where(_mine(screening_id, name)))
    owner = {"screening_id": screening_id, "file": name}
    with path.open("rb") as file:
        for position, piece in enumerate(iter(partial(file.read, PIECE_BYTES), b"")):
            row = owner | {"position": position, "sealed": seal.seal_bytes(piece)}
            conn.execute(insert(screening_pieces), row)
        return file.tell()


def write_kept(conn: Connection, seal: IdentityNumbers, screening_id: str, name: str, file: IO[bytes]) -> bool:
    """Write a kept file into another; tell whether there is one."""
    query = select(screening_pieces.c.sealed).where(_mine(screening_id, name))
    rows = conn.execute(
        query.order_by(screening_pieces.c.position), execution_options={"yield_per": _PIECES_AT_ONCE}
    )
    is_any = False
    for sealed in rows.scalars():
        file.write(seal.unseal_bytes(sealed))
        is_any = True
    return is_any


def _mine(screening_id: str, name: str) -> ColumnElement[bool]:
    return (screening_pieces.c.screening_id == screening_id) & (screening_pieces.c.file == name)
