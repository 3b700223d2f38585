"""A finding keeps the category that the person had, so that a year's statistics stay what they were.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("findings", sa.Column("category", sa.Text()))
    op.execute(
        "UPDATE findings SET category = practitioners.category FROM practitioners"
        " WHERE practitioners.id = findings.practitioner_id"
    )
    op.alter_column("findings", "category", nullable=False)


def downgrade() -> None:
    op.drop_column("findings", "category")
