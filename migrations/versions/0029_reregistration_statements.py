"""A proposal for a re-registration keeps the person's application (P39).

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reregistrations", sa.Column("statement", sa.Text()))


def downgrade() -> None:
    op.drop_column("reregistrations", "statement")
