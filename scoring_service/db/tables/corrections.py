"""Corrections drafted by one person and posted by another; those that an appeal brings are posted at once."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata

corrections = Table(
    "corrections",
    metadata,
    identifier(primary_key=True),
    identifier("practitioner_id", ForeignKey("practitioners.id"), nullable=False),
    identifier("target_id", ForeignKey("entries.id"), nullable=False),
    Column("value", Integer, nullable=False),
    Column("basis", Text, nullable=False),
    Column("document_no", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    identifier("recorded_by_account", ForeignKey("accounts.id")),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_staff_no", Text, nullable=False),
    Column("recorded_at", AwareDateTime, nullable=False),
    identifier("decided_by_account", ForeignKey("accounts.id")),
    Column("decided_by", Text),
    Column("decided_staff_no", Text),
    Column("decided_at", AwareDateTime),
    Column("rejected_because", Text),
    identifier("entry_id", ForeignKey("entries.id")),
    CheckConstraint("value >= 0", name="value"),
    CheckConstraint("basis IN ('clerical', 'reconsideration', 'court')", name="basis"),
    CheckConstraint("state IN ('drafted', 'approved', 'rejected')", name="state"),
    CheckConstraint("(state = 'approved') = (entry_id IS NOT NULL)", name="posted"),
    Index(None, "recorded_at", "id"),
    Index(None, "practitioner_id", "recorded_at", "id"),
)
