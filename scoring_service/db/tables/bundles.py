"""Letters of many notices on their way into one PDF, for who asked for it; sealed, and cleared some days after."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from scoring_service.core.procedure import BundleState
from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata, words_of

letter_bundles = Table(
    "letter_bundles",
    metadata,
    identifier(primary_key=True),
    Column("state", Text, nullable=False),
    identifier("account_id", ForeignKey("accounts.id"), nullable=False),
    identifier("case_id", ForeignKey("cases.id")),
    Column("error", Text),
    Column("created_at", AwareDateTime, nullable=False),
    Column("began_at", AwareDateTime),
    Column("finished_at", AwareDateTime),
    Column("cleared_at", AwareDateTime),
    words_of("state", BundleState),
    Index(None, "account_id", "created_at"),
)


def _of_bundle(table: str, *columns: Column[Any]) -> Table:
    owner = identifier("bundle_id", ForeignKey("letter_bundles.id", ondelete="CASCADE"), primary_key=True)
    position = Column("position", Integer, primary_key=True, autoincrement=False)
    return Table(table, metadata, owner, position, *columns)


# The letters in their order; `made` is None while one is still to be set, `fault` says why one could not be.
bundled_letters = _of_bundle(
    "bundled_letters",
    identifier("notice_id", ForeignKey("notices.id"), nullable=False),
    Column("made", Boolean),
    Column("fault", Text),
)

# The PDF, in pieces.
bundle_pieces = _of_bundle("bundle_pieces", Column("sealed", LargeBinary, nullable=False))
