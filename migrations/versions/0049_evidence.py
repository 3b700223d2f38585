"""A file says which side it came from, is kept sealed, and may prove the receipt of a notice.

Revision ID: 0049
Revises: 0052
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0052"
branch_labels = None
depends_on = None

TABLE = "attachments"
OWNERS = "owner_kind IN ('case', 'appeal', 'application', 'notice')"
OWNERS_BEFORE = "owner_kind IN ('case', 'appeal', 'application')"
SIDES = "side IN ('practitioner', 'institution', 'office')"
# What is there already came from whoever recorded it; the keys are not the migration's, so the daily clearing seals it.
SIDE_OF_ACCOUNT = f"""
    UPDATE {TABLE} SET side = CASE
        WHEN accounts.institution_code IS NOT NULL THEN 'institution'
        WHEN accounts.practitioner_id IS NOT NULL THEN 'practitioner'
        ELSE 'office' END
    FROM accounts WHERE accounts.username = {TABLE}.recorded_by
"""


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("side", sa.Text(), nullable=False, server_default="office"))
    op.execute(SIDE_OF_ACCOUNT)
    op.alter_column(TABLE, "side", server_default=None)
    op.create_check_constraint(op.f(f"ck_{TABLE}_side"), TABLE, SIDES)
    op.add_column(TABLE, sa.Column("sealed", sa.Boolean(), nullable=False, server_default="false"))
    # Of content that was sealed before somebody went back, the digest is that of the file and not its own.
    op.execute(f"UPDATE {TABLE} SET sealed = true WHERE encode(sha256(content), 'hex') <> sha256")
    op.create_index("ix_attachments_unsealed", TABLE, ["recorded_at"], postgresql_where=sa.text("NOT sealed"))
    op.drop_constraint(op.f(f"ck_{TABLE}_owner_kind"), TABLE)
    op.create_check_constraint(op.f(f"ck_{TABLE}_owner_kind"), TABLE, OWNERS)


def downgrade() -> None:
    # What is sealed stays so, and is known again on the way forward: the keys are not the migration's.
    op.drop_constraint(op.f(f"ck_{TABLE}_owner_kind"), TABLE)
    op.execute(f"DELETE FROM {TABLE} WHERE owner_kind = 'notice'")
    op.create_check_constraint(op.f(f"ck_{TABLE}_owner_kind"), TABLE, OWNERS_BEFORE)
    op.drop_index("ix_attachments_unsealed", TABLE)
    op.drop_column(TABLE, "sealed")
    op.drop_column(TABLE, "side")
