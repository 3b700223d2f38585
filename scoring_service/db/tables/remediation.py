"""Applications for remediation: an activity completed, for points of the year or days of a sanction."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Text, text

from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata

remediation_applications = Table(
    "remediation_applications",
    metadata,
    identifier(primary_key=True),
    identifier("practitioner_id", ForeignKey("practitioners.id"), nullable=False),
    Column("activity", Text, nullable=False),
    Column("completed_on", Date, nullable=False),
    Column("effect", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("filed_by", Text, nullable=False),
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
    Column("granted", Integer),
    identifier("entry_id", ForeignKey("entries.id")),
    CheckConstraint("effect IN ('points', 'term')", name="effect"),
    CheckConstraint("filed_by IN ('practitioner', 'institution', 'office')", name="filed_by"),
    CheckConstraint("state IN ('filed', 'approved', 'rejected')", name="state"),
    CheckConstraint("(state = 'approved') = (entry_id IS NOT NULL AND granted >= 1)", name="granted"),
    Index(None, "recorded_at", "id"),
    Index(None, "practitioner_id", "recorded_at", "id"),
    Index(
        "uq_remediation_applications_once",
        "practitioner_id",
        "activity",
        "completed_on",
        unique=True,
        postgresql_where=text("state = 'approved'"),
    ),
)
