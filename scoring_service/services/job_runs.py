"""Runs of jobs: what is due, each (job, period) once, resumed where a killed run stopped.

A chunk of work and the cursor behind it are written in one transaction that holds the run's row, so any number of
processes may run the same job at the same moment: they take turns, and nothing is done twice.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import InterfaceError, OperationalError

from scoring_service.clock import SHANGHAI
from scoring_service.db.tables import installation, job_runs
from scoring_service.problems import Conflict, Fault, NotFound, Problem
from scoring_service.services import (
    deadlines,
    ledger_check,
    ratio_watch,
    retention,
    sanctions_due,
    year_close,
)
from scoring_service.services.job_steps import Step
from scoring_service.services.work import Service, Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row, RowMapping, Select

log = structlog.get_logger("scoring_service.jobs")

_ONE_DAY = timedelta(days=1)
DONE, RUNNING, FAILED = "done", "running", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job: `step` is one transaction of it.

    A yearly one has the year as its period and is due on the next 1 January; a daily one has the day. All are due
    at 00:00. Of a job of the `present` several missed days are done by one run, the latest: what it looks at is the
    state of now.
    """

    name: str
    title: str
    step: Callable[[Work, str, str | None], Step]
    yearly: bool = False
    present: bool = False

    def period_due_on(self, day: date) -> str | None:
        """Return the period that becomes due on `day`, None when none does."""
        if not self.yearly:
            return day.isoformat()
        return str(day.year - 1) if (day.month, day.day) == (1, 1) else None

    def due_on(self, period: str) -> date | None:
        """Return the day on which `period` becomes due; None when there is no such period."""
        try:
            if not self.yearly:
                day = date.fromisoformat(period)
                return day if day.isoformat() == period else None
            year = int(period) if len(period) == 4 and period.isascii() and period.isdigit() else 0  # noqa: PLR2004
            return date(year + 1, 1, 1) if year else None
        except ValueError:
            return None


def _job(name: str, title: str, step: Callable[[Work, str, str | None], Step], **kind: bool) -> Job:
    return Job(name=name, title=title, step=step, **kind)


# In the order in which the jobs of one day run.
JOBS = (
    _job("year-close", "年度结转 / the closed year", year_close.close_chunk, yearly=True),
    _job("sanctions-due", "处理起止 / sanctions that begin and end", sanctions_due.announce_day),
    _job("deadlines", "送达与期限 / receipts and deadlines", deadlines.run_parts),
    _job("ratio-watch", "机构比例 / ratios of institutions", ratio_watch.watch),
    _job("ledger-check", "账本核验 / proof of ledger and standing", ledger_check.check_chunk, present=True),
    _job("retention", "到期清理 / what is kept no longer", retention.clear, present=True),
)


