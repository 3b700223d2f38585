"""The scheduler process: one leader among any number, the due jobs each minute, files to import, letters to join.

What the jobs do, and that each runs once for each of its periods, is kept by `services.jobs.runs`; this only asks
again and again. Missing minutes or days are caught up in order.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, NoReturn

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Connection, Engine, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from scoring_service.clock import real_now
from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.db.clock_mark import mark_present, server_now
from scoring_service.db.locks import Lock, try_to_hold_for_session
from scoring_service.db.tables import scheduler_leader
from scoring_service.screening.sent_files import screen_waiting
from scoring_service.services.bundles.making import make_waiting
from scoring_service.services.imports.running import is_any_waiting, run_waiting
from scoring_service.services.jobs.runs import run_now
from scoring_service.services.reminders.posting import post_waiting
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.services.unit_of_work.watch import Watch

BEAT_SECONDS = 5
POLL_SECONDS = 2
# A clock that is slewed goes by less.
JUMP_SECONDS = 1.0
# Whoever waits for an answer goes first: the proof of a million files alone takes half an hour.
NICE = 10

log = structlog.get_logger("scoring_service.jobs")


class Leadership:
    """The lead among all schedulers of a database: a lock that a session of its own holds, and a heartbeat.

    The lock ends with the session, so a killed leader is followed within a beat.
    """

    def __init__(self, engine: Engine) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._engine = engine
        self._session: Connection | None = None
        self._held = threading.Event()
        self._behind = timedelta()

    @property
    def held(self) -> bool:
        """Whether this process led at its last beat."""
        return self._held.is_set()

    def beat(self) -> bool:
        """Keep the lead or try to take it; tell whether it was taken just now."""
        try:
            if self._session is None:
                self._session = _session(self._engine)
            return self._beat(self._session)
        except (DBAPIError, PoolTimeoutError) as error:
            log.warning("scheduler has no database", error=type(error).__name__)
            self.leave()
            return False

    def _beat(self, session: Connection) -> bool:
        taken = not self.held
        if taken and not try_to_hold_for_session(session, Lock.LEADER):
            return False
        now = server_now(session)
        statement = upsert(scheduler_leader).values(id=1, name=self.name, since=now, beat_at=now)
        news = {"beat_at": now} | ({"name": self.name, "since": now} if taken else {})
        session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=news))
        self._mark(session)
        self._held.set()
        if taken:
            log.info("scheduler leads", name=self.name)
        return taken

    def _mark(self, session: Connection) -> None:
        """Keep the server's instant; tell once when its clock has gone back, and once when it has caught up."""
        behind = mark_present(session)
        if behind and not self._behind:
            log.error("the database server's clock went back: the scheme's stands", seconds=behind.total_seconds())
        if self._behind and not behind:
            log.info("the database server's clock has caught up")
        self._behind = behind

    def leave(self) -> None:
        """Give the lead up, with its session."""
        self._held.clear()
        session, self._session = self._session, None
        if session is not None:
            session.invalidate()
            session.close()


def _session(engine: Engine) -> Connection:
    session = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    session.detach()
    # A leader whose machine is gone must not hold the lock for hours; a local socket ignores these.
    session.execute(
        text("SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3")
    )
    return session


def _giving_way() -> ThreadPoolExecutor:
    """Return an executor with one thread, of a priority below that of whoever answers."""

    def lower() -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)

    return ThreadPoolExecutor(max_workers=1, pool_kwargs={"initializer": lower})


