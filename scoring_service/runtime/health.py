"""What an operator's machinery asks: is the process alive, is it ready, what has it counted."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from scoring_service.db.clock_mark import stands_for
from scoring_service.db.migrate import database_revision, head_revision
from scoring_service.db.reminders import read_outbox
from scoring_service.db.replicas import Replicas
from scoring_service.db.tables import job_runs, scheduler_leader
from scoring_service.runtime.backups_archive import FAILING, archive_of
from scoring_service.telemetry import metrics

RETRY_AFTER_SECONDS = 5
# A leader beats every five seconds; after three missed beats there is none.
SILENT_LEADER_SECONDS = 20

Check = Callable[[], str | None]
_LEADER = select(scheduler_leader, (func.clock_timestamp() - scheduler_leader.c.beat_at).label("age"))


def health_blueprint(
    engine: Engine, *further: tuple[str, Check], embedded_in: Path | None = None, replicas: Replicas | None = None
) -> Blueprint:
    """`/healthz`, `/readyz`, `/metrics`. `further` are named checks that answer None or what is wrong.

    `embedded_in` is the data folder of an embedded database.
    """
    blueprint = Blueprint("health", __name__)
    checks: tuple[tuple[str, Check], ...] = (("database", partial(_database, engine)), *further)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    def readyz() -> Response:
        states = {name: check() for name, check in checks}
        ready = not any(states.values())
        response = jsonify(
            status="ready" if ready else "not ready",
            checks={name: trouble or "ok" for name, trouble in states.items()},
            scheduler=scheduler_state(engine),
            archive=archive_state(engine, embedded_in),
            clock=clock_state(engine),
            reminders=reminders_state(engine),
            replicas=[] if replicas is None else replicas.states(),
        )
        if not ready:
            response.status_code = 503
            response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response

    @blueprint.get("/metrics")
    def exposition() -> Response:
        _measure_jobs(engine)
        _measure_archive(engine, embedded_in)
        return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)

    return blueprint


def _database(engine: Engine) -> str | None:
    try:
        present, wanted = database_revision(engine), head_revision()
    except SQLAlchemyError:
        return "the database does not answer"
    return None if present == wanted else f"migrations: at {present}, not at {wanted}"


def scheduler_state(engine: Engine) -> dict[str, Any]:
    """Who leads the schedulers, since when, and the age of its last sign of life in seconds.

    It does not decide on readiness: every answer is right without a scheduler, which only announces and records.
    """
    try:
        with engine.connect() as conn:
            row = conn.execute(_LEADER).one_or_none()
    except SQLAlchemyError:
        return {"state": "unknown"}
    if row is None:
        return {"state": "no leader"}
    age = row.age.total_seconds()
    return {
        "state": "leader" if age < SILENT_LEADER_SECONDS else "no leader",
        "leader": row.name,
        "since": row.since.isoformat(),
        "leader_age_seconds": round(max(age, 0.0), 1),
    }


def archive_state(engine: Engine, embedded_in: Path | None) -> dict[str, Any]:
    """Whether the write-ahead log reaches the archive of the last backup, and when it last did.

    It does not decide on readiness: the log is kept until the archive takes it, for as long as the disk has room.
    """
    try:
        with engine.connect() as conn:
            row = conn.execute(_ARCHIVER).one()
    except SQLAlchemyError:
        return {"state": "unknown"}
    if row.mode == "off":
        return {"state": "off"}
    if embedded_in is not None and archive_of(embedded_in) is None:
        return {"state": "no backup"}
    last = row.last_archived_time and row.last_archived_time.isoformat()
    return {"state": "failing" if row.failing else "ok", "last_archived_at": last}


_ARCHIVER = text(
    f"SELECT current_setting('archive_mode') AS mode, last_archived_time, {FAILING} AS failing FROM pg_stat_archiver"
)


def _measure_archive(engine: Engine, embedded_in: Path | None) -> None:
    state = archive_state(engine, embedded_in)["state"]
    if state != "unknown":
        metrics.ARCHIVE_FAILING.set(state == "failing")


def clock_state(engine: Engine) -> dict[str, Any]:
    """Whether the database server's clock has gone back, and for how many seconds the scheme's stands therefore."""
    try:
        with engine.connect() as conn:
            span = stands_for(conn)
    except SQLAlchemyError:
        return {"state": "unknown"}
    if span is None:
        return {"state": "goes"}
    return {"state": "stands", "seconds": round(span.total_seconds(), 1)}


def reminders_state(engine: Engine) -> dict[str, Any]:
    """Whether reminders get through, and how many wait.

    It does not decide on readiness: nothing waits for them.
    """
    try:
        with engine.connect() as conn:
            outbox = read_outbox(conn)
    except SQLAlchemyError:
        return {"state": "unknown"}
    state = "failing" if outbox.is_failing else "ok"
    fault = {"error": outbox.error} if outbox.is_failing else {}
    return {"state": state, "waiting": outbox.waiting, "given_up": outbox.given_up} | fault


def _measure_jobs(engine: Engine) -> None:
    """Bring the gauges of the jobs to what the database holds; without it they stay as they were."""
    last_check = select(job_runs.c.counts["misfits"].as_integer()).where(
        job_runs.c.job == "ledger-check", job_runs.c.counts.has_key("misfits"), job_runs.c.state == "done"
    )
    failed = select(func.count()).where(job_runs.c.state == "failed")
    try:
        with engine.connect() as conn:
            misfits = conn.execute(last_check.order_by(job_runs.c.period.desc()).limit(1)).scalar()
            metrics.JOBS_FAILED.set(conn.execute(failed).scalar_one())
            metrics.REMINDERS_FAILING.set(read_outbox(conn).failing)
    except SQLAlchemyError:
        return
    if misfits is not None:
        metrics.LEDGER_MISFITS.set(misfits)