def job_named(name: str) -> Job:
    """Return the job with this name. Raises NotFound."""
    job = next((job for job in JOBS if job.name == name), None)
    if job is None:
        raise NotFound("任务 / job")
    return job


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a caller asks between two transactions: `stopping` ends the work early, `alive` keeps the caller alive."""

    stopping: Callable[[], bool] = _never
    alive: Callable[[], object] = _never


def run_due(service: Service, until: datetime, watch: Watch | None = None) -> int:
    """Run what is due and not done up to `until`, day by day and in order; return how many runs were finished.

    The simulated clock is moved to each day that has something due, so that what is recorded bears its date. A job
    that fails is left at its period until the next call; the others go on.
    """
    watch = watch or Watch()
    finished, stuck, moved = 0, set[str](), None
    missing = _missing(service, until.astimezone(SHANGHAI).date())
    newest = {job.name: period for _day, job, period in missing}
    for day, job, period in missing:
        if watch.stopping():
            break
        if job.name in stuck or (job.present and newest[job.name] != period):
            continue
        if moved != day:
            _move_to(service, day)
            moved = day
        watch.alive()
        if _run_logged(service, job, period, watch):
            finished += 1
            finished += _cover(service, job, missing, period) if job.present else 0
        else:
            stuck.add(job.name)
    return finished


def _missing(service: Service, last: date) -> list[tuple[date, Job, str]]:
    """Return what is due from the day the installation began to `last` and not done, in order."""
    with service.engine.connect() as conn:
        first = first_day(conn, last)
        done = {(row.job, row.period) for row in conn.execute(_not_before(first))}
    return [
        (day, job, period)
        for day in _days(first, last)
        for job in JOBS
        if (period := job.period_due_on(day)) is not None and (job.name, period) not in done
    ]


def _not_before(first: date) -> Any:
    return select(job_runs.c.job, job_runs.c.period).where(
        job_runs.c.state == DONE, job_runs.c.period >= str(first.year - 1)
    )


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + offset * _ONE_DAY


def first_day(conn: Connection, default: date) -> date:
    """Return the civil date on which the installation began, `default` when that is not known."""
    began = conn.execute(select(installation.c.began_at)).scalar_one()
    return default if began is None else began.date()


def begin(conn: Connection, instant: datetime) -> None:
    """Note that the installation began at `instant`, or had begun before: no job is due for earlier days."""
    earliest = func.least(installation.c.began_at, instant)
    conn.execute(update(installation).values(began_at=earliest))


def _move_to(service: Service, day: date) -> None:
    if not service.clock.simulated:
        return
    midnight = datetime.combine(day, time(), SHANGHAI)
    with service.engine.begin() as conn:
        if service.clock.now(conn) < midnight:
            service.clock.advance(conn, midnight)


def move_clock(service: Service, to: datetime, watch: Watch | None = None) -> None:
    """Set the simulated clock forward to `to`; every job of every day passed runs first, at its day.

    Raises Problem 409 `clock_backwards`, or `clock_not_simulated`.
    """
    with service.engine.begin() as conn:
        now = service.clock.now(conn)
        service.clock.advance(conn, min(now, to))
    run_due(service, to, watch)
    with service.engine.begin() as conn:
        if service.clock.now(conn) < to:
            service.clock.advance(conn, to)


def run_named(service: Service, name: str, period: str | None = None, watch: Watch | None = None) -> Row[Any]:
    """Run a job for a period (default: the latest that is due), unless it is done; return the run's row.

    Raises NotFound for an unknown job, Problem 422 `unknown_period`, Conflict `year_not_ended` or `period_not_due`,
    and what the job raises.
    """
    job = job_named(name)
    with service.work() as work:
        period = _latest(job, work.today) if period is None else period
        _check_period(work, job, period)
    _run(service, job, period, watch or Watch())
    with service.engine.connect() as conn:
        return conn.execute(
            select(job_runs).where(job_runs.c.job == job.name, job_runs.c.period == period)
        ).one()


def overview(work: Work) -> list[dict[str, Any]]:
    """Return every job with its cadence, its last run and the next period to come, in the order of a day."""
    return [_job_json(work, job) for job in JOBS]


def _job_json(work: Work, job: Job) -> dict[str, Any]:
    last = (
        work.conn.execute(runs_query(job.name).order_by(job_runs.c.period.desc()).limit(1)).mappings().first()
    )
    return {
        "name": job.name,
        "title": job.title,
        "cadence": "yearly" if job.yearly else "daily",
        "last_run": run_json(last) if last else None,
        "next_period": str(work.today.year) if job.yearly else (work.today + _ONE_DAY).isoformat(),
    }


def runs_query(name: str) -> Select[Any]:
    """Return the query for the runs of a job. Raises NotFound for an unknown one."""
    return select(job_runs).where(job_runs.c.job == job_named(name).name)


def run_json(row: RowMapping) -> dict[str, Any]:
    """Return a run as it is shown."""
    members = ("job", "period", "state", "started_at", "finished_at", "counts", "error")
    return {name: row[name] for name in members}


def _latest(job: Job, today: date) -> str:
    return str(today.year - 1) if job.yearly else today.isoformat()


def _check_period(work: Work, job: Job, period: str) -> None:
    due_on = job.due_on(period)
    if due_on is None:
        form = "YYYY" if job.yearly else "YYYY-MM-DD"
        raise _unknown_period(f"周期应为 {form} / a period of {job.name} is written {form}")
    if job.yearly:
        year_close.check_ended(work, int(period))
    elif due_on > work.today:
        raise Conflict("period_not_due", f"{period} 尚未到来 / {period} has not come yet")


def _unknown_period(detail: str) -> Problem:
    return Problem(422, "unknown_period", detail, errors=(Fault("/period", detail),))


def _run_logged(service: Service, job: Job, period: str, watch: Watch) -> bool:
    """Run a job; a failure is logged by its type and left for the next call. Raises when the database is gone."""
    try:
        return _run(service, job, period, watch)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 -- the run's row keeps it, and the other jobs go on
        frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        log.error("job failed", job=job.name, period=period, error=type(error).__name__, frames=frames[-8:])  # noqa: TRY400 -- the text may hold personal data
        return False


def _run(service: Service, job: Job, period: str, watch: Watch) -> bool:
    """Run the steps of a job until it is done, or the caller stops; tell whether it is done."""
    while True:
        try:
            with service.work() as work:
                done = _advance(work, job, period)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            _note_failure(service, job, period, error)
            raise
        if done or watch.stopping():
            return done
        watch.alive()


def _advance(work: Work, job: Job, period: str) -> bool:
    """Do the next step of a run under the lock of its row; tell whether the run is done."""
    run = _claim(work, job, period)
    if run is None:
        return True
    step = job.step(work, period, run.cursor)
    counts = {name: run.counts.get(name, 0) + step.counts.get(name, 0) for name in run.counts | step.counts}
    done = step.cursor is None
    work.conn.execute(
        update(job_runs)
        .where(job_runs.c.job == job.name, job_runs.c.period == period)
        .values(
            cursor=step.cursor,
            counts=counts,
            state=DONE if done else RUNNING,
            finished_at=work.now if done else None,
        )
    )
    if done and any(counts.values()):
        log.info("job done", job=job.name, period=period, counts=counts)
    return done


def _claim(work: Work, job: Job, period: str) -> Row[Any] | None:
    """Lock the run's row, made if need be; None when the run is done."""
    statement = upsert(job_runs).values(
        job=job.name, period=period, state=RUNNING, started_at=work.now, counts={}
    )
    return work.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["job", "period"],
            set_={"state": RUNNING, "error": None},
            where=job_runs.c.state != DONE,
        ).returning(job_runs.c.cursor, job_runs.c.counts)
    ).one_or_none()


