"""Cases, the ledger that they end in, and the standings kept beside it.

Revision ID: 0001b
Revises: 0001a
"""

import sqlalchemy as sa
from alembic import op

revision = "0001b"
down_revision = "0001a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_rulebook_versions()
    create_cases()
    create_entries()
    create_ledger_heads()
    create_findings()
    create_case_hands()
    create_standings()
    create_standing_totals()
    create_standing_affiliations()
    create_standing_sanctions()


def downgrade() -> None:
    for table in (
        "standing_sanctions",
        "standing_affiliations",
        "standing_totals",
        "standings",
        "case_hands",
        "findings",
        "ledger_heads",
        "entries",
        "cases",
        "rulebook_versions",
    ):
        op.drop_table(table)


def create_rulebook_versions() -> None:
    op.create_table(
        "rulebook_versions",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_rulebook_versions")),
    )


def create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("institution_code", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("handling_kind", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("document_no", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("rulebook_id", sa.Text(), nullable=False),
        sa.Column("rulebook_sha256", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("handling_kind IN ('penalty', 'agreement')", name=op.f("ck_cases_handling_kind")),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'withdrawn')", name=op.f("ck_cases_state")
        ),
        sa.ForeignKeyConstraint(
            ["institution_code"], ["institutions.code"], name=op.f("fk_cases_institution_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_created_at_id"), "cases", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_cases_institution_code"), "cases", ["institution_code"], unique=False)
    op.create_index(
        op.f("ix_cases_state_created_at_id"), "cases", ["state", "created_at", "id"], unique=False
    )


def create_entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("rulebook_id", sa.Text(), nullable=False),
        sa.Column("rulebook_sha256", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("finding_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("degree", sa.Text(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("application_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("target_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("document_no", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "CASE kind WHEN 'score' THEN points BETWEEN 1 AND 12 AND decided_on <= effective_on AND finding_id IS NOT NULL WHEN 'points_credit' THEN points >= 1 AND application_id IS NOT NULL WHEN 'term_credit' THEN days >= 1 AND application_id IS NOT NULL WHEN 'correction' THEN target_id IS NOT NULL AND value >= 0 AND basis IS NOT NULL WHEN 'reregistration' THEN true WHEN 'year_closed' THEN year IS NOT NULL AND total >= 0 ELSE false END",
            name=op.f("ck_entries_kind"),
        ),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_entries_seq")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_entries_practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["rulebook_sha256"], ["rulebook_versions.sha256"], name=op.f("fk_entries_rulebook_sha256")
        ),
        sa.ForeignKeyConstraint(["target_id"], ["entries.id"], name=op.f("fk_entries_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("practitioner_id", "revision", name=op.f("uq_entries_practitioner_id_revision")),
        sa.UniqueConstraint("practitioner_id", "seq", name=op.f("uq_entries_practitioner_id_seq")),
    )
    op.create_index(op.f("ix_entries_case_id"), "entries", ["case_id"], unique=False)
    op.create_index(
        "ix_entries_score_decided_on",
        "entries",
        ["decided_on"],
        unique=False,
        postgresql_where="kind = 'score'",
    )
    op.create_index(op.f("ix_entries_target_id"), "entries", ["target_id"], unique=False)


def create_ledger_heads() -> None:
    op.create_table(
        "ledger_heads",
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_ledger_heads_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", name=op.f("pk_ledger_heads")),
    )


def create_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("degree", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("occurred_from", sa.Date(), nullable=True),
        sa.Column("occurred_until", sa.Date(), nullable=True),
        sa.Column("act", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("flags", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("absorbed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("points BETWEEN 1 AND 12", name=op.f("ck_findings_points")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_findings_case_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_findings_entry_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_findings_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_findings_case_id_position")),
    )
    op.create_index(op.f("ix_findings_practitioner_id"), "findings", ["practitioner_id"], unique=False)


def create_case_hands() -> None:
    op.create_table(
        "case_hands",
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "deed IN ('drafted', 'edited', 'submitted', 'returned', 'approved', 'withdrawn')",
            name=op.f("ck_case_hands_deed"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_case_hands_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_hands_case_id")),
        sa.PrimaryKeyConstraint("case_id", "deed", "staff_no", "account_id", name=op.f("pk_case_hands")),
    )


def create_standings() -> None:
    op.create_table(
        "standings",
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("code_recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_standings_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", name=op.f("pk_standings")),
        sa.UniqueConstraint("code", name=op.f("uq_standings_code")),
    )


def create_standing_totals() -> None:
    op.create_table(
        "standing_totals",
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_standing_totals_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", "year", name=op.f("pk_standing_totals")),
    )
    op.create_index(
        "ix_standing_totals_year", "standing_totals", ["year", "points", "practitioner_id"], unique=False
    )


def create_standing_affiliations() -> None:
    op.create_table(
        "standing_affiliations",
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("span_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("institution_code", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_code"],
            ["institutions.code"],
            name=op.f("fk_standing_affiliations_institution_code"),
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_standing_affiliations_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", "span_id", name=op.f("pk_standing_affiliations")),
    )
    op.create_index(
        "ix_standing_affiliations_institution",
        "standing_affiliations",
        ["institution_code", "practitioner_id"],
        unique=False,
    )


def create_standing_sanctions() -> None:
    op.create_table(
        "standing_sanctions",
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_standing_sanctions_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", "position", name=op.f("pk_standing_sanctions")),
    )
    op.create_index("ix_standing_sanctions_from", "standing_sanctions", ["kind", "from_on"], unique=False)
    op.create_index("ix_standing_sanctions_until", "standing_sanctions", ["kind", "until_on"], unique=False)
