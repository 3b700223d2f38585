"""A finding keeps why its points are lighter or heavier than its degree suggests (P25). What was found before has none.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("findings", sa.Column("adjustment_kind", sa.Text()))
    op.add_column("findings", sa.Column("adjustment_ground", sa.Text()))
    op.create_check_constraint(
        op.f("ck_findings_adjustment_kind"),
        "findings",
        "adjustment_kind IN ('lighter', 'one_band_down', 'heavier', 'one_band_up')",
    )
    op.create_check_constraint(
        op.f("ck_findings_adjustment"), "findings", "(adjustment_kind IS NULL) = (adjustment_ground IS NULL)"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_findings_adjustment"), "findings", type_="check")
    op.drop_constraint(op.f("ck_findings_adjustment_kind"), "findings", type_="check")
    op.drop_column("findings", "adjustment_ground")
    op.drop_column("findings", "adjustment_kind")
