"""The first of very many names are read from an index in its order; a number is found among merged files too.

Revision ID: 0057
Revises: 0056
"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

NAMES = (("practitioners", "name_searched"), ("practitioner_words", "sound"), ("practitioner_words", "initials"))


def upgrade() -> None:
    for table, column in NAMES:
        op.drop_index(f"ix_{table}_{column}", table)
        op.alter_column(table, column, type_=sa.Text(collation="C"))
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index(op.f("ix_practitioners_id_number_digest"), "practitioners", ["id_number_digest"])


def downgrade() -> None:
    op.drop_index(op.f("ix_practitioners_id_number_digest"), "practitioners")
    for table, column in NAMES:
        op.drop_index(f"ix_{table}_{column}", table)
        op.alter_column(table, column, type_=sa.Text())
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_ops={column: "text_pattern_ops"})
