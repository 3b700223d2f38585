"""Claim files that the scheduler judges are kept sealed until they are cleared.

Revision ID: 0058
Revises: 0057
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

TABLES = ("screening_pieces", "screenings")


def upgrade() -> None:
    identifier, instant = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        "screenings",
        sa.Column("id", identifier, primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("account_id", identifier, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("known_at", instant, nullable=False),
        sa.Column("against", instant),
        sa.Column("people", postgresql.JSONB(), nullable=False),
        sa.Column("rows", sa.BigInteger()),
        sa.Column("lines_done", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("share_done", sa.Double(), nullable=False, server_default="0"),
        sa.Column("summary", postgresql.JSONB()),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("began_at", instant),
        sa.Column("finished_at", instant),
        sa.Column("cleared_at", instant),
        sa.CheckConstraint("state IN ('waiting', 'judging', 'done', 'failed')", name="state"),
    )
    op.create_index(op.f("ix_screenings_account_id_created_at"), "screenings", ["account_id", "created_at"])
    op.create_table(
        "screening_pieces",
        sa.Column(
            "screening_id", identifier, sa.ForeignKey("screenings.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("file", sa.Text(), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(TABLES)} TO scoring_app")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
