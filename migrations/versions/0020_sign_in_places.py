"""Where an account has signed in well: there the failures of others do not hold it up.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_places",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sign_in_places_account_id")),
        sa.PrimaryKeyConstraint("account_id", "address", name=op.f("pk_sign_in_places")),
    )
    op.create_index(op.f("ix_sign_in_places_at"), "sign_in_places", ["at"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_places TO scoring_app")


def downgrade() -> None:
    op.drop_table("sign_in_places")
