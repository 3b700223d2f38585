"""Experts released from an appeal by the office.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appeal_experts", sa.Column("released_by", sa.Text()))
    op.create_check_constraint(
        op.f("ck_appeal_experts_released"), "appeal_experts", "released_by IS NULL OR recused_at IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_appeal_experts_released"), "appeal_experts", type_="check")
    op.drop_column("appeal_experts", "released_by")
