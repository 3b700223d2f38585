"""A case is assigned to an account: who works on it at present, whoever drafted it.

Revision ID: 0056
Revises: 0055
"""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("assigned_to", sa.Uuid(as_uuid=False)))
    op.create_foreign_key(op.f("fk_cases_assigned_to"), "cases", "accounts", ["assigned_to"], ["id"])
    op.create_index(op.f("ix_cases_assigned_to"), "cases", ["assigned_to"])


def downgrade() -> None:
    op.drop_column("cases", "assigned_to")
