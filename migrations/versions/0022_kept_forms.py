"""A form that was refused, a question, half a draft: kept under an opaque id, so that an address leads back to it.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_forms",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("unfinished", sa.Boolean(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_forms")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_kept_forms_account_id")),
    )
    op.create_index(op.f("ix_kept_forms_account_id_kept_at"), "kept_forms", ["account_id", "kept_at"])
    op.create_index(op.f("ix_kept_forms_kept_at"), "kept_forms", ["kept_at"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON kept_forms TO scoring_app")


def downgrade() -> None:
    op.drop_table("kept_forms")
