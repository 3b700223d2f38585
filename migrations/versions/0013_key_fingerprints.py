"""The fingerprints of the keys that a database was begun with, so that a lost or changed one is noticed.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_fingerprints",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name IN ('identity_key', 'secret_key')", name=op.f("ck_key_fingerprints_name")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_key_fingerprints")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON key_fingerprints TO scoring_app")


def downgrade() -> None:
    op.drop_table("key_fingerprints")
