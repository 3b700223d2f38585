"""Letters as they were issued: text, document and hash; nothing here is ever changed."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, LargeBinary, Sequence, Table, Text
from sqlalchemy.dialects.postgresql import BIGINT, JSONB

from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata

# A sequence rather than a counter under a lock: a number of a letter that was never issued stays unused.
letter_numbers = Sequence("letter_numbers", metadata=metadata, data_type=BIGINT)

letter_templates = Table(
    "letter_templates",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("source", LargeBinary, nullable=False),
)

# `template_sha256` is None in letters from before templates were kept.
letters = Table(
    "letters",
    metadata,
    identifier("notice_id", ForeignKey("notices.id"), primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("content", JSONB, nullable=False),
    Column("html", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("template_sha256", Text, ForeignKey("letter_templates.sha256")),
)

letter_pdfs = Table(
    "letter_pdfs",
    metadata,
    identifier("notice_id", ForeignKey("letters.notice_id"), primary_key=True),
    Column("pdf", LargeBinary, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("made_at", AwareDateTime, nullable=False),
)
