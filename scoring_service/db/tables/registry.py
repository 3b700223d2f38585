"""The registry: institutions and practitioners, with registrations, affiliations and agreements in time.

The four tables in time are append-only: a row with the same `span_id` and a higher `revision` supersedes an
earlier one, so that `known_at` selects among them (scheme.md 2.2).
"""

from __future__ import annotations

from typing import Any

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

from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata
from scoring_service.written import as_searched


def _in_time(owner: Column[str]) -> tuple[Column[Any], ...]:
    """The columns of a table in time: whose the span is, which version of it this is, and since when it is known."""
    return (
        owner,
        Column("revision", Integer, primary_key=True),
        identifier("span_id", nullable=False),
        Column("recorded_at", AwareDateTime, nullable=False),
        Column("from_on", Date, nullable=False),
        Column("until_on", Date),
        Column("recorded_by", Text, nullable=False),
    )


def _practitioner() -> Column[str]:
    return identifier("practitioner_id", ForeignKey("practitioners.id"), primary_key=True)


institutions = Table(
    "institutions",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("recorded_at", AwareDateTime, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("last_recorded_at", AwareDateTime, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint("kind IN ('hospital', 'pharmacy')", name="kind"),
    Index(None, "region", postgresql_ops={"region": "text_pattern_ops"}),
    Index(None, "name", postgresql_ops={"name": "text_pattern_ops"}),
)

agreements = Table(
    "agreements",
    metadata,
    *_in_time(Column("institution_code", Text, ForeignKey("institutions.code"), primary_key=True)),
)


def _practice() -> tuple[Column[Any], ...]:
    """The columns of what a person is admitted to do, as the file of P15 has it; any of them may be unknown."""
    names = ("practice_type", "practice_category", "practice_scope", "professional_title")
    return tuple(Column(name, Text) for name in names)


def _searched(context: Any) -> str:
    return as_searched(context.get_current_parameters()["name"])


# `name_searched` is a cache of the name, by which people are found (written.as_searched). A file that was merged keeps
# its row; `merged_into` names the file that answers for it since `merged_at`, over any number of merges.
_STANDS = text("merged_into IS NULL")
practitioners = Table(
    "practitioners",
    metadata,
    identifier(primary_key=True),
    Column("code", Text),
    Column("name", Text, nullable=False),
    Column("name_searched", Text(collation="C"), nullable=False, default=_searched),
    Column("id_number_encrypted", LargeBinary),
    Column("id_number_digest", LargeBinary),
    Column("id_number_masked", Text),
    Column("category", Text, nullable=False),
    *_practice(),
    Column("recorded_at", AwareDateTime, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("seq", Integer, nullable=False, server_default="0"),
    Column("last_recorded_at", AwareDateTime, nullable=False),
    Column("head_hash", LargeBinary),
    Column("version", Integer, nullable=False, server_default="1"),
    identifier("merged_into", ForeignKey("practitioners.id")),
    Column("merged_at", AwareDateTime),
    CheckConstraint("code IS NOT NULL OR id_number_digest IS NOT NULL", name="named"),
    CheckConstraint("(merged_into IS NULL) = (merged_at IS NULL)", name="merged"),
    Index("uq_practitioners_code", "code", unique=True, postgresql_where=_STANDS),
    Index("uq_practitioners_id_number_digest", "id_number_digest", unique=True, postgresql_where=_STANDS),
    Index("ix_practitioners_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    # Whose number it is, is asked of files that were merged too.
    Index(None, "id_number_digest"),
    Index(None, "name_searched"),
    Index(None, "name", "id"),
    Index("ix_practitioners_no_id_number", "id", postgresql_where=text("id_number_digest IS NULL")),
    Index("ix_practitioners_no_code", "id", postgresql_where=text("code IS NULL")),
)

persons = Table(
    "persons",
    metadata,
    *_in_time(_practitioner()),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("code", Text, index=True),
    Column("id_number_encrypted", LargeBinary),
    Column("id_number_digest", LargeBinary),
    Column("id_number_masked", Text),
    *_practice(),
    Column("reason", Text),
    identifier("merged_from", ForeignKey("practitioners.id")),
    CheckConstraint("code IS NOT NULL OR id_number_digest IS NOT NULL", name="named"),
    Index("ix_persons_no_code", "practitioner_id", postgresql_where=text("code IS NULL")),
)

# The file of a person who was never registered opens with a span without a day.
registrations = Table(
    "registrations",
    metadata,
    *_in_time(_practitioner()),
    Column("category", Text, nullable=False),
    Column("commitment_signed_on", Date),
    Column("reason", Text),
    Index("ix_registrations_ended", "practitioner_id", postgresql_where=text("until_on IS NOT NULL")),
    Index("ix_registrations_from_on", "from_on"),
    Index("ix_registrations_commitment_signed_on", "commitment_signed_on"),
)

affiliations = Table(
    "affiliations",
    metadata,
    *_in_time(_practitioner()),
    Column("institution_code", Text, ForeignKey("institutions.code"), nullable=False, index=True),
)
