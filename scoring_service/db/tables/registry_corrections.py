"""Corrections of the registry's rows, drafted by one person and approved by another."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata

registry_corrections = Table(
    "registry_corrections",
    metadata,
    identifier(primary_key=True),
    identifier("practitioner_id", ForeignKey("practitioners.id"), nullable=False),
    Column("kind", Text, nullable=False),
    identifier("span_id", nullable=False),
    Column("number", Integer, nullable=False),
    Column("void", Boolean, nullable=False),
    Column("span", JSONB, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("id_number_encrypted", LargeBinary),
    Column("id_number_masked", Text),
    Column("before", JSONB, nullable=False),
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
    Column("revision", Integer),
    CheckConstraint("kind IN ('person', 'registration', 'affiliation')", name="kind"),
    CheckConstraint("state IN ('drafted', 'approved', 'rejected')", name="state"),
    CheckConstraint("(state = 'approved') = (revision IS NOT NULL)", name="written"),
    Index(None, "recorded_at", "id"),
    Index(None, "practitioner_id", "recorded_at", "id"),
)
