"""Accounts, bearer tokens, sign-in failures, idempotency keys and kept forms: all of them on the real clock."""

from __future__ import annotations

from sqlalchemy import ARRAY, Boolean, Column, ForeignKey, Identity, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import BIGINT

from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata

accounts = Table(
    "accounts",
    metadata,
    identifier(primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("password_hash", Text),
    Column("staff_no", Text, nullable=False, index=True),
    Column("roles", ARRAY(Text), nullable=False),
    Column("region", Text),
    Column("institution_code", Text, ForeignKey("institutions.code")),
    identifier("practitioner_id", ForeignKey("practitioners.id")),
    identifier("created_by", ForeignKey("accounts.id")),
    identifier("password_set_by", ForeignKey("accounts.id")),  # None: its holder, or the operator of the machine.
    Column("created_at", AwareDateTime, nullable=False),
    Column("disabled_at", AwareDateTime),
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
