"""Views of lists are kept by name; people are listed by name, notices by receipt and by the end of their window.

Revision ID: 0052
Revises: 0051
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

TABLE = "list_views"
ORDERS = (("notices", "received_on"), ("notices", "window_closes_on"), ("practitioners", "name"))


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f(f"fk_{TABLE}_account_id")),
        sa.UniqueConstraint("account_id", "list", "name", name=op.f(f"uq_{TABLE}_account_id_list_name")),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLE} TO scoring_app")
    for table, column in ORDERS:
        op.create_index(op.f(f"ix_{table}_{column}_id"), table, [column, "id"])


def downgrade() -> None:
    for table, column in ORDERS:
        op.drop_index(op.f(f"ix_{table}_{column}_id"), table)
    op.drop_table(TABLE)
