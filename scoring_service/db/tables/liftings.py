"""Liftings of measures, drafted by one person and approved by another."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text

from scoring_service.db.tables.proposal import proposal_columns
from scoring_service.db.tables.schema import identifier, metadata

liftings = Table(
    "liftings",
    metadata,
    *proposal_columns("drafted"),
    identifier("target_id", ForeignKey("entries.id"), nullable=False),
    Column("reason", Text, nullable=False),
    identifier("entry_id", ForeignKey("entries.id")),
    CheckConstraint("(state = 'approved') = (entry_id IS NOT NULL)", name="posted"),
    Index("uq_liftings_open", "target_id", unique=True, postgresql_where="state = 'drafted'"),
)
