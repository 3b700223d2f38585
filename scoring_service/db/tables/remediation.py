"""Applications for remediation: an activity completed, for points of the year or days of a sanction."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Text, text

from scoring_service.db.tables.proposal import proposal_columns
from scoring_service.db.tables.schema import identifier, metadata

remediation_applications = Table(
    "remediation_applications",
    metadata,
    *proposal_columns("filed"),
    Column("activity", Text, nullable=False),
    Column("completed_on", Date, nullable=False),
    Column("effect", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("filed_by", Text, nullable=False),
    Column("granted", Integer),
    identifier("entry_id", ForeignKey("entries.id")),
    CheckConstraint("effect IN ('points', 'term')", name="effect"),
    CheckConstraint("filed_by IN ('practitioner', 'institution', 'office')", name="filed_by"),
    CheckConstraint("(state = 'approved') = (entry_id IS NOT NULL AND granted >= 1)", name="granted"),
    Index(
        "uq_remediation_applications_once",
        "practitioner_id",
        "activity",
        "completed_on",
        unique=True,
        postgresql_where=text("state = 'approved'"),
    ),
)
