"""Corrections of the registry's rows, drafted by one person and approved by another."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from scoring_service.db.tables.proposal import proposal_columns
from scoring_service.db.tables.schema import identifier, metadata

registry_corrections = Table(
    "registry_corrections",
    metadata,
    *proposal_columns("drafted", of_person=False),
    Column("institution_code", Text, ForeignKey("institutions.code")),
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
    CheckConstraint("kind IN ('person', 'registration', 'affiliation', 'agreement')", name="kind"),
    CheckConstraint("(kind = 'agreement') = (institution_code IS NOT NULL)", name="institution"),
    CheckConstraint("(kind = 'agreement') = (practitioner_id IS NULL)", name="person"),
    CheckConstraint("(state = 'approved') = (revision IS NOT NULL)", name="written"),
)
