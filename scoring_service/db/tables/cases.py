"""Cases with their findings, the hands they went through, and attachments."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from scoring_service.core.adjustments import AdjustmentKind
from scoring_service.core.procedure import CaseState, HandlingKind, MeasureKind, Side
from scoring_service.core.rulebook import HIGHEST_POINTS, LOWEST_POINTS
from scoring_service.db.tables.schema import AwareDateTime, identifier, metadata, words_of

cases = Table(
    "cases",
    metadata,
    identifier(primary_key=True),
    Column("institution_code", Text, ForeignKey("institutions.code"), nullable=False, index=True),
    Column("region", Text, nullable=False),
    Column("handling_kind", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("document_no", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("measure_kind", Text),
    Column("measure_from", Date),
    Column("measure_until", Date),
    Column("measure_department", Text),
    Column("summary", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("rulebook_id", Text, nullable=False),
    Column("rulebook_sha256", Text, nullable=False),
    Column("notice_due_on", Date),
    Column("notice_due_provisional", Boolean, nullable=False, server_default="false"),
    Column("notice_overdue_told_at", AwareDateTime),
    Column("effective_on", Date),
    Column("reason", Text),
    identifier("assigned_to", ForeignKey("accounts.id"), index=True),
    Column("created_at", AwareDateTime, nullable=False),
    Column("changed_at", AwareDateTime, nullable=False),
    words_of("state", CaseState),
    words_of("handling_kind", HandlingKind),
    words_of("measure_kind", MeasureKind),
    CheckConstraint(
        "CASE WHEN measure_kind IS NULL"
        " THEN measure_from IS NULL AND measure_until IS NULL AND measure_department IS NULL"
        " ELSE measure_from IS NOT NULL AND (measure_until IS NULL"
        " OR measure_until > measure_from AND measure_kind <> 'agreement_terminated') END",
        name="measure",
    ),
    Index(None, "state", "created_at", "id"),
    Index(None, "created_at", "id"),
    Index("ix_cases_notice_due", "notice_due_on", "id", postgresql_where=text("state IN ('draft', 'submitted')")),
)

findings = Table(
    "findings",
    metadata,
    identifier(primary_key=True),
    identifier("case_id", ForeignKey("cases.id"), nullable=False),
    Column("position", Integer, nullable=False),
    identifier("practitioner_id", ForeignKey("practitioners.id"), nullable=False, index=True),
    Column("category", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("degree", Text, nullable=False),
    Column("points", Integer),
    Column("occurred_from", Date),
    Column("occurred_until", Date),
    Column("act", Text),
    Column("legal_basis", Text),
    Column("reason", Text),
    Column("band", Text, nullable=False),
    Column("suggested_points", Integer),
    Column("flags", ARRAY(Text), nullable=False),
    Column("similar", JSONB(none_as_null=True)),
    Column("adjustment_kind", Text),
    Column("adjustment_ground", Text),
    Column("absorbed", Boolean, nullable=False, server_default="false"),
    identifier("entry_id", ForeignKey("entries.id")),
    identifier("measure_entry_id", ForeignKey("entries.id")),
    UniqueConstraint("case_id", "position"),
    CheckConstraint(f"points BETWEEN {LOWEST_POINTS} AND {HIGHEST_POINTS}", name="points"),
    words_of("adjustment_kind", AdjustmentKind),
    CheckConstraint("(adjustment_kind IS NULL) = (adjustment_ground IS NULL)", name="adjustment"),
)

case_hands = Table(
    "case_hands",
    metadata,
    identifier("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("deed", Text, primary_key=True),
    Column("staff_no", Text, primary_key=True),
    identifier("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("at", AwareDateTime, nullable=False),
    CheckConstraint(
        "deed IN ('drafted', 'edited', 'submitted', 'returned', 'confirmed_duplicates', 'approved', 'withdrawn')",
        name="deed",
    ),
)

attachments = Table(
    "attachments",
    metadata,
    Column("owner_kind", Text, primary_key=True),
    identifier("owner_id", primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("file_name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("sealed", Boolean, nullable=False, server_default="false"),
    Column("recorded_at", AwareDateTime, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("side", Text, nullable=False),
    CheckConstraint("owner_kind IN ('case', 'appeal', 'application', 'notice')", name="owner_kind"),
    words_of("side", Side),
    Index(None, "recorded_by", "recorded_at"),
    Index("ix_attachments_unsealed", "recorded_at", postgresql_where=text("NOT sealed")),
)
