"""Accounts and their lives, bearer tokens, sign-in failures, idempotency keys, kept forms: on the real clock."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import BIGINT, JSONB

from scoring_service.core.procedure import AccountAct, AccountState
from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata, words_of

accounts = Table(
    "accounts",
    metadata,
    identifier(primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("real_name", Text),  # None: of an account from before names were kept.
    Column("password_hash", Text),
    Column("staff_no", Text, nullable=False, index=True),
    Column("roles", ARRAY(Text), nullable=False),
    Column("region", Text),
    Column("institution_code", Text, ForeignKey("institutions.code")),
    identifier("practitioner_id", ForeignKey("practitioners.id")),
    identifier("created_by", ForeignKey("accounts.id")),
    identifier("password_set_by", ForeignKey("accounts.id")),  # None: its holder, or the operator of the machine.
    # Who was told a password that the service made up, last and when; it stays when the holder chooses their own.
    identifier("password_given_to", ForeignKey("accounts.id")),
    Column("password_given_at", AwareDateTime),
    Column("state", Text, nullable=False, server_default="active"),
    Column("waiting_act", Integer),  # The number of the act that another administrator is to decide on.
    Column("created_at", AwareDateTime, nullable=False),
    Column("last_signed_in_at", AwareDateTime),
    Column("closed_at", AwareDateTime),
    words_of("state", AccountState),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    CheckConstraint("state <> 'requested' OR waiting_act IS NOT NULL", name="waiting"),
    CheckConstraint("state <> 'closed' OR waiting_act IS NULL", name="settled"),
    Index("ix_accounts_waiting", "username", postgresql_where=text("waiting_act IS NOT NULL")),
)

# The life of an account (P56); nothing of it is ever changed.
account_acts = Table(
    "account_acts",
    metadata,
    identifier("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("act", Text, nullable=False),
    identifier("by_account", ForeignKey("accounts.id")),
    Column("by", Text, nullable=False),
    Column("by_staff_no", Text, nullable=False),
    Column("by_role", Text, nullable=False),
    Column("at", AwareDateTime, nullable=False),
    Column("reason", Text),
    Column("detail", JSONB, nullable=False),
    words_of("act", AccountAct),
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    identifier("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("created_at", AwareDateTime, nullable=False),
    Column("expires_at", AwareDateTime, nullable=False, index=True),
    Column("wrong_passwords", Integer, nullable=False, server_default="0"),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("id", BIGINT, Identity(always=True), primary_key=True),
    Column("username", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("at", AwareDateTime, nullable=False),
    Index(None, "username", "address", "at"),
    Index(None, "address", "at"),
)

sign_in_places = Table(
    "sign_in_places",
    metadata,
    identifier("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("address", Text, primary_key=True),
    Column("at", AwareDateTime, nullable=False, index=True),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    identifier("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("method", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_sha256", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("headers", Text),
    Column("body", LargeBinary),
    Column("created_at", AwareDateTime, nullable=False, index=True),
)

kept_forms = Table(
    "kept_forms",
    metadata,
    Column("id", Text, primary_key=True),
    identifier("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("page", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("unfinished", Boolean, nullable=False),
    Column("kept_at", AwareDateTime, nullable=False, index=True),
    Index(None, "account_id", "kept_at"),
)
