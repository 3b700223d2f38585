"""Accounts are requested, approved, changed and closed, and all of it is on record (P56).

Accounts of before are in use, or closed if they were disabled; of their lives is known who made them and when.

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

ACTS = "account_acts"
STATES = "state IN ('requested', 'active', 'closed')"
WORDS = (
    "act IN ('opened', 'requested', 'approved', 'refused', 'change_proposed', 'changed', 'change_refused', 'reset',"
    " 'first_signed_in', 'password_chosen', 'closed')"
)
CONDITIONS = {
    "state": STATES,
    "closed": "(state = 'closed') = (closed_at IS NOT NULL)",
    "waiting": "state <> 'requested' OR waiting_act IS NOT NULL",
    "settled": "state <> 'closed' OR waiting_act IS NULL",
}
NEW = ("real_name", "password_given_to", "password_given_at", "state", "waiting_act", "last_signed_in_at")
_LAST_SEEN = """
    UPDATE accounts a SET last_signed_in_at = (SELECT max(p.at) FROM sign_in_places p WHERE p.account_id = a.id)
"""
_OPENED = """
    INSERT INTO account_acts (account_id, number, act, by_account, by, by_staff_no, by_role, at, detail)
    SELECT a.id, 1, 'opened', m.id, coalesce(m.username, 'system'), coalesce(m.staff_no, ''),
        coalesce(array_to_string(m.roles, ','), 'system'), a.created_at, '{}'
    FROM accounts a LEFT JOIN accounts m ON m.id = a.created_by
"""
_CLOSED = """
    INSERT INTO account_acts (account_id, number, act, by_account, by, by_staff_no, by_role, at, detail)
    SELECT a.id, 2, 'closed', l.account_id, coalesce(l.username, 'system'), coalesce(l.staff_no, ''),
        coalesce(l.role, 'system'), a.closed_at, '{}'
    FROM accounts a LEFT JOIN LATERAL (
        SELECT account_id, username, staff_no, role FROM audit_log
        WHERE action = 'account.disable' AND object_kind = 'account' AND object_id = a.id::text ORDER BY id LIMIT 1
    ) l ON true
    WHERE a.state = 'closed'
"""


def upgrade() -> None:
    identifier, instant = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.alter_column("accounts", "disabled_at", new_column_name="closed_at")
    for column in (
        sa.Column("real_name", sa.Text()),
        sa.Column("password_given_to", identifier),
        sa.Column("password_given_at", instant),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("waiting_act", sa.Integer()),
        sa.Column("last_signed_in_at", instant),
    ):
        op.add_column("accounts", column)
    op.create_foreign_key(
        op.f("fk_accounts_password_given_to"), "accounts", "accounts", ["password_given_to"], ["id"]
    )
    op.execute("UPDATE accounts SET state = 'closed' WHERE closed_at IS NOT NULL")
    op.execute(_LAST_SEEN)
    for name, words in CONDITIONS.items():
        op.create_check_constraint(op.f(f"ck_accounts_{name}"), "accounts", words)
    op.create_index(
        "ix_accounts_waiting", "accounts", ["username"], postgresql_where=sa.text("waiting_act IS NOT NULL")
    )
    _create_acts(identifier, instant)
    for statement in (_OPENED, _CLOSED):
        op.execute(statement)


def _create_acts(identifier: sa.Uuid, instant: sa.DateTime) -> None:
    op.create_table(
        ACTS,
        sa.Column("account_id", identifier, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("by_account", identifier),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_staff_no", sa.Text(), nullable=False),
        sa.Column("by_role", sa.Text(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("detail", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "number", name=op.f("pk_account_acts")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_acts_account_id")),
        sa.ForeignKeyConstraint(["by_account"], ["accounts.id"], name=op.f("fk_account_acts_by_account")),
        sa.CheckConstraint(WORDS, name=op.f("ck_account_acts_act")),
    )
    op.execute("GRANT SELECT, INSERT ON account_acts TO scoring_app")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_acts "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    # Whoever was not approved yet was not let in.
    op.execute("UPDATE accounts SET state = 'closed', closed_at = now(), waiting_act = NULL WHERE state = 'requested'")
    op.drop_table(ACTS)
    op.drop_index("ix_accounts_waiting", "accounts")
    for name in CONDITIONS:
        op.drop_constraint(op.f(f"ck_accounts_{name}"), "accounts")
    for name in NEW:
        op.drop_column("accounts", name)
    op.alter_column("accounts", "closed_at", new_column_name="disabled_at")
