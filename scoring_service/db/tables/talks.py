"""Talks that institutions held: what a warning asked of them, done and recorded."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text

from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata

talks = Table(
    "talks",
    metadata,
    identifier("notice_id", ForeignKey("notices.id"), primary_key=True),
    identifier("practitioner_id", ForeignKey("practitioners.id"), nullable=False),
    Column("institution_code", Text, ForeignKey("institutions.code"), nullable=False),
    Column("held_on", Date, nullable=False),
    Column("summary", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", AwareDateTime, nullable=False),
    Index(None, "practitioner_id"),
    Index(None, "institution_code", "recorded_at"),
)
