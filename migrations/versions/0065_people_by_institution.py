"""Who is at an institution on a day is read from the index alone, as the ratios of many institutions ask for it.

Revision ID: 0065
Revises: 0064
"""

from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

INDEX, TABLE = "ix_standing_affiliations_institution", "standing_affiliations"
COLUMNS = ["institution_code", "practitioner_id"]


def upgrade() -> None:
    op.drop_index(INDEX, TABLE)
    op.create_index(INDEX, TABLE, COLUMNS, postgresql_include=["from_on", "until_on"])


def downgrade() -> None:
    op.drop_index(INDEX, TABLE)
    op.create_index(INDEX, TABLE, COLUMNS)
