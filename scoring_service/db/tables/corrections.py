"""Corrections drafted by one person and posted by another; those that an appeal brings are posted at once."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text

from scoring_service.db.tables.proposal import proposal_columns
from scoring_service.db.tables.schema import identifier, metadata

corrections = Table(
    "corrections",
    metadata,
    *proposal_columns("drafted"),
    identifier("target_id", ForeignKey("entries.id"), nullable=False),
    Column("value", Integer, nullable=False),
    Column("basis", Text, nullable=False),
    Column("document_no", Text, nullable=False),
    Column("reason", Text, nullable=False),
    identifier("entry_id", ForeignKey("entries.id")),
    CheckConstraint("value >= 0", name="value"),
    CheckConstraint("basis IN ('clerical', 'reconsideration', 'court')", name="basis"),
    CheckConstraint("(state = 'approved') = (entry_id IS NOT NULL)", name="posted"),
)
