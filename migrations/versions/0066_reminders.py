"""Whoever wants to be reminded outside the console says how, and the messages wait until they have gone out.

Revision ID: 0066
Revises: 0065
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

TABLES = ("reminder_messages", "reminders")


def upgrade() -> None:
    identifier, instant = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        "reminders",
        sa.Column("account_id", identifier, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("code_until", instant),
        sa.Column("code_tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("confirmed_at", instant),
        sa.Column("looked_at", instant),
        sa.Column("told", JSONB(), nullable=False, server_default="{}"),
        sa.Column("sent_at", instant),
        sa.Column("failed_at", instant),
        sa.Column("error", sa.Text()),
        sa.CheckConstraint("channel IN ('email', 'gateway')", name="channel"),
        sa.CheckConstraint("rhythm IN ('daily', 'each')", name="rhythm"),
        sa.CheckConstraint("(confirmed_at IS NULL) = (code_until IS NOT NULL)", name="confirmed"),
        sa.CheckConstraint("(failed_at IS NULL) = (error IS NULL)", name="failed"),
    )
    op.create_table(
        "reminder_messages",
        sa.Column("id", identifier, primary_key=True),
        sa.Column("account_id", identifier, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("period", sa.Text()),
        sa.Column("counts", JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("due_at", instant, nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("sent_at", instant),
        sa.UniqueConstraint("account_id", "period"),
        sa.CheckConstraint("kind IN ('code', 'daily', 'each')", name="kind"),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state"),
        sa.CheckConstraint("(kind = 'daily') = (period IS NOT NULL)", name="period"),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
    )
    op.create_index(
        op.f("ix_reminder_messages_account_id_created_at"), "reminder_messages", ["account_id", "created_at"]
    )
    op.create_index(
        "ix_reminder_messages_waiting", "reminder_messages", ["due_at"], postgresql_where=sa.text("state = 'waiting'")
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(TABLES)} TO scoring_app")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
