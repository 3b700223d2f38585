"""Who has no identity number, no national code, or got the code late, is found by an index.

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_practitioners_no_id_number", "practitioners", "id", "id_number_digest IS NULL"),
    ("ix_practitioners_no_code", "practitioners", "id", "code IS NULL"),
    ("ix_persons_no_code", "persons", "practitioner_id", "code IS NULL"),
)


def upgrade() -> None:
    for name, table, column, condition in INDEXES:
        op.create_index(name, table, [column], postgresql_where=sa.text(condition))


def downgrade() -> None:
    for name, table, _column, _condition in INDEXES:
        op.drop_index(name, table)
