"""An expert has a last day to answer by, where the office sets one.

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
    op.add_column(TABLE, sa.Column("due_on", sa.Date()))
    op.add_column(TABLE, sa.Column("due_soon_told_at", sa.DateTime(timezone=True)))
    op.create_index("ix_appeal_experts_awaited", TABLE, ["due_on", "appeal_id"], postgresql_where=sa.text(AWAITED))


def downgrade() -> None:
    op.drop_index("ix_appeal_experts_awaited", TABLE)
    for name in ("due_soon_told_at", "due_on"):
        op.drop_column(TABLE, name)
