"""What goes wrong around the service: the machine's clock."""

import threading
import time
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from apscheduler.schedulers import base
from imports.import_world import HOSPITALS, imported, service_on
from sqlalchemy import select

from scoring_service import clock as clock_of_hosts
from scoring_service import jobs
from scoring_service.db.clock_mark import server_now
from scoring_service.db.tables import imports
from scoring_service.runtime.assembly import make_service
from scoring_service.services.accounts.account import require_account
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.finding import kept_searches
from scoring_service.services.imports.requests import clear_imports
from scoring_service.settings import Settings


def _wait(condition, seconds=10):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


class MachineClock:
    """The clock of the scheduler's machine, which a test sets."""

    def __init__(self, monkeypatch):
        self.shift = timedelta()
        clock, now = self, datetime.now

        class Shifted(datetime):
            @classmethod
            def now(cls, tz=None):
                return now(tz) + clock.shift

        shown = SimpleNamespace(time=lambda: time.time() + self.shift.total_seconds(), monotonic=time.monotonic)
        monkeypatch.setattr(base, "datetime", Shifted)
        monkeypatch.setattr(clock_of_hosts, "datetime", Shifted)
        monkeypatch.setattr(jobs, "time", shown)


class CountingScheduler(jobs.Scheduler):
    """A scheduler that counts its beats, and has nothing else to do."""

    beats = 0

    def _beat(self):
        self.beats += not self._ends()

    def _nothing(self):
        self._ends()

    _look = _fill = _import = _bundle = _screen = _nothing


@pytest.mark.parametrize("days", [-40, 40])
def test_what_a_host_with_a_wrong_clock_keeps_is_kept_as_long_as_elsewhere(days, fresh_engine, monkeypatch):
    """Two hosts on one database, of which one is off by forty days: it imports, and keeps a search."""
    machine = MachineClock(monkeypatch)
    service, later = service_on(fresh_engine), timedelta(days=31)
    machine.shift = timedelta(days=days)
    assert imported(service, "institutions", HOSPITALS).state == "done"
    with service.work() as work:
        clerk = add_account(work, username="clerk", roles=["office.clerk"], staff_no="C1")
    with service.work() as work:
        work.actor = require_account(work, clerk).as_actor()
        kept_searches.keep(work, "王一")
    machine.shift = timedelta()
    with service.work() as work:
        now = server_now(work.conn)
        for instant, many in ((now, 0), (now + later, 1)):
            assert clear_imports(work, instant) == many
            assert work.conn.execute(kept_searches.outdated(instant)).rowcount == many
        [first] = work.conn.execute(select(imports.c.created_at)).scalars()
        assert abs(first - now) < timedelta(minutes=5)


def test_a_scheduler_beats_on_when_its_machines_clock_goes_back_an_hour(engine, tmp_path, monkeypatch):
    clock = MachineClock(monkeypatch)
    for name in ("BEAT_SECONDS", "POLL_SECONDS"):
        monkeypatch.setattr(jobs, name, 0.2)
    settings = Settings(data_dir=tmp_path, demo="off", identity_key="i" * 40)
    scheduler = CountingScheduler(make_service(settings, engine))
    thread = threading.Thread(target=scheduler.run, daemon=True)
    thread.start()
    _wait(lambda: scheduler.beats)
    clock.shift = timedelta(hours=-1)
    time.sleep(0.5)
    last = scheduler.beats
    _wait(lambda: scheduler.beats > last + 1)
    scheduler._leaving = True
    thread.join(10)
    assert not thread.is_alive()
