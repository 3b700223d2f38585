"""Letters of many notices are joined in one PDF, which is kept sealed until it is cleared.

Revision ID: 0055
Revises: 0053
"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0053"
branch_labels = None
depends_on = None

TABLES = ("bundle_pieces", "bundled_letters", "letter_bundles")


def upgrade() -> None:
    identifier, instant = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        "letter_bundles",
        sa.Column("id", identifier, primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("account_id", identifier, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("case_id", identifier, sa.ForeignKey("cases.id")),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("began_at", instant),
        sa.Column("finished_at", instant),
        sa.Column("cleared_at", instant),
        sa.CheckConstraint("state IN ('waiting', 'making', 'done', 'failed')", name="state"),
    )
    op.create_index(op.f("ix_letter_bundles_account_id_created_at"), "letter_bundles", ["account_id", "created_at"])
    op.create_table(
        "bundled_letters",
        _of_bundle(),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("notice_id", identifier, sa.ForeignKey("notices.id"), nullable=False),
        sa.Column("made", sa.Boolean()),
        sa.Column("fault", sa.Text()),
    )
    op.create_table(
        "bundle_pieces",
        _of_bundle(),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(TABLES)} TO scoring_app")


def _of_bundle() -> sa.Column:
    owner = sa.ForeignKey("letter_bundles.id", ondelete="CASCADE")
    return sa.Column("bundle_id", sa.Uuid(as_uuid=False), owner, primary_key=True)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
