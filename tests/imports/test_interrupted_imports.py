"""An import that is killed and started again ends as if nothing had been; a chunk is written whole or not at all."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from import_world import HOSPITALS, brought, counts, imported, service_on
from sqlalchemy import select
from test_import_of_people import HEADINGS, checked, whole

from scoring_service.db.tables import events, imports
from scoring_service.services.imports import kinds, requests, running
from scoring_service.services.imports.records import read_import
from scoring_service.services.imports.running import run_waiting
from scoring_service.services.standing.proof import check_standings
from scoring_service.services.unit_of_work.watch import Watch

PEOPLE = 12


class Killed(BaseException):
    """What no handler of the service catches."""


def nurses(number=PEOPLE):
    rows = [HEADINGS]
    for each in range(number):
        code, card = f"N150402{each:06d}", checked(f"150402195001{1 + each % 28:02d}{each % 1000:03d}")
        rows.append([code, card, f"护士{each}", "护士", "2025-01-01", "", "H15040200001", "", "", ""])
        rows.append([code, "", f"护士{each}", "", "", "", "H15040300002", "2025-02-01", "", ""])
    return rows


@pytest.fixture
def service(fresh_engine, monkeypatch):
    monkeypatch.setitem(kinds.KINDS, "practitioners", replace(kinds.KINDS["practitioners"], chunk_rows=4))
    service = service_on(fresh_engine)
    imported(service, "institutions", HOSPITALS)
    return service


def killed_at(monkeypatch, calls, function="write_chunk"):
    """Let a function of the worker do its work, and die at its n-th call before the transaction is committed."""
    done, act = [], getattr(running, function)

    def dies(*given):
        act(*given)
        done.append(given)
        if len(done) == calls:
            raise Killed

    monkeypatch.setattr(running, function, dies)


def test_a_killed_import_goes_on_and_ends_as_if_nothing_had_been(service, monkeypatch):
    import_id = brought(service, "practitioners", nurses())
    for function in ("check_chunk", "write_chunk"):
        with monkeypatch.context() as patched:
            killed_at(patched, 2, function)
            with pytest.raises(Killed):
                run_waiting(service)
    with service.engine.connect() as conn:
        row = conn.execute(select(imports).where(imports.c.id == import_id)).one()
    assert (row.state, row.rows_done, row.cursor) == ("writing", 4, 1)
    assert run_waiting(service, Watch(stopping=lambda: True)) == 0
    assert run_waiting(service) == 1
    with service.work() as work:
        done = read_import(work, import_id)
    assert (done.state, done.rows_done, counts(done)) == ("done", 24, (24, 0, 0, 0))
    assert check_standings(service) == (PEOPLE, [])
    with service.engine.connect() as conn:
        told = select(events.c.practitioner_id).where(events.c.kind == "practitioner.registered")
        assert len(conn.execute(told).all()) == PEOPLE
    before = whole(service)
    assert counts(imported(service, "practitioners", nurses())) == (0, 0, 24, 0)
    assert whole(service) == before


def test_two_imports_go_one_by_one_and_a_cancelled_one_is_passed_over(service):
    first, second = (brought(service, "practitioners", nurses(2)) for _ in range(2))
    with service.work() as work:
        assert requests.cancel(work, first).state == "cancelled"
    with running._alone(service) as is_alone:
        assert is_alone
        assert run_waiting(service) == 0
    assert run_waiting(service) == 1
    with service.work() as work:
        assert [read_import(work, each).state for each in (first, second)] == ["cancelled", "done"]


_WORKER = """
import sys
from dataclasses import replace
from scoring_service.db.engine import make_engine
from scoring_service.services.imports import kinds
from scoring_service.services.imports.running import run_waiting
import import_world
kinds.KINDS["practitioners"] = replace(kinds.KINDS["practitioners"], chunk_rows=4)
run_waiting(import_world.opened(make_engine(sys.argv[1])))
"""


@pytest.mark.soak
def test_kill_9_at_any_point(service, fresh_url):
    """Killed again and again while it works, as `kill -9` does it."""
    import_id = brought(service, "practitioners", nurses(400))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path])}
    kills = 0
    for pause in (2.0, 2.4, 2.8, 3.2, 3.6, 60.0):
        worker = subprocess.Popen([sys.executable, "-c", _WORKER, fresh_url], env=environment)
        deadline = time.monotonic() + pause
        while worker.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if worker.poll() is None:
            worker.send_signal(signal.SIGKILL)
            kills += 1
        worker.wait()
    run_waiting(service)
    with service.work() as work:
        done = read_import(work, import_id)
    assert (done.state, counts(done)) == ("done", (800, 0, 0, 0))
    assert check_standings(service) == (400, [])
    sys.stdout.write(f"killed {kills} times\n")
    before = whole(service)
    assert counts(imported(service, "practitioners", nurses(400))) == (0, 0, 800, 0)
    assert whole(service) == before
