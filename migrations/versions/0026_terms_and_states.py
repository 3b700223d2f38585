"""Terms and states are apart; the ledger holds resumptions, measures and their liftings (scheme.md 2.1 and 2.3).

What was imposed before ends by itself, with its term: its rulebook says nothing of a resumption, so each state that is
cached here ends where it ended.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_BEFORE = (
    "CASE kind"
    " WHEN 'score' THEN points BETWEEN 1 AND 12 AND decided_on <= effective_on AND finding_id IS NOT NULL"
    " WHEN 'points_credit' THEN points >= 1 AND application_id IS NOT NULL"
    " WHEN 'term_credit' THEN days >= 1 AND application_id IS NOT NULL"
    " WHEN 'correction' THEN target_id IS NOT NULL AND value >= 0 AND basis IS NOT NULL"
    " WHEN 'reregistration' THEN true"
    " WHEN 'year_closed' THEN year IS NOT NULL AND total >= 0"
    " ELSE false END"
)
_AFTER = _BEFORE.replace(
    " WHEN 'correction'",
    " WHEN 'resumption' THEN late_days >= 0 AND application_id IS NOT NULL"
    " WHEN 'measure' THEN case_id IS NOT NULL AND from_on IS NOT NULL AND"
    " (effect = 'suspension' OR effect = 'termination' AND until_on IS NULL)"
    " WHEN 'measure_lifted' THEN target_id IS NOT NULL"
    " WHEN 'correction'",
)
# The cached profile is the text that the service would write: kind by kind, the keys in their order.
_STATES = """
    UPDATE standings SET profile = regexp_replace(
        regexp_replace(profile,
            '("kind"\\:"suspension"[^}]*"until"\\:("[0-9-]+")[^}]*)"answered_on"\\:null}',
            '\\1"state_until"\\:\\2,"on_application"\\:false,"resumption"\\:null,"measure"\\:null}', 'g'),
        '"answered_on"\\:(null|"[0-9-]+")}',
        '"state_until"\\:\\1,"on_application"\\:false,"resumption"\\:null,"measure"\\:null}', 'g')
    WHERE profile LIKE '%"answered_on"%'
"""
_ENDS = """
    UPDATE standings SET profile = regexp_replace(
        regexp_replace(profile,
            '("kind"\\:"suspension"[^}]*)"state_until"\\:(null|"[0-9-]+"),"on_application"[^}]*}',
            '\\1"answered_on"\\:null}', 'g'),
        '"state_until"\\:(null|"[0-9-]+"),"on_application"[^}]*}', '"answered_on"\\:\\1}', 'g')
    WHERE profile LIKE '%"state_until"%'
"""


def upgrade() -> None:
    for column in (
        sa.Column("late_days", sa.Integer()),
        sa.Column("effect", sa.Text()),
        sa.Column("from_on", sa.Date()),
        sa.Column("until_on", sa.Date()),
    ):
        op.add_column("entries", column)
    op.drop_constraint(op.f("ck_entries_kind"), "entries")
    op.create_check_constraint(op.f("ck_entries_kind"), "entries", _AFTER)
    op.add_column("standing_sanctions", sa.Column("state_until_on", sa.Date()))
    op.execute(
        "UPDATE standing_sanctions"
        " SET state_until_on = CASE kind WHEN 'termination' THEN answered_on ELSE until_on END"
    )
    op.drop_column("standing_sanctions", "answered_on")
    op.alter_column("standing_sanctions", "until_on", nullable=True)
    op.create_index(
        op.f("ix_standing_sanctions_state"), "standing_sanctions", ["kind", "state_until_on"]
    )
    op.execute(sa.text(_STATES))


def downgrade() -> None:
    op.execute(sa.text(_ENDS))
    op.drop_index(op.f("ix_standing_sanctions_state"), "standing_sanctions")
    op.alter_column("standing_sanctions", "until_on", nullable=False)
    op.add_column("standing_sanctions", sa.Column("answered_on", sa.Date()))
    op.execute("UPDATE standing_sanctions SET answered_on = state_until_on WHERE kind = 'termination'")
    op.drop_column("standing_sanctions", "state_until_on")
    op.drop_constraint(op.f("ck_entries_kind"), "entries")
    op.create_check_constraint(op.f("ck_entries_kind"), "entries", _BEFORE)
    for column in ("late_days", "effect", "from_on", "until_on"):
        op.drop_column("entries", column)
