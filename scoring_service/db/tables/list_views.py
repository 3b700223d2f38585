"""Views of lists that accounts keep by name."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text, UniqueConstraint

from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata

list_views = Table(
    "list_views",
    metadata,
    identifier(primary_key=True),
    identifier("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("list", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("kept_at", AwareDateTime, nullable=False),
    UniqueConstraint("account_id", "list", "name"),
)
