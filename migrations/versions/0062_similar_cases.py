"""What like cases got is kept with a finding, and scores of one item and degree are found by them.

Revision ID: 0062
Revises: 0061
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("findings", sa.Column("similar", JSONB, nullable=True))
    op.create_index(
        "ix_entries_score_kind",
        "entries",
        ["item", "degree", "decided_on"],
        postgresql_where=sa.text("kind = 'score'"),
    )


def downgrade() -> None:
    op.drop_index("ix_entries_score_kind", "entries")
    op.drop_column("findings", "similar")
