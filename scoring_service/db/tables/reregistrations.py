"""Re-registrations after a ban: proposed by one person, approved by another."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata

reregistrations = Table(
    "reregistrations",
    metadata,
    identifier(primary_key=True),
    identifier("practitioner_id", ForeignKey("practitioners.id"), nullable=False),
    Column("proposed_on", Date, nullable=False),
    Column("affiliations", JSONB, nullable=False),
    Column("commitment_signed_on", Date, nullable=False),
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
    Column("reason", Text),
    identifier("entry_id", ForeignKey("entries.id")),
    CheckConstraint("state IN ('proposed', 'approved', 'rejected')", name="state"),
    CheckConstraint("(state = 'approved') = (entry_id IS NOT NULL)", name="posted"),
    Index(None, "recorded_at", "id"),
    Index(None, "practitioner_id", "recorded_at", "id"),
    Index(
        "uq_reregistrations_proposed",
        "practitioner_id",
        unique=True,
        postgresql_where=text("state = 'proposed'"),
    ),
)
