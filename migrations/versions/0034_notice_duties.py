"""Delivery, maintenance and talk after a notice, each with its last day and the day on which it was done.

The talks that warnings asked for stay as they are: without a last day, so that none is overdue by the upgrade. Other
notices of before ask for nothing.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_TALKS_OF_WARNINGS = """
    INSERT INTO notice_duties (notice_id, duty, met_on, recorded_by, recorded_at)
    SELECT notices.id, 'talk', talks.held_on, talks.recorded_by, talks.recorded_at
    FROM notices LEFT JOIN talks ON talks.notice_id = notices.id
    WHERE notices.kind = 'warning' AND notices.addressee_kind = 'institution'
"""


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "notice_duties",
        sa.Column("notice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("provisional", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("met_on", sa.Date()),
        sa.Column("recorded_by", sa.Text()),
        sa.Column("recorded_at", instant),
        sa.Column("overdue_told_at", instant),
        sa.PrimaryKeyConstraint("notice_id", "duty", name=op.f("pk_notice_duties")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_duties_notice_id")),
        sa.CheckConstraint("duty IN ('delivery', 'maintenance', 'talk')", name=op.f("ck_notice_duties_duty")),
    )
    op.create_index(
        "ix_notice_duties_open",
        "notice_duties",
        ["duty", "due_on", "notice_id"],
        postgresql_where=sa.text("met_on IS NULL"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON notice_duties TO scoring_app")
    op.execute(_TALKS_OF_WARNINGS)


def downgrade() -> None:
    op.drop_table("notice_duties")
