"""The ledger: entries, append-only and chained by hash, and the rulebook values they were made under.

`copied_from` is the entry of a merged file that an entry is a copy of, over any number of merges (scheme.md 2.2).
"""

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
    UniqueConstraint,
)

from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata

rulebook_versions = Table(
    "rulebook_versions",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("values", Text, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    identifier(primary_key=True),
    identifier("practitioner_id", ForeignKey("practitioners.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("recorded_at", AwareDateTime, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("rulebook_id", Text, nullable=False),
    Column("rulebook_sha256", Text, ForeignKey("rulebook_versions.sha256"), nullable=False),
    Column("points", Integer),
    Column("decided_on", Date),
    identifier("case_id", index=True),
    identifier("finding_id"),
    Column("item", Text),
    Column("degree", Text),
    Column("days", Integer),
    identifier("application_id"),
    identifier("target_id", ForeignKey("entries.id"), index=True),
    Column("value", Integer),
    Column("basis", Text),
    Column("document_no", Text),
    Column("reason", Text),
    Column("year", Integer),
    Column("total", Integer),
    Column("late_days", Integer),
    Column("effect", Text),
    Column("from_on", Date),
    Column("until_on", Date),
    identifier("copied_from", ForeignKey("entries.id")),
    Column("previous_hash", LargeBinary),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("practitioner_id", "seq"),
    UniqueConstraint("practitioner_id", "revision"),
    CheckConstraint("seq >= 1", name="seq"),
    CheckConstraint(
        "CASE kind"
        " WHEN 'score' THEN points BETWEEN 1 AND 12 AND decided_on <= effective_on AND finding_id IS NOT NULL"
        " WHEN 'points_credit' THEN points >= 1 AND application_id IS NOT NULL"
        " WHEN 'term_credit' THEN days >= 1 AND application_id IS NOT NULL"
        " WHEN 'resumption' THEN late_days >= 0 AND application_id IS NOT NULL"
        " WHEN 'measure' THEN case_id IS NOT NULL AND from_on IS NOT NULL AND"
        " (effect = 'suspension' OR effect = 'termination' AND until_on IS NULL)"
        " WHEN 'measure_lifted' THEN target_id IS NOT NULL"
        " WHEN 'correction' THEN target_id IS NOT NULL AND value >= 0 AND basis IS NOT NULL"
        " WHEN 'reregistration' THEN true"
        " WHEN 'year_closed' THEN year IS NOT NULL AND total >= 0"
        " ELSE false END",
        name="kind",
    ),
    Index("ix_entries_score_decided_on", "decided_on", postgresql_where="kind = 'score'"),
    Index("ix_entries_score_file", "practitioner_id", "decided_on", postgresql_where="kind = 'score'"),
    Index("ix_entries_score_kind", "item", "degree", "decided_on", postgresql_where="kind = 'score'"),
    Index("ix_entries_corrected_at", "recorded_at", postgresql_where="kind = 'correction'"),
    Index("ix_entries_copied", "copied_from", postgresql_where="copied_from IS NOT NULL"),
)

ledger_heads = Table(
    "ledger_heads",
    metadata,
    identifier("practitioner_id", ForeignKey("practitioners.id"), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("verified_at", AwareDateTime, nullable=False),
)
