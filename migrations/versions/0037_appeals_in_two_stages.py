"""Appeals in two stages: the office explains, the filer insists; the time with experts is not counted; no extension.

Open appeals go on where they are: a complete one waits for the explanation, whose last day the next daily count tells;
an accepted one stays accepted, with the day it was extended to, and while experts are awaited its time stands still
since they were appointed. The words of an extension stay in the audit record.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BEFORE = "'filed', 'complete', 'accepted'"
OPEN = "'filed', 'complete', 'explained', 'insisted', 'accepted'"
ENDED = "'decided', 'declined', 'withdrawn'"
CONDITIONS = {
    "explained": "(explained_at IS NULL) = (answer_due_on IS NULL)",
    "answered": "state <> 'explained' OR (explained_at IS NOT NULL AND insisted_at IS NULL)",
    "silence": "NOT insisted_silently OR (insisted_at IS NOT NULL AND insisted_by IS NULL)",
    "insisted": "state <> 'insisted' OR insisted_at IS NOT NULL",
    "paused": "paused_since IS NULL OR state = 'accepted'",
}
# Each with its type and, where it is never empty, what it begins with.
ADDED = {
    "explanation_due_on": (sa.Date(), None),
    "explanation_provisional": (sa.Boolean(), "false"),
    "explanation": (sa.Text(), None),
    "explained_by": (sa.Text(), None),
    "explained_at": (sa.DateTime(timezone=True), None),
    "answer_due_on": (sa.Date(), None),
    "answer_provisional": (sa.Boolean(), "false"),
    "insisted_by": (sa.Text(), None),
    "insisted_at": (sa.DateTime(timezone=True), None),
    "insisted_grounds": (sa.Text(), None),
    "insisted_silently": (sa.Boolean(), "false"),
    "paused_since": (sa.Date(), None),
    "paused_days": (sa.Integer(), "0"),
}
# What is provisional is counted by the next daily count.
_UNCOUNTED = "UPDATE appeals SET explanation_provisional = true WHERE state = 'complete'"
_AWAITED = """
    UPDATE appeals SET paused_since = awaited.since
    FROM (
        SELECT appeal_id, (min(assigned_at) AT TIME ZONE 'Asia/Shanghai')::date AS since
        FROM appeal_experts WHERE given_at IS NULL AND recused_at IS NULL GROUP BY appeal_id
    ) AS awaited
    WHERE awaited.appeal_id = appeals.id AND appeals.state = 'accepted'
"""


def upgrade() -> None:
    for name, (kind, default) in ADDED.items():
        column = sa.Column(name, kind, server_default=default, nullable=default is None)
        op.add_column("appeals", column)
    op.drop_column("appeals", "extended_because")
    op.drop_column("appeals", "extended_at")
    _states(OPEN)
    op.execute(_UNCOUNTED)
    op.execute(_AWAITED)
    for name, condition in CONDITIONS.items():
        op.create_check_constraint(op.f(f"ck_appeals_{name}"), "appeals", condition)


def downgrade() -> None:
    """Leave explained and insisted appeals complete: the release before accepts those."""
    for name in CONDITIONS:
        op.drop_constraint(op.f(f"ck_appeals_{name}"), "appeals")
    op.execute("UPDATE appeals SET state = 'complete' WHERE state IN ('explained', 'insisted')")
    _states(BEFORE)
    op.add_column("appeals", sa.Column("extended_at", sa.DateTime(timezone=True)))
    op.add_column("appeals", sa.Column("extended_because", sa.Text()))
    for name in ADDED:
        op.drop_column("appeals", name)


def _states(open_ones: str) -> None:
    """Let an appeal be in these open states, and make what rests on them anew."""
    op.drop_constraint(op.f("ck_appeals_state"), "appeals")
    op.create_check_constraint(op.f("ck_appeals_state"), "appeals", f"state IN ({open_ones}, {ENDED})")
    is_open = f"state IN ({open_ones})"
    for name in ("uq_appeals_open_entry", "uq_appeals_open_state", "ix_appeals_due"):
        op.drop_index(name, "appeals")
    op.create_index("uq_appeals_open_entry", "appeals", ["entry_id"], unique=True, postgresql_where=sa.text(is_open))
    without_entry = sa.text(f"entry_id IS NULL AND {is_open}")
    op.create_index(
        "uq_appeals_open_state", "appeals", ["practitioner_id"], unique=True, postgresql_where=without_entry
    )
    op.create_index("ix_appeals_due", "appeals", ["due_on", "id"], postgresql_where=sa.text(is_open))
