"""Real scheduler processes on a test's database, and databases copied to compare what became of them."""

import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

from database_addresses import application_engine, application_url
from own_law import OWN_LAW
from sqlalchemy import make_url, text

from scoring_service.db.engine import make_owner_engine

ROOT = Path(__file__).resolve().parents[2]
# Small chunks and quick beats, so that a small world has many moments at which to be killed.
DRIVER = """
import sys
from scoring_service import jobs
from scoring_service.services.years import closing
jobs.BEAT_SECONDS, jobs.POLL_SECONDS, closing.CHUNK_FILES = 0.3, 0.3, 2
from scoring_service.cli import main
sys.argv = ["scoring-service", "scheduler"]
main()
"""
PATIENCE_SECONDS = 60
# Its beat is at work when it is asked to leave, and takes the lead only then.
LATE_LEADER = """
import time
from scoring_service.jobs import Leadership
def take_the_lead_late(self, beat=Leadership.beat):
    print("beating", flush=True)
    time.sleep(2)
    return beat(self)
Leadership.beat = take_the_lead_late
"""
# It is asked to leave at the moment at which a job is handed to the workers.
ASKED_AT_A_SUBMISSION = """
import os, signal
from apscheduler.executors.pool import ThreadPoolExecutor
submissions = []
def submit_job(self, job, run_times, submit=ThreadPoolExecutor.submit_job):
    submissions.append(job)
    if len(submissions) == 3:
        print("asked", flush=True)
        os.kill(os.getpid(), signal.SIGTERM)
    return submit(self, job, run_times)
ThreadPoolExecutor.submit_job = submit_job
"""


class SchedulerProcess:
    """`scoring-service scheduler` with the simulated clock of the database at `url`."""

    def __init__(self, url, folder, before=""):
        self.log = (folder / f"scheduler-{uuid.uuid4().hex[:6]}.log").open("wb")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SCORING_")},
            "SCORING_DATABASE_URL": application_url(url),
            "SCORING_DATA_DIR": str(folder),
            "SCORING_CLOCK": "simulated",
            "SCORING_RULEBOOKS_DIR": str(OWN_LAW),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", before + DRIVER], env=environment, cwd=ROOT, stdout=self.log, stderr=self.log
        )

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Ask it to leave; return its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(PATIENCE_SECONDS)
        self.log.close()
        return code


@contextmanager
def scheduler(url, folder, before=""):
    process = SchedulerProcess(url, folder, before)
    try:
        yield process
    finally:
        process.stop()


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"waited in vain: {what}")


@contextmanager
def copy_of(url):
    """An engine and the address of a copy of a database that nobody is connected to."""
    name = f"copy_{uuid.uuid4().hex[:12]}"
    source = make_url(url)
    command(url, f"CREATE DATABASE {name} TEMPLATE {source.database}")
    copy = source.set(database=name).render_as_string(hide_password=False)
    engine = application_engine(copy)
    try:
        yield engine, copy
    finally:
        engine.dispose()
        command(url, f"DROP DATABASE {name} WITH (FORCE)")


def command(url, *statements):
    """Run statements as the owner, connected to another database of the same server."""
    admin = make_url(url).set(database="postgres").render_as_string(hide_password=False)
    engine = make_owner_engine(admin).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
