"""Every kind of proposal keeps the reason of its rejection under one name.

Revision ID: 0025
Revises: 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

RENAMED = ("remediation_applications", "reregistrations")


def upgrade() -> None:
    for table in RENAMED:
        op.alter_column(table, "reason", new_column_name="rejected_because")


def downgrade() -> None:
    for table in RENAMED:
        op.alter_column(table, "rejected_because", new_column_name="reason")
