"""A letter keeps the template that its PDF is set with, so that a later one changes no letter already issued.

Letters from before this have none and are set with the present one.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_templates",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_letter_templates")),
    )
    op.execute("GRANT SELECT, INSERT ON letter_templates TO scoring_app")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON letter_templates "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.add_column("letters", sa.Column("template_sha256", sa.Text()))
    op.create_foreign_key(
        op.f("fk_letters_template_sha256"), "letters", "letter_templates", ["template_sha256"], ["sha256"]
    )


def downgrade() -> None:
    op.drop_column("letters", "template_sha256")
    op.drop_table("letter_templates")
