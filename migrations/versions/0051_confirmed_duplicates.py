"""Who approves a case with findings that look scored twice confirms them, as a hand of its own.

Revision ID: 0051
Revises: 0045
"""

from alembic import op

revision = "0051"
down_revision = "0045"
branch_labels = None
depends_on = None

BEFORE = "deed IN ('drafted', 'edited', 'submitted', 'returned', 'approved', 'withdrawn')"
SINCE = "deed IN ('drafted', 'edited', 'submitted', 'returned', 'confirmed_duplicates', 'approved', 'withdrawn')"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_case_hands_deed"), "case_hands")
    op.create_check_constraint(op.f("ck_case_hands_deed"), "case_hands", SINCE)


def downgrade() -> None:
    # That the case was approved stays, by the same hand.
    op.execute("ALTER TABLE case_hands DISABLE TRIGGER USER")
    op.execute("DELETE FROM case_hands WHERE deed = 'confirmed_duplicates'")
    op.execute("ALTER TABLE case_hands ENABLE TRIGGER USER")
    op.drop_constraint(op.f("ck_case_hands_deed"), "case_hands")
    op.create_check_constraint(op.f("ck_case_hands_deed"), "case_hands", BEFORE)
