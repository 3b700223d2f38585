"""Merges of two files of one person, proposed by one person and approved by another (scheme.md 2.2)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from scoring_service.db.tables.proposal import proposal_columns
from scoring_service.db.tables.schema import identifier, metadata

# `revision` is the first change that the merge made of the other file; lower ones belong to each file by itself.
merges = Table(
    "merges",
    metadata,
    *proposal_columns("drafted"),
    identifier("into_id", ForeignKey("practitioners.id"), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("revision", Integer),
    CheckConstraint("into_id <> practitioner_id", name="two_files"),
    CheckConstraint("(state = 'approved') = (revision IS NOT NULL)", name="written"),
    Index(
        "uq_merges_once", "practitioner_id", unique=True, postgresql_where=text("state IN ('drafted', 'approved')")
    ),
)
