"""Staff numbers in one form: FE1 and fe1 are one person.

What is append-only keeps what was written; comparisons bring it into this form. What was lower case is not kept
elsewhere, so the way back leaves the numbers as they are.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COLUMNS = {
    "accounts": ("staff_no",),
    "appeal_experts": ("staff_no",),
    "appeals": ("recorded_staff_no", "countersigned_staff_no", "decided_staff_no"),
    "corrections": ("recorded_staff_no", "decided_staff_no"),
    "remediation_applications": ("recorded_staff_no", "decided_staff_no"),
    "reregistrations": ("recorded_staff_no", "decided_staff_no"),
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for column in columns:
            normal = f"upper(regexp_replace(normalize({column}, NFKC), '\\s+', '', 'g'))"
            op.execute(f"UPDATE {table} SET {column} = {normal} WHERE {column} <> {normal}")


def downgrade() -> None:
    pass
