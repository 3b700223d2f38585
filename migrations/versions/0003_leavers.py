"""Who left, or is still to begin, is found without reading every registration.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_registrations_ended",
        "registrations",
        ["practitioner_id"],
        unique=False,
        postgresql_where=sa.text("until_on IS NOT NULL"),
    )
    op.create_index("ix_registrations_from_on", "registrations", ["from_on"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_registrations_from_on", table_name="registrations")
    op.drop_index("ix_registrations_ended", table_name="registrations")
