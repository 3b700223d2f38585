"""Claim files that the scheduler judges for the account that sent them; sealed, and cleared some days after."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from scoring_service.core.procedure import ScreeningState
from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata, words_of

# `rows` where the file tells them; `lines_done` and `share_done` tell how far it is; `summary` is what came of it.
screenings = Table(
    "screenings",
    metadata,
    identifier(primary_key=True),
    Column("state", Text, nullable=False),
    identifier("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("form", Text, nullable=False),
    Column("known_at", AwareDateTime, nullable=False),
    Column("against", AwareDateTime),
    Column("people", JSONB, nullable=False),
    Column("rows", BigInteger),
    Column("lines_done", BigInteger, nullable=False, server_default="0"),
    Column("share_done", Double, nullable=False, server_default="0"),
    Column("summary", JSONB),
    Column("error", Text),
    Column("created_at", AwareDateTime, nullable=False),
    Column("began_at", AwareDateTime),
    Column("finished_at", AwareDateTime),
    Column("cleared_at", AwareDateTime),
    words_of("state", ScreeningState),
    Index(None, "account_id", "created_at"),
)

# The file as it was sent (`claims`), and each file of the answer, in pieces.
screening_pieces = Table(
    "screening_pieces",
    metadata,
    identifier("screening_id", ForeignKey("screenings.id", ondelete="CASCADE"), primary_key=True),
    Column("file", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)
