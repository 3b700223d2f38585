"""Letters to the authorities are found among all notices by an index of their own.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INDEX = "ix_notices_to_authorities"


def upgrade() -> None:
    op.create_index(
        INDEX,
        "notices",
        ["created_at", "id"],
        postgresql_where=sa.text("addressee_kind = 'authority'"),
    )


def downgrade() -> None:
    op.drop_index(INDEX, table_name="notices")
