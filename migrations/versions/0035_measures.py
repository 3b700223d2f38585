"""A case's decision may take a measure; its findings may go without points, and carry the entry of the measure.

What was recorded before took none.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

COLUMNS = {
    "measure_kind": sa.Text(),
    "measure_from": sa.Date(),
    "measure_until": sa.Date(),
    "measure_department": sa.Text(),
}
CONDITIONS = {
    "measure_kind": "measure_kind IN ('agreement_suspended', 'department_suspended', 'agreement_terminated')",
    "measure": (
        "CASE WHEN measure_kind IS NULL"
        " THEN measure_from IS NULL AND measure_until IS NULL AND measure_department IS NULL"
        " ELSE measure_from IS NOT NULL AND (measure_until IS NULL"
        " OR measure_until > measure_from AND measure_kind <> 'agreement_terminated') END"
    ),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("cases", sa.Column(name, kind))
    for name, words in CONDITIONS.items():
        op.create_check_constraint(op.f(f"ck_cases_{name}"), "cases", words)
    op.alter_column("findings", "points", nullable=True)
    op.add_column("findings", sa.Column("measure_entry_id", sa.Uuid(as_uuid=False)))
    op.create_foreign_key(
        op.f("fk_findings_measure_entry_id"), "findings", "entries", ["measure_entry_id"], ["id"]
    )


def downgrade() -> None:
    """Go back where no measure was recorded: the release before knows no finding without points."""
    op.drop_column("findings", "measure_entry_id")
    op.alter_column("findings", "points", nullable=False)
    for name in CONDITIONS:
        op.drop_constraint(op.f(f"ck_cases_{name}"), "cases")
    for name in COLUMNS:
        op.drop_column("cases", name)
