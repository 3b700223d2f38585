"""What every proposal is kept with: whose file it is about, its state, who made it and who decided on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, ForeignKey, Index, Integer, Text

from scoring_service.db.tables.schema import decided_columns, identifier, recorded_columns, words_of

if TYPE_CHECKING:
    from sqlalchemy.schema import SchemaItem


def proposal_columns(waiting: str, *others: str) -> list[SchemaItem]:
    """Return the columns, constraints and indexes of a kind of proposal.

    It begins in the state `waiting` and goes on to the `others`, which are `approved` and `rejected` if none are named.
    """
    return [
        identifier(primary_key=True),
        identifier("practitioner_id", ForeignKey("practitioners.id"), nullable=False),
        Column("state", Text, nullable=False),
        Column("version", Integer, nullable=False, server_default="1"),
        *recorded_columns(),
        *decided_columns(),
        Column("rejected_because", Text),
        words_of("state", (waiting, *(others or ("approved", "rejected")))),
        Index(None, "recorded_at", "id"),
        Index(None, "practitioner_id", "recorded_at", "id"),
    ]
