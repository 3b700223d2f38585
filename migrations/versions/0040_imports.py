"""Files are imported: kept sealed as they were sent, with their rows and their faults, until they are cleared.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

TABLES = ("import_faults", "import_chunks", "import_pieces", "imports")
STATES = "'waiting', 'checking', 'checked', 'refused', 'writing', 'done', 'failed', 'cancelled'"


def upgrade() -> None:
    identifier, instant = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        "imports",
        sa.Column("id", identifier, primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("options", JSONB(), nullable=False),
        sa.Column("headings", JSONB(), nullable=False, server_default="{}"),
        sa.Column("rows", sa.Integer()),
        sa.Column("rows_done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("chunks", sa.Integer()),
        sa.Column("cursor", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("counts", JSONB(), nullable=False),
        sa.Column("errors_total", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("began_at", instant),
        sa.Column("finished_at", instant),
        sa.Column("uploaded_account", identifier, sa.ForeignKey("accounts.id")),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_staff_no", sa.Text(), nullable=False),
        sa.Column("region", sa.Text()),
        sa.Column("committed_account", identifier, sa.ForeignKey("accounts.id")),
        sa.Column("committed_by", sa.Text()),
        sa.Column("committed_staff_no", sa.Text()),
        sa.Column("committed_at", instant),
        sa.Column("cleared_at", instant),
        sa.CheckConstraint(f"state IN ({STATES})", name="state"),
    )
    op.create_index(op.f("ix_imports_created_at_id"), "imports", ["created_at", "id"])
    _create_parts()
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(TABLES)} TO scoring_app")


def _create_parts() -> None:
    for table, columns in _parts().items():
        owner = sa.ForeignKey("imports.id", ondelete="CASCADE")
        op.create_table(table, sa.Column("import_id", sa.Uuid(as_uuid=False), owner, primary_key=True), *columns)


def _parts() -> dict[str, list[sa.Column]]:
    def counted(name: str) -> sa.Column:
        return sa.Column(name, sa.Integer(), primary_key=True, autoincrement=False)

    def sealed() -> sa.Column:
        return sa.Column("sealed", sa.LargeBinary(), nullable=False)

    return {
        "import_pieces": [counted("position"), sealed()],
        "import_chunks": [
            counted("position"),
            counted("part"),
            sa.Column("rows", sa.Integer(), nullable=False),
            sealed(),
        ],
        "import_faults": [
            counted("number"),
            sa.Column("warning", sa.Boolean(), nullable=False),
            sa.Column("sheet", sa.Text(), nullable=False),
            sa.Column("row", sa.Integer(), nullable=False),
            sa.Column("column", sa.Text()),
            sealed(),
            sa.Column("expected", sa.Text(), nullable=False),
        ],
    }


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
