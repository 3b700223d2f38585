"""Whose password it is: its maker's until the holder of an account has chosen one; and wrong guesses in a session.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("password_set_by", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_accounts_password_set_by"), "accounts", "accounts", ["password_set_by"], ["id"]
    )
    op.execute(
        "UPDATE accounts SET password_set_by = created_by WHERE created_by IS NOT NULL AND password_hash IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM audit_log WHERE audit_log.action = 'account.change_password'"
        " AND audit_log.object_kind = 'account' AND audit_log.object_id = accounts.id::text)"
    )
    op.add_column("tokens", sa.Column("wrong_passwords", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("tokens", "wrong_passwords")
    op.drop_column("accounts", "password_set_by")
