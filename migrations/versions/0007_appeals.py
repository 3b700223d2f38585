"""Appeals: their whole life, and the experts who give an opinion on them.

Revision ID: 0007
Revises: 0006
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("appeals", "appeal_experts")


def upgrade() -> None:
    create_appeals()
    create_appeal_experts()
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {', '.join(TABLES)} TO scoring_app")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def create_appeals() -> None:
    op.create_table(
        "appeals",
        *columns_of_filing(),
        *columns_of_countersignature(),
        *columns_of_time(),
        *columns_of_decision(),
        *rules_of_appeals(),
        *references_of_appeals(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
    )
    index_appeals()


def columns_of_filing() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("against", sa.Text(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("institution_code", sa.Text(), nullable=True),
        sa.Column("on_paper", sa.Boolean(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("window_closes_on", sa.Date(), nullable=True),
        sa.Column("window_provisional", sa.Boolean(), nullable=False),
        sa.Column("rulebook_sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_by_account", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_staff_no", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    ]


def columns_of_countersignature() -> list[sa.Column[Any]]:
    return [
        sa.Column("countersign_until", sa.Date(), nullable=False),
        sa.Column("countersign_provisional", sa.Boolean(), nullable=False),
        sa.Column("countersigned_by", sa.Text(), nullable=True),
        sa.Column("countersigned_staff_no", sa.Text(), nullable=True),
        sa.Column("countersigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_because", sa.Text(), nullable=True),
        sa.Column("proceeded_because", sa.Text(), nullable=True),
    ]


def columns_of_time() -> list[sa.Column[Any]]:
    return [
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_provisional", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extended_because", sa.Text(), nullable=True),
        sa.Column("due_soon_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_told_at", sa.DateTime(timezone=True), nullable=True),
    ]


def columns_of_decision() -> list[sa.Column[Any]]:
    return [
        sa.Column("decided_by_account", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_staff_no", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("correction_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("affected", postgresql.JSONB(), nullable=True),
    ]


def rules_of_appeals() -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(
            "(correction_id IS NULL) = (coalesce(outcome, 'upheld') = 'upheld')",
            name=op.f("ck_appeals_corrected"),
        ),
        sa.CheckConstraint(
            "(filed_by = 'institution') = (institution_code IS NOT NULL)", name=op.f("ck_appeals_institution")
        ),
        sa.CheckConstraint("(state = 'decided') = (outcome IS NOT NULL)", name=op.f("ck_appeals_decided")),
        sa.CheckConstraint("against = 'state' OR entry_id IS NOT NULL", name=op.f("ck_appeals_entry")),
        sa.CheckConstraint("against IN ('points', 'state')", name=op.f("ck_appeals_against")),
        sa.CheckConstraint("filed_by IN ('practitioner', 'institution')", name=op.f("ck_appeals_filed_by")),
        sa.CheckConstraint("outcome IN ('upheld', 'reduced', 'revoked')", name=op.f("ck_appeals_outcome")),
        sa.CheckConstraint(
            "state IN ('filed', 'complete', 'accepted', 'declined', 'decided', 'withdrawn')",
            name=op.f("ck_appeals_state"),
        ),
    ]


def references_of_appeals() -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_appeals_case_id")),
        sa.ForeignKeyConstraint(["correction_id"], ["entries.id"], name=op.f("fk_appeals_correction_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_account"], ["accounts.id"], name=op.f("fk_appeals_decided_by_account")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_appeals_entry_id")),
        sa.ForeignKeyConstraint(
            ["institution_code"], ["institutions.code"], name=op.f("fk_appeals_institution_code")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_appeals_practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_account"], ["accounts.id"], name=op.f("fk_appeals_recorded_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["rulebook_sha256"], ["rulebook_versions.sha256"], name=op.f("fk_appeals_rulebook_sha256")
        ),
    ]


def index_appeals() -> None:
    op.create_index(
        "ix_appeals_due",
        "appeals",
        ["due_on", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('filed', 'complete', 'accepted')"),
    )
    op.create_index(
        op.f("ix_appeals_practitioner_id_recorded_at_id"),
        "appeals",
        ["practitioner_id", "recorded_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_appeals_recorded_at_id"), "appeals", ["recorded_at", "id"], unique=False)
    op.create_index(
        "uq_appeals_open_entry",
        "appeals",
        ["entry_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('filed', 'complete', 'accepted')"),
    )
    op.create_index(
        "uq_appeals_open_state",
        "appeals",
        ["practitioner_id"],
        unique=True,
        postgresql_where=sa.text("entry_id IS NULL AND state IN ('filed', 'complete', 'accepted')"),
    )


def create_appeal_experts() -> None:
    op.create_table(
        "appeal_experts",
        sa.Column("appeal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("chosen", sa.Text(), nullable=False),
        sa.Column("chosen_because", sa.Text(), nullable=True),
        sa.Column("assigned_by", sa.Text(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recused_because", sa.Text(), nullable=True),
        sa.CheckConstraint("chosen IN ('drawn', 'named')", name=op.f("ck_appeal_experts_chosen")),
        sa.CheckConstraint(
            "opinion IN ('uphold', 'reduce', 'revoke')", name=op.f("ck_appeal_experts_opinion")
        ),
        sa.CheckConstraint("(opinion IS NULL) = (given_at IS NULL)", name=op.f("ck_appeal_experts_given")),
        sa.CheckConstraint(
            "given_at IS NULL OR recused_at IS NULL", name=op.f("ck_appeal_experts_given_or_recused")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_appeal_experts_account_id")),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.id"], name=op.f("fk_appeal_experts_appeal_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_appeal_experts_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("appeal_id", "account_id", name=op.f("pk_appeal_experts")),
    )
    op.create_index(
        op.f("ix_appeal_experts_account_id_appeal_id"),
        "appeal_experts",
        ["account_id", "appeal_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_appeal_experts_practitioner_id_staff_no"),
        "appeal_experts",
        ["practitioner_id", "staff_no"],
        unique=False,
    )
