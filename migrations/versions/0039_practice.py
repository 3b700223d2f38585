"""A person's file has the fields of P15 on their practice; who lacks a commitment letter is found by an index.

What was recorded before says nothing of them: they are empty.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

FIELDS = ("practice_type", "practice_category", "practice_scope", "professional_title")
TABLES = ("practitioners", "persons")
INDEX = "ix_registrations_commitment_signed_on"


def upgrade() -> None:
    for table in TABLES:
        for name in FIELDS:
            op.add_column(table, sa.Column(name, sa.Text()))
    op.create_index(INDEX, "registrations", ["commitment_signed_on"])


def downgrade() -> None:
    op.drop_index(INDEX, "registrations")
    for table in TABLES:
        for name in FIELDS:
            op.drop_column(table, name)
