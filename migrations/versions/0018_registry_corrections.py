"""Corrections of the registry's rows, under four eyes.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registry_corrections",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("span_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("span", postgresql.JSONB(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("id_number_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_masked", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_by_account", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_staff_no", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_account", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_staff_no", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected_because", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('person', 'registration', 'affiliation')", name=op.f("ck_registry_corrections_kind")
        ),
        sa.CheckConstraint(
            "state IN ('drafted', 'approved', 'rejected')", name=op.f("ck_registry_corrections_state")
        ),
        sa.CheckConstraint(
            "(state = 'approved') = (revision IS NOT NULL)", name=op.f("ck_registry_corrections_written")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_registry_corrections_practitioner_id")
        ),
        *(
            sa.ForeignKeyConstraint([column], ["accounts.id"], name=op.f(f"fk_registry_corrections_{column}"))
            for column in ("recorded_by_account", "decided_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_corrections")),
    )
    op.create_index(
        op.f("ix_registry_corrections_recorded_at_id"), "registry_corrections", ["recorded_at", "id"]
    )
    op.create_index(
        op.f("ix_registry_corrections_practitioner_id_recorded_at_id"),
        "registry_corrections",
        ["practitioner_id", "recorded_at", "id"],
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON registry_corrections TO scoring_app")


def downgrade() -> None:
    op.drop_table("registry_corrections")
