"""Runs of jobs, the scheduler that leads, the working days counted by, what was announced of a ratio."""

from __future__ import annotations

from sqlalchemy import ARRAY, CheckConstraint, Column, Date, ForeignKey, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from scoring_service.db.tables.schema import AwareDateTime, metadata

# Instants of a run are those of the scheme's clock; `cursor` is where its next chunk goes on.
job_runs = Table(
    "job_runs",
    metadata,
    Column("job", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("started_at", AwareDateTime, nullable=False),
    Column("finished_at", AwareDateTime),
    Column("cursor", Text),
    Column("counts", JSONB, nullable=False, server_default="{}"),
    Column("error", Text),
    CheckConstraint("state IN ('running', 'done', 'failed')", name="state"),
    CheckConstraint("(state = 'done') = (finished_at IS NOT NULL)", name="finished"),
)

# Instants of a leader are those of the real clock.
scheduler_leader = Table(
    "scheduler_leader",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("since", AwareDateTime, nullable=False),
    Column("beat_at", AwareDateTime, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

# The working days by which every window and due day stands; another calendar is compared with it.
counted_calendar = Table(
    "counted_calendar",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("years", ARRAY(Integer), nullable=False),
    Column("holidays", ARRAY(Date), nullable=False),
    Column("make_up_days", ARRAY(Date), nullable=False),
    Column("counted_at", AwareDateTime, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

ratio_alerts = Table(
    "ratio_alerts",
    metadata,
    Column("institution_code", Text, ForeignKey("institutions.code"), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("level", Text, primary_key=True),
    Column("sanctioned", Integer, nullable=False),
    Column("registered", Integer, nullable=False),
    Column("recorded_at", AwareDateTime, nullable=False),
    CheckConstraint("level IN ('alert', 'severe')", name="level"),
)
