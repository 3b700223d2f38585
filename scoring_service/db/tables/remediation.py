"""Applications for remediation: an activity completed, for points of the year or days of a sanction (P38)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Text, text

from scoring_service.core.procedure import ApplicationState
from scoring_service.db.tables.proposal import consent_columns, proposal_columns
from scoring_service.db.tables.schema import identifier, metadata

remediation_applications = Table(
    "remediation_applications",
    metadata,
    *proposal_columns(*ApplicationState),
    Column("activity", Text, nullable=False),
    Column("completed_on", Date, nullable=False),
    Column("effect", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    *consent_columns("consented"),
    Column("granted", Integer),
    Column("lapsed_because", Text),
    identifier("entry_id", ForeignKey("entries.id")),
    identifier("merged_from", ForeignKey("practitioners.id")),
    CheckConstraint("effect IN ('points', 'term')", name="effect"),
    CheckConstraint("(state = 'approved') = (entry_id IS NOT NULL AND granted >= 1)", name="granted"),
    CheckConstraint("(state = 'lapsed') = (lapsed_because IS NOT NULL)", name="lapsed"),
    Index(
        "uq_remediation_applications_once",
        "practitioner_id",
        "activity",
        "completed_on",
        unique=True,
        postgresql_where=text("state = 'approved' AND merged_from IS NULL"),
    ),
)
