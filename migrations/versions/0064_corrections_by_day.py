"""The corrections of a month are found by their day, however many entries there are.

Revision ID: 0064
Revises: 0063
"""

from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_entries_corrected_at", "entries", ["recorded_at"], postgresql_where="kind = 'correction'"
    )


def downgrade() -> None:
    op.drop_index("ix_entries_corrected_at", "entries")
