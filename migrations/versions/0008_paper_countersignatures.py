"""Countersignatures of appeals: on paper with what proves them, and which institution gave them.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = ("countersigned_on_paper", "countersigned_institution", "countersign_proof")


def upgrade() -> None:
    op.add_column(
        "appeals",
        sa.Column("countersigned_on_paper", sa.Boolean(), nullable=False, server_default="false"),
    )
    op.add_column("appeals", sa.Column("countersigned_institution", sa.Text(), nullable=True))
    op.add_column("appeals", sa.Column("countersign_proof", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_appeals_countersigned_institution"),
        "appeals",
        "institutions",
        ["countersigned_institution"],
        ["code"],
    )


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_column("appeals", column)