class Scheduler:
    """APScheduler with jobs of its own: the beat of the leader, the look at what is due, files, letters, reminders.

    Imports, bundles, claim files and reminders need no leader: their own locks let one process at a time work on one.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._leadership = Leadership(service.session_engine)
        self._stopping = threading.Event()
        self._leaving = False
        self._executors = {
            "default": ThreadPoolExecutor(max_workers=1),
            **{name: _giving_way() for name in ("jobs", "imports", "bundles", "screenings", "reminders")},
        }
        self._scheduler = BlockingScheduler(
            timezone=CIVIL_ZONE,
            executors=self._executors,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def run(self) -> None:
        """Run until `leave` is called in the main thread (SIGTERM, SIGINT); the chunk at work is finished."""
        # With a simulated clock the day may change at any moment.
        each = (
            IntervalTrigger(seconds=POLL_SECONDS) if self._service.clock.simulated else CronTrigger(second=0)
        )
        self._scheduler.add_job(self._look, each, id="look", executor="jobs")
        self._scheduler.add_job(
            self._beat, IntervalTrigger(seconds=BEAT_SECONDS), id="beat", next_run_time=real_now()
        )
        self._scheduler.add_job(self._fill, id="fill", executor="imports", next_run_time=real_now())
        self._scheduler.add_job(
            self._import, IntervalTrigger(seconds=POLL_SECONDS), id="import", executor="imports"
        )
        self._scheduler.add_job(
            self._bundle, IntervalTrigger(seconds=POLL_SECONDS), id="bundle", executor="bundles"
        )
        self._scheduler.add_job(
            self._screen, IntervalTrigger(seconds=POLL_SECONDS), id="screen", executor="screenings"
        )
        self._scheduler.add_job(
            self._remind, IntervalTrigger(seconds=POLL_SECONDS), id="remind", executor="reminders"
        )
        threading.Thread(target=self._follow_clock, daemon=True).start()
        try:
            self._scheduler.start()
        finally:
            self._stopping.set()
            # The scheduler would wait for its workers with its locks held, and a beat that takes the lead needs one.
            with suppress(SchedulerNotRunningError):
                self._scheduler.shutdown(wait=False)
            for executor in self._executors.values():
                executor.shutdown(wait=True)
            self._leadership.leave()

    def leave(self, _number: int, _frame: Any) -> NoReturn:
        """Leave, as the handler of a signal."""
        self._leaving = True
        sys.exit(0)

    def _follow_clock(self) -> None:
        """Run all jobs at once when this machine's clock was set: else they wait until it is where it was."""
        ahead = time.time() - time.monotonic()
        while not self._stopping.wait(POLL_SECONDS):
            by = time.time() - time.monotonic() - ahead
            ahead += by
            if abs(by) > JUMP_SECONDS:
                log.warning("this machine's clock was set", seconds=round(by, 1))
                for job in self._scheduler.get_jobs():
                    with suppress(JobLookupError):
                        self._scheduler.modify_job(job.id, next_run_time=real_now())

    def _ends(self) -> bool:
        """Tell whether a signal came; the scheduler, which takes SystemExit for a job's failure, then ends here."""
        if self._leaving:
            with suppress(SchedulerNotRunningError):
                self._scheduler.shutdown(wait=False)
        return self._leaving

    def _beat(self) -> None:
        if self._ends():
            return
        if self._leadership.beat():
            with suppress(JobLookupError):
                self._scheduler.modify_job("look", next_run_time=real_now() + timedelta(milliseconds=1))

    def _look(self) -> None:
        """Run what is due, as long as this process leads; the nightly proofs wait while a file is brought in."""
        if self._ends() or not self._leadership.held:
            return
        bringing_in = partial(is_any_waiting, self._service)
        try:
            run_now(self._service, Watch(stopping=self._must_stop, resting=bringing_in))
        except (DBAPIError, PoolTimeoutError) as error:
            log.warning("jobs wait for the database", error=type(error).__name__)

    def _fill(self) -> None:
        """Fill the copy of the present, once; what is asked before that comes into it by its question."""
        if self._service.present_copy is None:
            return
        try:
            people = self._service.present_copy.fill(self._service.engine, self._stopping.is_set)
        except (DBAPIError, PoolTimeoutError) as error:
            log.warning("the copy of the present waits for questions", error=type(error).__name__)
        else:
            log.info("copy of the present filled", people=people)

    def _import(self) -> None:
        """Work on the files that wait to be imported; the chunk at work is finished when the process leaves."""
        if self._ends():
            return
        try:
            if is_any_waiting(self._service):
                run_waiting(self._service, Watch(stopping=self._stopping.is_set))
        except (DBAPIError, PoolTimeoutError) as error:
            log.warning("imports wait for the database", error=type(error).__name__)

    def _bundle(self) -> None:
        """Join the letters that wait to be; the letter at work is finished when the process leaves."""
        if self._ends():
            return
        try:
            make_waiting(self._service, Watch(stopping=self._stopping.is_set))
        except (DBAPIError, PoolTimeoutError) as error:
            log.warning("bundles wait for the database", error=type(error).__name__)

    def _screen(self) -> None:
        """Judge the claim files that wait; the one at work begins anew when the process leaves."""
        if self._ends():
            return
        try:
            screen_waiting(self._service, Watch(stopping=self._stopping.is_set))
        except (DBAPIError, PoolTimeoutError) as error:
            log.warning("claim files wait for the database", error=type(error).__name__)

    def _remind(self) -> None:
        """Send the reminders that wait; the one that is being handed over is noted when the process leaves."""
        if self._ends():
            return
        try:
            post_waiting(self._service, Watch(stopping=self._stopping.is_set))
        except (DBAPIError, PoolTimeoutError) as error:
            log.warning("reminders wait for the database", error=type(error).__name__)

    def _must_stop(self) -> bool:
        return self._stopping.is_set() or not self._leadership.held


def schedule(service: Service) -> None:
    """Be a scheduler until SIGTERM or SIGINT."""
    # A look that takes longer than the pause before the next is no trouble.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = Scheduler(service)
    signal.signal(signal.SIGTERM, scheduler.leave)
    signal.signal(signal.SIGINT, scheduler.leave)
    scheduler.run()
