"""A case knows when its decision was received, and until when its letters are to be issued (P31).

Of the decisions recorded before, the day of the decision stands for that of the receipt. Until when the letters of
their cases are due is counted by the next day's deadlines, for the cases that are still open.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("received_on", sa.Date()))
    op.execute("UPDATE cases SET received_on = decided_on")
    op.alter_column("cases", "received_on", nullable=False)
    op.add_column("cases", sa.Column("notice_due_on", sa.Date()))
    op.add_column(
        "cases", sa.Column("notice_due_provisional", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column("cases", sa.Column("notice_overdue_told_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_cases_notice_due",
        "cases",
        ["notice_due_on", "id"],
        postgresql_where=sa.text("state IN ('draft', 'submitted')"),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_notice_due", "cases")
    op.drop_column("cases", "notice_overdue_told_at")
    op.drop_column("cases", "notice_due_provisional")
    op.drop_column("cases", "notice_due_on")
    op.drop_column("cases", "received_on")
