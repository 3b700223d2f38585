"""Letters: each notice's text and document as issued, and the PDF when it was first asked for.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("letters", "letter_pdfs")


def upgrade() -> None:
    create_letters()
    create_letter_pdfs()
    op.execute("CREATE SEQUENCE letter_numbers AS bigint")
    op.execute("GRANT USAGE ON SEQUENCE letter_numbers TO scoring_app")
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(TABLES)} TO scoring_app")
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.execute("DROP SEQUENCE letter_numbers")
    for table in reversed(TABLES):
        op.drop_table(table)


def create_letters() -> None:
    op.create_table(
        "letters",
        sa.Column("notice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_letters_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_letters")),
        sa.UniqueConstraint("number", name=op.f("uq_letters_number")),
    )


def create_letter_pdfs() -> None:
    op.create_table(
        "letter_pdfs",
        sa.Column("notice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["letters.notice_id"], name=op.f("fk_letter_pdfs_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_letter_pdfs")),
    )
