"""Files on their way into the registry and the ledger: as they were sent, the rows read from them, their faults.

Contents are sealed, because they hold names and identity numbers, and cleared some days after the end.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata, words_of

STATES = ("waiting", "checking", "checked", "refused", "writing", "done", "failed", "cancelled")

# `headings` names each sheet's columns by their letters. `chunks` is how many the rows were parted into, `cursor` the
# next of them to be checked or written.
imports = Table(
    "imports",
    metadata,
    identifier(primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("filename", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("headings", JSONB, nullable=False, server_default="{}"),
    Column("rows", Integer),
    Column("rows_done", Integer, nullable=False, server_default="0"),
    Column("chunks", Integer),
    Column("cursor", Integer, nullable=False, server_default="0"),
    Column("counts", JSONB, nullable=False),
    Column("errors_total", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("created_at", AwareDateTime, nullable=False),
    Column("began_at", AwareDateTime),
    Column("finished_at", AwareDateTime),
    identifier("uploaded_account", ForeignKey("accounts.id")),
    Column("uploaded_by", Text, nullable=False),
    Column("uploaded_staff_no", Text, nullable=False),
    Column("region", Text),
    identifier("committed_account", ForeignKey("accounts.id")),
    Column("committed_by", Text),
    Column("committed_staff_no", Text),
    Column("committed_at", AwareDateTime),
    Column("cleared_at", AwareDateTime),
    words_of("state", STATES),
    Index(None, "created_at", "id"),
)


def _of_import(table: str, *columns: Column[object]) -> Table:
    owner = identifier("import_id", ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    return Table(table, metadata, owner, *columns)


# The file, in pieces.
import_pieces = _of_import(
    "import_pieces",
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

# The rows read from it. What belongs together lies in one chunk; a row that came late to it in a `part` of its own.
import_chunks = _of_import(
    "import_chunks",
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("rows", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

# `sealed` is what stands in the cell; a warning refuses nothing.
import_faults = _of_import(
    "import_faults",
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("warning", Boolean, nullable=False),
    Column("sheet", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("column", Text),
    Column("sealed", LargeBinary, nullable=False),
    Column("expected", Text, nullable=False),
)
