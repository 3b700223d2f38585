"""The latest instant that was seen on the server's clock, behind which the scheme's clock does not go.

Revision ID: 0061
Revises: 0060
"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", sa.Column("latest_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("installation", "latest_at")
