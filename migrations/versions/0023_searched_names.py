"""Names as they are looked for: in whatever width, with whichever middle dot and blanks.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from scoring_service.written import as_searched

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("practitioners", sa.Column("name_searched", sa.Text(), nullable=True))
    connection = op.get_bind()
    for (name,) in connection.execute(sa.text("SELECT DISTINCT name FROM practitioners")).all():
        connection.execute(
            sa.text("UPDATE practitioners SET name_searched = :searched WHERE name = :name"),
            {"searched": as_searched(name), "name": name},
        )
    op.alter_column("practitioners", "name_searched", nullable=False)
    op.drop_index(op.f("ix_practitioners_name"), table_name="practitioners")
    op.create_index(
        op.f("ix_practitioners_name_searched"),
        "practitioners",
        ["name_searched"],
        postgresql_ops={"name_searched": "text_pattern_ops"},
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_practitioners_name_searched"), table_name="practitioners")
    op.create_index(
        op.f("ix_practitioners_name"), "practitioners", ["name"], postgresql_ops={"name": "text_pattern_ops"}
    )
    op.drop_column("practitioners", "name_searched")
