"""A receipt names the person who recorded it, and a wrong one is corrected by another, on record.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("notices", sa.Column("receipt_recorded_account", sa.Uuid(as_uuid=False)))
    op.add_column("notices", sa.Column("receipt_recorded_staff_no", sa.Text()))
    op.create_foreign_key(
        op.f("fk_notices_receipt_recorded_account"), "notices", "accounts", ["receipt_recorded_account"], ["id"]
    )
    op.execute(
        "UPDATE notices SET receipt_recorded_account = accounts.id, receipt_recorded_staff_no = accounts.staff_no"
        " FROM accounts WHERE accounts.username = notices.receipt_recorded_by"
    )
    op.create_table(
        "receipt_corrections",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("notice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("received_before", sa.Date(), nullable=False),
        sa.Column("deemed_before", sa.Boolean(), nullable=False),
        sa.Column("proof_before", sa.Text()),
        sa.Column("by_before", sa.Text(), nullable=False),
        sa.Column("at_before", INSTANT, nullable=False),
        sa.Column("window_before", sa.Date()),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("window_closes_on", sa.Date()),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by_account", sa.Uuid(as_uuid=False)),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_staff_no", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_corrections")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_receipt_corrections_notice_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by_account"], ["accounts.id"], name=op.f("fk_receipt_corrections_recorded_by_account")
        ),
    )
    op.create_index(
        op.f("ix_receipt_corrections_notice_id_recorded_at"), "receipt_corrections", ["notice_id", "recorded_at"]
    )
    op.execute("GRANT SELECT, INSERT ON receipt_corrections TO scoring_app")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt_corrections "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("receipt_corrections")
    op.drop_column("notices", "receipt_recorded_account")
    op.drop_column("notices", "receipt_recorded_staff_no")
