"""What the service puts on record: audit, notices, events, refused eligibility answers, clock, installation."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import BIGINT, JSONB

from scoring_service.core.procedure import Duty
from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata, recorded_columns, words_of

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", BIGINT, Identity(always=True), primary_key=True),
    Column("at", AwareDateTime, nullable=False),
    identifier("account_id"),
    Column("username", Text, nullable=False),
    Column("staff_no", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_kind", Text),
    Column("object_id", Text),
    identifier("practitioner_id"),
    identifier("case_id"),
    Column("institution_code", Text),
    Column("detail", JSONB),
    Column("request_id", Text),
    Index(None, "practitioner_id", "id", postgresql_where=text("practitioner_id IS NOT NULL")),
    Index(None, "object_kind", "object_id", "id"),
    Index(None, "username", "id"),
)

notices = Table(
    "notices",
    metadata,
    identifier(primary_key=True),
    Column("kind", Text, nullable=False),
    identifier("practitioner_id", ForeignKey("practitioners.id"), nullable=False),
    Column("addressee_kind", Text, nullable=False),
    Column("addressee_ref", Text, nullable=False),
    identifier("entry_id", ForeignKey("entries.id")),
    identifier("case_id", ForeignKey("cases.id")),
    Column("created_at", AwareDateTime, nullable=False),
    Column("received_on", Date),
    Column("deemed", Boolean, nullable=False, server_default="false"),
    Column("receipt_recorded_at", AwareDateTime),
    Column("receipt_recorded_by", Text),
    identifier("receipt_recorded_account", ForeignKey("accounts.id")),
    Column("receipt_recorded_staff_no", Text),
    Column("proof", Text),
    Column("window_closes_on", Date),
    Column("provisional", Boolean, nullable=False, server_default="false"),
    Column("window_closed_at", AwareDateTime),
    identifier("replaces", ForeignKey("notices.id")),
    Column("facts", JSONB, nullable=False),
    CheckConstraint("addressee_kind IN ('practitioner', 'institution', 'authority')", name="addressee_kind"),
    Index(None, "practitioner_id", "created_at", "id"),
    Index(None, "addressee_kind", "addressee_ref", "created_at", "id"),
    Index(None, "created_at", "id"),
    Index(
        "ix_notices_to_authorities",
        "created_at",
        "id",
        postgresql_where=text("addressee_kind = 'authority'"),
    ),
    Index(None, "received_on", "id"),
    Index(None, "window_closes_on", "id"),
    Index("ix_notices_unreceived", "created_at", postgresql_where=text("received_on IS NULL")),
    Index(
        "ix_notices_open_window",
        "window_closes_on",
        "id",
        postgresql_where=text("window_closes_on IS NOT NULL AND window_closed_at IS NULL"),
    ),
)

# A corrected receipt stays on record as it was; the notice tells what the last correction says.
receipt_corrections = Table(
    "receipt_corrections",
    metadata,
    identifier(primary_key=True),
    identifier("notice_id", ForeignKey("notices.id"), nullable=False),
    Column("received_before", Date, nullable=False),
    Column("deemed_before", Boolean, nullable=False),
    Column("proof_before", Text),
    Column("by_before", Text, nullable=False),
    Column("at_before", AwareDateTime, nullable=False),
    Column("window_before", Date),
    Column("received_on", Date, nullable=False),
    Column("window_closes_on", Date),
    Column("proof", Text, nullable=False),
    Column("reason", Text, nullable=False),
    *recorded_columns(),
    Index(None, "notice_id", "recorded_at"),
)

# What has its last day after a notice to the institution of its case; `due_on` is null while no day runs yet.
notice_duties = Table(
    "notice_duties",
    metadata,
    identifier("notice_id", ForeignKey("notices.id"), primary_key=True),
    Column("duty", Text, primary_key=True),
    Column("due_on", Date),
    Column("provisional", Boolean, nullable=False, server_default="false"),
    Column("met_on", Date),
    Column("recorded_by", Text),
    Column("recorded_at", AwareDateTime),
    Column("overdue_told_at", AwareDateTime),
    words_of("duty", Duty),
    Index("ix_notice_duties_open", "duty", "due_on", "notice_id", postgresql_where=text("met_on IS NULL")),
)

events = Table(
    "events",
    metadata,
    Column("number", BIGINT, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    identifier("practitioner_id"),
    Column("institution_code", Text),
    Column("region", Text),
    Column("recorded_at", AwareDateTime, nullable=False),
    Column("detail", JSONB, nullable=False),
    Index(None, "practitioner_id", "number", postgresql_where=text("practitioner_id IS NOT NULL")),
)

events_head = Table(
    "events_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BIGINT, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

eligibility_refusals = Table(
    "eligibility_refusals",
    metadata,
    Column("decision_id", Text, primary_key=True),
    identifier("account_id", ForeignKey("accounts.id"), primary_key=True),
    identifier("practitioner_id", ForeignKey("practitioners.id"), nullable=False),
    Column("service_on", Date, nullable=False),
    Column("institution_code", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False),
    Column("recorded_at", AwareDateTime, nullable=False),
    Column("answer", JSONB, nullable=False),
    Index(
        "uq_eligibility_refusals_once",
        "account_id",
        "practitioner_id",
        "service_on",
        "institution_code",
        unique=True,
    ),
    Index(None, "practitioner_id", "service_on"),
)

clock_state = Table(
    "clock_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("now", AwareDateTime, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seeded", Text),
    Column("seeded_at", AwareDateTime),
    Column("began_at", AwareDateTime),
    Column("latest_at", AwareDateTime),
    CheckConstraint("id = 1", name="one_row"),
)

key_fingerprints = Table(
    "key_fingerprints",
    metadata,
    Column("name", Text, primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("recorded_at", AwareDateTime, nullable=False),
    Column("present_from", AwareDateTime),
    Column("present_until", AwareDateTime),
    Column("forgotten_at", AwareDateTime),
    CheckConstraint("name IN ('identity_key', 'secret_key')", name="name"),
    Index(
        "uq_key_fingerprints_present",
        "name",
        unique=True,
        postgresql_where=text("present_from IS NOT NULL AND present_until IS NULL"),
    ),
)
