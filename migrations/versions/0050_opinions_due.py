"""An expert has a last day to answer by, counted or set by the office.

Revision ID: 0050
Revises: 0049
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

TABLE = "appeal_experts"
AWAITED = "given_at IS NULL AND recused_at IS NULL"


def upgrade() -> None:
    # Those who are awaited already get their last day by the first job of a day that sees them.
    op.add_column(TABLE, sa.Column("due_on", sa.Date()))
    for name in ("due_provisional", "due_set"):
        op.add_column(TABLE, sa.Column(name, sa.Boolean(), nullable=False, server_default="false"))
    op.add_column(TABLE, sa.Column("due_soon_told_at", sa.DateTime(timezone=True)))
    op.create_index("ix_appeal_experts_awaited", TABLE, ["due_on", "appeal_id"], postgresql_where=sa.text(AWAITED))


def downgrade() -> None:
    op.drop_index("ix_appeal_experts_awaited", TABLE)
    for name in ("due_soon_told_at", "due_set", "due_provisional", "due_on"):
        op.drop_column(TABLE, name)
