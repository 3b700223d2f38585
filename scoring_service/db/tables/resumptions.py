"""Applications for a resumption: filed for a person, agreed to by an institution of theirs, evaluated by the office."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Table, Text, text

from scoring_service.core.procedure import ResumptionState
from scoring_service.db.tables.proposal import consent_columns, proposal_columns
from scoring_service.db.tables.schema import identifier, metadata

# `rulebook_sha256` is that of the last term at filing, whose working days hold.
resumptions = Table(
    "resumptions",
    metadata,
    *proposal_columns(*ResumptionState),
    Column("statement", Text, nullable=False),
    Column("filed_on", Date, nullable=False),
    Column("rulebook_sha256", Text, ForeignKey("rulebook_versions.sha256"), nullable=False),
    *consent_columns("consented", "approved"),
    Column("evaluation_due_on", Date),
    Column("evaluation_provisional", Boolean, nullable=False, server_default="false"),
    Column("resumes_on", Date),
    Column("lapsed_because", Text),
    identifier("entry_id", ForeignKey("entries.id")),
    CheckConstraint("(consented_on IS NULL) = (evaluation_due_on IS NULL)", name="evaluation"),
    CheckConstraint("(state = 'approved') = (entry_id IS NOT NULL AND resumes_on IS NOT NULL)", name="posted"),
    CheckConstraint("(state = 'refused') = (rejected_because IS NOT NULL)", name="refused"),
    CheckConstraint("(state = 'lapsed') = (lapsed_because IS NOT NULL)", name="lapsed"),
    Index(
        "uq_resumptions_open",
        "practitioner_id",
        unique=True,
        postgresql_where=text("state IN ('filed', 'consented')"),
    ),
    Index(
        "ix_resumptions_evaluation",
        "evaluation_due_on",
        "id",
        postgresql_where=text("state = 'consented'"),
    ),
)
