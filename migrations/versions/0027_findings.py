"""A finding names its own legal basis, and keeps what its degree suggests (scheme.md 2.6).

What was found before has neither: its item had a basis, and its rulebook suggested nothing.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("findings", sa.Column("legal_basis", sa.Text()))
    op.add_column("findings", sa.Column("suggested_points", sa.Integer()))


def downgrade() -> None:
    op.drop_column("findings", "suggested_points")
    op.drop_column("findings", "legal_basis")
