"""What institutions ask of the registry: that somebody is registered with them, or has left."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from scoring_service.core.procedure import RequestEffect, RequestKind, RequestState
from scoring_service.db.tables.schema import decided_columns, identifier, metadata, recorded_columns, words_of

# `person` is what the institution wrote of the person, but the identity number.
registration_requests = Table(
    "registration_requests",
    metadata,
    identifier(primary_key=True),
    Column("institution_code", Text, ForeignKey("institutions.code"), nullable=False),
    identifier("practitioner_id", ForeignKey("practitioners.id")),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    *recorded_columns(),
    *decided_columns(),
    Column("rejected_because", Text),
    Column("on_day", Date, nullable=False),
    Column("person", JSONB, nullable=False),
    Column("id_number_encrypted", LargeBinary),
    Column("id_number_digest", LargeBinary),
    Column("id_number_masked", Text),
    Column("commitment_signed_on", Date),
    Column("reason", Text),
    Column("effect", Text),
    words_of("kind", RequestKind),
    words_of("state", RequestState),
    words_of("effect", RequestEffect),
    CheckConstraint("(state = 'approved') = (effect IS NOT NULL)", name="done"),
    CheckConstraint("(state = 'refused') = (rejected_because IS NOT NULL)", name="refused"),
    CheckConstraint("kind = 'registration' OR practitioner_id IS NOT NULL", name="departed"),
    Index(None, "institution_code", "recorded_at", "id"),
    Index("ix_registration_requests_waiting", "recorded_at", postgresql_where=text("state = 'requested'")),
)
