"""Re-registrations after a ban: proposed by one person, approved by another."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from scoring_service.db.tables.proposal import proposal_columns
from scoring_service.db.tables.schema import identifier, metadata

reregistrations = Table(
    "reregistrations",
    metadata,
    *proposal_columns("proposed"),
    Column("proposed_on", Date, nullable=False),
    Column("affiliations", JSONB, nullable=False),
    Column("commitment_signed_on", Date, nullable=False),
    Column("statement", Text),
    identifier("entry_id", ForeignKey("entries.id")),
    CheckConstraint("(state = 'approved') = (entry_id IS NOT NULL)", name="posted"),
    Index(
        "uq_reregistrations_proposed",
        "practitioner_id",
        unique=True,
        postgresql_where=text("state = 'proposed'"),
    ),
)
