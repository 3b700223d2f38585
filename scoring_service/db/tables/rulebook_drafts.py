"""Drafts of rulebooks: a file proposed by one person, adopted by the approval of another, and kept as it came."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Table, Text, UniqueConstraint, text

from scoring_service.db.tables.proposal import proposal_columns
from scoring_service.db.tables.schema import metadata

# `content` is the file, which is UTF-8, `sha256` that of its bytes; `shown_sha256` names the differences that were told
# when it was proposed. An approved file is law: known from `decided_at`, in force from `begins_on`.
rulebook_drafts = Table(
    "rulebook_drafts",
    metadata,
    *proposal_columns("proposed", "approved", "rejected", "withdrawn", of_person=False),
    Column("rulebook_id", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("begins_on", Date, nullable=False),
    Column("filename", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("shown_sha256", Text, nullable=False),
    UniqueConstraint("rulebook_id", "n"),
    CheckConstraint(
        "state <> 'approved' OR begins_on > (decided_at AT TIME ZONE 'Asia/Shanghai')::date",
        name="from_the_future",
    ),
    CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
    Index(
        "uq_rulebook_drafts_once",
        "rulebook_id",
        "begins_on",
        unique=True,
        postgresql_where=text("state = 'proposed'"),
    ),
)