def _note_failure(service: Service, job: Job, period: str, error: Exception) -> None:
    """Put the failure on the run's row: the error's type and code, not its text, which may hold personal data."""
    name = type(error).__name__ + (f": {error.code}" if isinstance(error, Problem) else "")
    with service.work() as work:
        if _claim(work, job, period) is not None:
            work.conn.execute(
                update(job_runs)
                .where(job_runs.c.job == job.name, job_runs.c.period == period)
                .values(state=FAILED, error=name)
            )


def _cover(service: Service, job: Job, missing: Sequence[tuple[date, Job, str]], by: str) -> int:
    """Note the missed earlier periods of a job of the present as done by its run of the period `by`."""
    covered = [period for _day, other, period in missing if other is job and period < by]
    if not covered:
        return 0
    with service.work() as work:
        statement = upsert(job_runs)
        work.conn.execute(
            statement.on_conflict_do_update(
                index_elements=["job", "period"],
                set_={name: statement.excluded[name] for name in ("state", "finished_at", "counts", "error")},
                where=job_runs.c.state != DONE,
            ),
            [
                {
                    "job": job.name,
                    "period": period,
                    "state": DONE,
                    "started_at": work.now,
                    "finished_at": work.now,
                    "counts": {"covered_by": by},
                    "error": None,
                }
                for period in covered
            ],
        )
    return len(covered)
