"""The standing: a cache of each file's fold and registry, written in the transaction that changes the file.

Everything here can be made again from the ledger and the registry (`scoring-service rebuild`).
"""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text

from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata

standings = Table(
    "standings",
    metadata,
    identifier("practitioner_id", ForeignKey("practitioners.id"), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("recorded_at", AwareDateTime, nullable=False),
    Column("profile", Text, nullable=False),
)

standing_codes = Table(
    "standing_codes",
    metadata,
    Column("code", Text, primary_key=True),
    identifier("practitioner_id", ForeignKey("practitioners.id"), nullable=False, index=True),
    Index("ix_standing_codes_prefix", "code", postgresql_ops={"code": "text_pattern_ops"}),
)

standing_affiliations = Table(
    "standing_affiliations",
    metadata,
    identifier("practitioner_id", ForeignKey("practitioners.id"), primary_key=True),
    identifier("span_id", primary_key=True),
    Column("institution_code", Text, ForeignKey("institutions.code"), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),
    Column("category", Text, nullable=False),
    Index(
        "ix_standing_affiliations_institution",
        "institution_code",
        "practitioner_id",
        postgresql_include=["from_on", "until_on"],
    ),
)

standing_totals = Table(
    "standing_totals",
    metadata,
    identifier("practitioner_id", ForeignKey("practitioners.id"), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("points", Integer, nullable=False),
    Index("ix_standing_totals_year", "year", "points", "practitioner_id"),
)

standing_sanctions = Table(
    "standing_sanctions",
    metadata,
    identifier("practitioner_id", ForeignKey("practitioners.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),
    Column("state_until_on", Date),
    Index("ix_standing_sanctions_from", "kind", "from_on"),
    Index("ix_standing_sanctions_until", "kind", "until_on"),
    Index("ix_standing_sanctions_state", "kind", "state_until_on"),
)
