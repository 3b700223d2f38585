"""Runs of jobs: what is due, each (job, period) once, resumed where a killed run stopped.

A chunk of work and the cursor behind it are written in one transaction that holds the run's row, so any number of
processes may run the same job at the same moment: they take turns, and nothing is done twice.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import structlog
from psycopg.errors import DeadlockDetected
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import InterfaceError, OperationalError

from scoring_service.core.civil import civil_day, midnight
from scoring_service.db.locks import Lock, hold, try_to_share
from scoring_service.db.tables import installation, job_runs
from scoring_service.problems import Conflict, Invalid, Problem
from scoring_service.services.jobs.catalogue import JOBS, Job, job_named
from scoring_service.services.jobs.recounts import recount_amended
from scoring_service.services.jobs.run import JobRun, RunState, job_run
from scoring_service.services.unit_of_work.step import Step
from scoring_service.services.unit_of_work.transaction import Service, Work
from scoring_service.services.unit_of_work.watch import Watch
from scoring_service.services.years import closing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Row

log = structlog.get_logger("scoring_service.jobs")

_ONE_DAY = timedelta(days=1)
RUNNING, DONE, FAILED = RunState


def run_due(service: Service, until: datetime, watch: Watch | None = None) -> int:
    """Run what is due and not done up to `until`, day by day and in order; return how many runs were finished.

    The simulated clock is moved to each day that has something due, so that what is recorded bears its date. A job
    that fails is left at its period until the next call; the others go on. An amended calendar comes before all.
    """
    watch = watch or Watch()
    recount_amended(service, watch.stopping)
    finished, stuck = 0, set[str]()
    missing = _missing(service, civil_day(until))
    newest = {job.name: period for _day, job, period in missing}
    for day, of_day in groupby(missing, key=lambda due: due[0]):
        if watch.stopping():
            break
        due = [
            (job, period)
            for _day, job, period in of_day
            if job.name not in stuck and (not job.present or newest[job.name] == period)
        ]
        left = _run_together(service, day, [(job, period) for job, period in due if not job.present])
        finished += sum(not job.present for job, _period in due) - len(left)
        for job, period in left + [(job, period) for job, period in due if job.present]:
            watch.alive()
            if _run_logged(service, job, period, watch):
                finished += 1 + (_cover(service, job, missing, period) if job.present else 0)
            else:
                stuck.add(job.name)
        watch.alive()
    return finished


def _run_together(service: Service, day: date, due: list[tuple[Job, str]]) -> list[tuple[Job, str]]:
    """Run the jobs of a day in one transaction, as most days have little to do; return those that are left.

    The first that needs more than one step, and those behind it, are left; all of them, when one fails.
    """
    if not due:
        return []
    try:
        with service.work() as work:
            # Before the clock's row, as everyone who changes files does.
            hold(work.conn, Lock.FILES)
            _move_to(work, day)
            left, done = _advance(work, due)
    except (OperationalError, InterfaceError) as error:
        if not isinstance(error.orig, DeadlockDetected):
            raise
        return _one_by_one(service, day, due, error)
    except Exception as error:  # noqa: BLE001 -- each is run alone next, and the one that fails is noted
        return _one_by_one(service, day, due, error)
    _log_done(done)
    return left


def _one_by_one(
    service: Service, day: date, due: list[tuple[Job, str]], error: Exception
) -> list[tuple[Job, str]]:
    log.warning("jobs run one by one", day=day.isoformat(), error=type(error).__name__)
    with service.work() as work:
        _move_to(work, day)
    return due


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


def _move_to(work: Work, day: date) -> None:
    clock = work.service.clock
    begins = midnight(day)
    if clock.simulated and clock.now(work.conn) < begins:
        clock.advance(work.conn, begins)


def move_clock(service: Service, to: datetime, watch: Watch | None = None) -> None:
    """Set the simulated clock forward to `to`; every job of every day passed runs first, at its day.

    One mover at a time; the schedulers leave the jobs to it. Raises Conflict `clock_backwards`, or
    `clock_not_simulated`.
    """
    with service.engine.connect() as mover:
        hold(mover, Lock.MOVER)
        with service.engine.begin() as conn:
            if not service.clock.simulated or to < service.clock.now(conn):
                service.clock.advance(conn, to)
        awake = watch or Watch()
        run_due(service, to, replace(awake, alive=lambda: (awake.alive(), mover.execute(select(1)))))
        with service.engine.begin() as conn:
            # Recording a change holds the clock's row, so that nobody else moves it in between.
            if service.clock.now(conn) < to and service.clock.record(conn) < to:
                service.clock.advance(conn, to)


def run_history(service: Service, first: date, last: date) -> None:
    """Run the jobs of the days from `first` to `last`, each at its day, while a history is being recorded.

    What is done is passed over. Jobs of the present are left to the scheduler. Raises what a job raises.
    """
    for day in _days(first, last):
        due = [
            (job, period)
            for job in JOBS
            if not job.present and (period := job.period_due_on(day)) is not None
        ]
        while due:
            with service.work() as work:
                hold(work.conn, Lock.FILES)
                _move_to(work, day)
                due, _stepped_runs = _advance(work, due)


def run_now(service: Service, watch: Watch) -> int:
    """Run what is due by the clock; nothing while someone moves the simulated clock, who runs it then."""
    with service.engine.connect() as conn:
        if service.clock.simulated and not try_to_share(conn, Lock.MOVER):
            return 0
        now = service.clock.now(conn)
        return run_due(service, now, replace(watch, alive=lambda: (watch.alive(), conn.execute(select(1)))))


def run_named(service: Service, name: str, period: str | None = None, watch: Watch | None = None) -> JobRun:
    """Run a job for a period (default: the latest that is due), unless it is done; return the run.

    Raises NotFound for an unknown job, Invalid `unknown_period`, Conflict `year_not_ended` or `period_not_due`,
    and what the job raises.
    """
    job = job_named(name)
    with service.work() as work:
        period = _latest(job, work.today) if period is None else period
        _check_period(work, job, period)
    _run(service, job, period, watch or Watch())
    chosen = select(job_runs).where(job_runs.c.job == job.name, job_runs.c.period == period)
    with service.engine.connect() as conn:
        return job_run(conn.execute(chosen).mappings().one())


def _latest(job: Job, today: date) -> str:
    return str(today.year - 1) if job.yearly else today.isoformat()


def _check_period(work: Work, job: Job, period: str) -> None:
    due_on = job.due_on(period)
    if due_on is None:
        form = "YYYY" if job.yearly else "YYYY-MM-DD"
        raise Invalid("/period", f"周期应为 {form} / a period of {job.name} is written {form}", "unknown_period")
    if job.yearly:
        closing.check_ended(work, int(period))
    elif due_on > work.today:
        raise Conflict("period_not_due", f"{period} 尚未到来 / {period} has not come yet")


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
    """Run the steps of a job until it is done, or the caller stops or puts it off; tell whether it is done."""
    while True:
        try:
            with service.work() as work:
                left, finished = _advance(work, [(job, period)])
            done = not left
            _log_done(finished)
        except (OperationalError, InterfaceError) as error:
            if not isinstance(error.orig, DeadlockDetected):
                raise
            # Somebody else went on; this step was rolled back whole and begins anew.
            done = False
        except Exception as error:
            _note_failure(service, job, period, error)
            raise
        if done or watch.stopping() or (job.present and watch.resting()):
            return done
        watch.alive()


def _advance(
    work: Work, due: list[tuple[Job, str]]
) -> tuple[list[tuple[Job, str]], list[SteppedRun]]:
    """Do the next step of each run, in order, under the locks of their rows.

    Returns the first run that needs another step and those behind it, which wait for it; and what was stepped.
    """
    runs = _claim(work, due)
    stepped: list[SteppedRun] = []
    left: list[tuple[Job, str]] = []
    for position, (job, period) in enumerate(due):
        run = runs.get((job.name, period))
        if run is None:
            continue
        step = job.step(work, period, run.cursor)
        stepped.append(_stepped(work, run, step))
        if step.cursor is not None:
            left = due[position:]
            break
    if stepped:
        work.conn.execute(_STEPPED, [asdict(run) for run in stepped])
    return left, stepped


@dataclass(frozen=True, slots=True, kw_only=True)
class SteppedRun:
    """A run after one more step: where it goes on, and what all of its steps counted."""

    of_job: str
    of_period: str
    cursor: str | None
    counts: Mapping[str, int]
    state: RunState
    finished_at: datetime | None


def _stepped(work: Work, run: Row[Any], step: Step) -> SteppedRun:
    done = step.cursor is None
    return SteppedRun(
        of_job=run.job,
        of_period=run.period,
        cursor=step.cursor,
        counts={
            name: run.counts.get(name, 0) + step.counts.get(name, 0) for name in run.counts | step.counts
        },
        state=DONE if done else RUNNING,
        finished_at=work.now if done else None,
    )


def _log_done(stepped: Sequence[SteppedRun]) -> None:
    for run in stepped:
        if run.state == DONE and any(run.counts.values()):
            log.info("job done", job=run.of_job, period=run.of_period, counts=run.counts)


_STEPPED = update(job_runs).where(
    job_runs.c.job == bindparam("of_job"), job_runs.c.period == bindparam("of_period")
)


def _claim(work: Work, due: Sequence[tuple[Job, str]]) -> dict[tuple[str, str], Row[Any]]:
    """Lock the runs' rows, made if need be, and return them by job and period; those that are done are left out."""
    columns = (job_runs.c.job, job_runs.c.period, job_runs.c.cursor, job_runs.c.counts)
    statement = (
        upsert(job_runs)
        .on_conflict_do_update(
            index_elements=["job", "period"],
            set_={"state": RUNNING, "error": None},
            where=job_runs.c.state != DONE,
        )
        .returning(*columns)
    )
    fresh = {"state": RUNNING, "started_at": work.now, "counts": {}}
    rows = work.conn.execute(statement, [fresh | {"job": job.name, "period": period} for job, period in due])
    return {(row.job, row.period): row for row in rows}


def _note_failure(service: Service, job: Job, period: str, error: Exception) -> None:
    """Put the failure on the run's row: the error's type and code, not its text, which may hold personal data."""
    name = type(error).__name__ + (f": {error.code}" if isinstance(error, Problem) else "")
    with service.work() as work:
        if _claim(work, [(job, period)]):
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
