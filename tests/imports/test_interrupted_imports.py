"""An import that is killed and started again ends as if nothing had been; a chunk is written whole or not at all."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from import_world import HOSPITALS, brought, counts, imported, opened, service_on
from sqlalchemy import select
from test_import_of_people import HEADINGS, checked, whole

from scoring_service.db.locks import Lock, alone
from scoring_service.db.tables import (
    affiliations,
    agreements,
    audit_log,
    events,
    imports,
    institutions,
    persons,
    practitioners,
    registrations,
    standing_affiliations,
    standing_codes,
    standings,
)
from scoring_service.services.imports import kinds, requests, running
from scoring_service.services.imports.records import read_import
from scoring_service.services.imports.running import run_waiting
from scoring_service.services.registry import opening
from scoring_service.services.registry.institutions import change_institution
from scoring_service.services.registry.practitioners import register_practitioner
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
    with alone(service.engine, Lock.IMPORTS) as is_alone:
        assert is_alone
        assert run_waiting(service) == 0
    assert run_waiting(service) == 1
    with service.work() as work:
        assert [read_import(work, each).state for each in (first, second)] == ["cancelled", "done"]


@pytest.fixture
def by_the_clock(service, fresh_engine):
    """The service on the clock of the machine, by which many people are written ahead of their instants."""
    return opened(fresh_engine, clock="system", clock_start=None)


def on_record(service):
    """All that an import leaves, row by row, without instants and what is drawn by lot; ids told as codes."""
    with service.engine.connect() as conn:
        codes = {row.id: row.code for row in conn.execute(select(practitioners.c.id, practitioners.c.code))}
        return {table.name: sorted(rows_of(conn, table, codes)) for table in LEFT_BEHIND}


LEFT_BEHIND = (
    institutions, agreements, practitioners, persons, registrations, affiliations, standings, standing_codes,
    standing_affiliations, events, audit_log, imports,
)  # fmt: skip
DRAWN = {"id", "span_id", "id_number_encrypted", "request_id", "number"}


def rows_of(conn, table, codes):
    for row in conn.execute(select(table)).mappings():
        kept = {name: value for name, value in row.items() if name not in DRAWN and not isinstance(value, datetime)}
        own = {name: codes.get(str(value), value) for name, value in kept.items() if name != "object_id"}
        yield str(own)


def undisturbed(engine, rows):
    """What the same file leaves when nothing befalls it."""
    service = service_on(engine)
    imported(service, "institutions", HOSPITALS)
    assert imported(opened(engine, clock="system", clock_start=None), "practitioners", rows).state == "done"
    return on_record(service)


def test_row_by_row_a_killed_import_left_what_an_undisturbed_one_did(by_the_clock, twin_engine, monkeypatch):
    import_id = brought(by_the_clock, "practitioners", nurses())
    for calls in (1, 2, 1):
        with monkeypatch.context() as patched:
            killed_at(patched, calls)
            with pytest.raises(Killed):
                run_waiting(by_the_clock)
    run_waiting(by_the_clock)
    with by_the_clock.work() as work:
        assert read_import(work, import_id).state == "done"
    assert on_record(by_the_clock) == undisturbed(twin_engine, nurses())
    assert check_standings(by_the_clock) == (PEOPLE, [])


def test_a_chunk_that_missed_its_instant_is_written_again_under_the_lock(by_the_clock, twin_engine, monkeypatch):
    under_the_lock, open_files = [], opening.open_files

    def counted(work, openings):
        under_the_lock.append(len(openings))
        return open_files(work, openings)

    with monkeypatch.context() as patched:
        # Each chunk is foreseen to be written at once.
        patched.setattr(opening._Foresight, "of", lambda _self, _people: timedelta())
        patched.setattr(opening, "open_files", counted)
        assert counts(imported(by_the_clock, "practitioners", nurses())) == (24, 0, 0, 0)
    assert sum(under_the_lock) == PEOPLE
    assert on_record(by_the_clock) == undisturbed(twin_engine, nurses())


def test_a_division_corrected_while_a_chunk_is_written_is_in_its_standings(by_the_clock, monkeypatch):
    learn = opening._Foresight.learn

    def corrected(self, people, seconds):
        learn(self, people, seconds)
        monkeypatch.setattr(opening._Foresight, "learn", learn)
        with by_the_clock.work() as work:
            change_institution(work, "H15040200001", expected_version=None, changes={"region": "150404"})

    monkeypatch.setattr(opening._Foresight, "learn", corrected)
    assert counts(imported(by_the_clock, "practitioners", nurses(4))) == (8, 0, 0, 0)
    assert check_standings(by_the_clock) == (4, [])


def test_somebody_registered_after_a_chunk_was_laid_out_is_left(by_the_clock, monkeypatch):
    prepare = running.prepare_chunk

    def overtaken(work, *given):
        prepared = prepare(work, *given)
        monkeypatch.setattr(running, "prepare_chunk", prepare)
        with by_the_clock.work() as other:
            register_practitioner(
                other, name="护士0", category="nurse", code="N150402000000", registered_on=date(2025, 1, 1)
            )
        return prepared

    monkeypatch.setattr(running, "prepare_chunk", overtaken)
    done = imported(by_the_clock, "practitioners", nurses())
    assert (done.state, done.created, done.changed) == ("done", 22, 2)
    assert check_standings(by_the_clock) == (PEOPLE, [])


_WORKER = """
import sys
from dataclasses import replace
from database_addresses import application_engine
from scoring_service.services.imports import kinds
from scoring_service.services.imports.running import run_waiting
import import_world
kinds.KINDS["practitioners"] = replace(kinds.KINDS["practitioners"], chunk_rows=4)
run_waiting(import_world.opened(application_engine(sys.argv[1])))
"""


@pytest.mark.soak
def test_kill_9_at_any_point(service, fresh_url, twin_engine):
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
    assert on_record(service) == undisturbed(twin_engine, nurses(400))
    before = whole(service)
    assert counts(imported(service, "practitioners", nurses(400))) == (0, 0, 800, 0)
    assert whole(service) == before
