"""Reminders outside the console: what each account has chosen, and the messages that go out."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from scoring_service.core.reminding import Channel, MessageKind, MessageState, Rhythm
from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata, words_of

# `sealed` is the address, and the code that confirms it until it is confirmed; `told` what waited when last told,
# as counts, and `looked_at` when that was counted.
reminders = Table(
    "reminders",
    metadata,
    identifier("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("channel", Text, nullable=False),
    Column("rhythm", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("code_until", AwareDateTime),
    Column("code_tries", Integer, nullable=False, server_default="0"),
    Column("confirmed_at", AwareDateTime),
    Column("looked_at", AwareDateTime),
    Column("told", JSONB, nullable=False, server_default="{}"),
    Column("sent_at", AwareDateTime),
    Column("failed_at", AwareDateTime),
    Column("error", Text),
    words_of("channel", Channel),
    words_of("rhythm", Rhythm),
    CheckConstraint("(confirmed_at IS NULL) = (code_until IS NOT NULL)", name="confirmed"),
    CheckConstraint("(failed_at IS NULL) = (error IS NULL)", name="failed"),
)

# `counts` is all that a message says: how much waits of which kind.
reminder_messages = Table(
    "reminder_messages",
    metadata,
    identifier(primary_key=True),
    identifier("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("period", Text),
    Column("counts", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("due_at", AwareDateTime, nullable=False),
    Column("error", Text),
    Column("created_at", AwareDateTime, nullable=False),
    Column("sent_at", AwareDateTime),
    UniqueConstraint("account_id", "period"),
    words_of("kind", MessageKind),
    words_of("state", MessageState),
    CheckConstraint("(kind = 'daily') = (period IS NOT NULL)", name="period"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
    Index(None, "account_id", "created_at"),
    Index("ix_reminder_messages_waiting", "due_at", postgresql_where=text("state = 'waiting'")),
)
