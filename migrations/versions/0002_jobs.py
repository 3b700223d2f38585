"""Jobs: their runs, the leading scheduler, ratio alerts, closing of windows, and when the installation began.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("job_runs", "scheduler_leader", "ratio_alerts")


def upgrade() -> None:
    create_job_runs()
    create_scheduler_leader()
    create_ratio_alerts()
    op.add_column("installation", sa.Column("began_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("notices", sa.Column("window_closed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_notices_open_window",
        "notices",
        ["window_closes_on", "id"],
        unique=False,
        postgresql_where=sa.text("window_closes_on IS NOT NULL AND window_closed_at IS NULL"),
    )
    op.create_index(
        "ix_entries_score_file",
        "entries",
        ["practitioner_id", "decided_on"],
        unique=False,
        postgresql_where=sa.text("kind = 'score'"),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(TABLES)} TO scoring_app")


def downgrade() -> None:
    op.drop_index("ix_entries_score_file", table_name="entries")
    op.drop_index("ix_notices_open_window", table_name="notices")
    op.drop_column("notices", "window_closed_at")
    op.drop_column("installation", "began_at")
    for table in TABLES:
        op.drop_table(table)


def create_job_runs() -> None:
    op.create_table(
        "job_runs",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("counts", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name=op.f("ck_job_runs_state")),
        sa.CheckConstraint(
            "(state = 'done') = (finished_at IS NOT NULL)", name=op.f("ck_job_runs_finished")
        ),
        sa.PrimaryKeyConstraint("job", "period", name=op.f("pk_job_runs")),
    )


def create_scheduler_leader() -> None:
    op.create_table(
        "scheduler_leader",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_scheduler_leader_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduler_leader")),
    )


def create_ratio_alerts() -> None:
    op.create_table(
        "ratio_alerts",
        sa.Column("institution_code", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("sanctioned", sa.Integer(), nullable=False),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level IN ('alert', 'severe')", name=op.f("ck_ratio_alerts_level")),
        sa.ForeignKeyConstraint(
            ["institution_code"], ["institutions.code"], name=op.f("fk_ratio_alerts_institution_code")
        ),
        sa.PrimaryKeyConstraint("institution_code", "year", "level", name=op.f("pk_ratio_alerts")),
    )
