"""What goes wrong around the service: the machine's clock."""

import threading
import time
from datetime import datetime, timedelta
from types import SimpleNamespace

from apscheduler.schedulers import base

from scoring_service import jobs
from scoring_service.runtime.assembly import make_service
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
        monkeypatch.setattr(jobs, "time", shown)
        monkeypatch.setattr(jobs, "real_now", lambda: Shifted.now().astimezone())


class CountingScheduler(jobs.Scheduler):
    """A scheduler that counts its beats, and has nothing else to do."""

    beats = 0

    def _beat(self):
        self.beats += not self._ends()

    def _nothing(self):
        self._ends()

    _look = _fill = _import = _bundle = _screen = _nothing


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
