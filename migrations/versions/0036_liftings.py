"""Liftings of measures.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLE = "liftings"
CONDITIONS = {
    "state": "state IN ('drafted', 'approved', 'rejected')",
    "posted": "(state = 'approved') = (entry_id IS NOT NULL)",
}
REFERENCES = {
    "practitioner_id": "practitioners.id",
    "recorded_by_account": "accounts.id",
    "decided_by_account": "accounts.id",
    "target_id": "entries.id",
    "entry_id": "entries.id",
}


def upgrade() -> None:
    identifier, instant = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        TABLE,
        sa.Column("id", identifier, nullable=False),
        sa.Column("practitioner_id", identifier, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_by_account", identifier),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_staff_no", sa.Text(), nullable=False),
        sa.Column("recorded_at", instant, nullable=False),
        sa.Column("decided_by_account", identifier),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_staff_no", sa.Text()),
        sa.Column("decided_at", instant),
        sa.Column("rejected_because", sa.Text()),
        sa.Column("target_id", identifier, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entry_id", identifier),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_liftings")),
        *(sa.CheckConstraint(words, name=op.f(f"ck_liftings_{name}")) for name, words in CONDITIONS.items()),
        *(
            sa.ForeignKeyConstraint([column], [referred], name=op.f(f"fk_liftings_{column}"))
            for column, referred in REFERENCES.items()
        ),
    )
    op.create_index(op.f("ix_liftings_recorded_at_id"), TABLE, ["recorded_at", "id"])
    op.create_index(
        op.f("ix_liftings_practitioner_id_recorded_at_id"), TABLE, ["practitioner_id", "recorded_at", "id"]
    )
    op.create_index(
        "uq_liftings_open", TABLE, ["target_id"], unique=True, postgresql_where=sa.text("state = 'drafted'")
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON liftings TO scoring_app")


def downgrade() -> None:
    op.drop_table(TABLE)
