"""A wrong agreement is corrected by two people, as a wrong row of a person is.

Revision ID: 0045
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

TABLE = "registry_corrections"
KINDS = "kind IN ('person', 'registration', 'affiliation', 'agreement')"
KINDS_BEFORE = "kind IN ('person', 'registration', 'affiliation')"
CONDITIONS = {
    "institution": "(kind = 'agreement') = (institution_code IS NOT NULL)",
    "person": "(kind = 'agreement') = (practitioner_id IS NULL)",
}


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("institution_code", sa.Text()))
    reference = op.f(f"fk_{TABLE}_institution_code")
    op.create_foreign_key(reference, TABLE, "institutions", ["institution_code"], ["code"])
    op.alter_column(TABLE, "practitioner_id", nullable=True)
    op.drop_constraint(op.f(f"ck_{TABLE}_kind"), TABLE)
    op.create_check_constraint(op.f(f"ck_{TABLE}_kind"), TABLE, KINDS)
    for name, words in CONDITIONS.items():
        op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, words)


def downgrade() -> None:
    for name in (*CONDITIONS, "kind"):
        op.drop_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE)
    # What an agreement became stays in its rows; that it was proposed by somebody goes.
    op.execute(f"DELETE FROM {TABLE} WHERE kind = 'agreement'")
    op.create_check_constraint(op.f(f"ck_{TABLE}_kind"), TABLE, KINDS_BEFORE)
    op.alter_column(TABLE, "practitioner_id", nullable=False)
    op.drop_column(TABLE, "institution_code")
