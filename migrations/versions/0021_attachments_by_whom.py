"""Attachments are found by who recorded them, so that what a party has attached is summed quickly.

Revision ID: 0021
Revises: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_attachments_recorded_by_recorded_at"), "attachments", ["recorded_by", "recorded_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_attachments_recorded_by_recorded_at"), "attachments")
