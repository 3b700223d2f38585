"""The working days by which windows and due days were counted are kept, so that an amended calendar is seen.

Nothing is kept yet: the first look counts everything once by the present calendar, never shorter.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counted_calendar",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("years", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("holidays", sa.ARRAY(sa.Date()), nullable=False),
        sa.Column("make_up_days", sa.ARRAY(sa.Date()), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_counted_calendar_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counted_calendar")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON counted_calendar TO scoring_app")


def downgrade() -> None:
    op.drop_table("counted_calendar")
