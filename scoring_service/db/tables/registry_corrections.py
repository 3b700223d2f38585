"""Corrections of the registry's rows, drafted by one person and approved by another."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from scoring_service.db.tables.proposal import proposal_columns
from scoring_service.db.tables.schema import identifier, metadata

registry_corrections = Table(
    "registry_corrections",
    metadata,
    *proposal_columns("drafted"),
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
    Column("revision", Integer),
    CheckConstraint("kind IN ('person', 'registration', 'affiliation')", name="kind"),
    CheckConstraint("(state = 'approved') = (revision IS NOT NULL)", name="written"),
)
