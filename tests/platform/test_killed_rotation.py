"""`kill -9` of a rotation of keys, and of an import in the middle of it: both go on, and nobody is lost or doubled."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag
from imports.import_world import HOSPITALS, as_csv, counts, imported
from platform_serving import environment
from sqlalchemy import select, text
from test_key_rotation import add, code, kept, number, numbers_under, rotate

from scoring_service.db.locks import Lock, alone
from scoring_service.db.tables import imports, persons, practitioners
from scoring_service.identity import IdentityNumbers
from scoring_service.runtime.start import opened
from scoring_service.services.imports import kinds, requests
from scoring_service.services.imports.records import read_import
from scoring_service.services.imports.running import run_waiting
from scoring_service.services.standing.proof import check_standings
from scoring_service.settings import Settings

CHUNK, WRITTEN, BROUGHT = 4, 2, 24
# Works on what waits, and is killed as `kill -9` does it, before its third chunk is committed.
WORKER = f"""
import os, signal
from dataclasses import replace
from scoring_service.runtime.start import opened
from scoring_service.services.imports import kinds, running
from scoring_service.settings import Settings
kinds.KINDS["practitioners"] = replace(kinds.KINDS["practitioners"], chunk_rows={CHUNK})
write, written = running.write_chunk, []
def dies(*given):
    write(*given)
    written.append(given)
    if len(written) > {WRITTEN}:
        os.kill(os.getpid(), signal.SIGKILL)
running.write_chunk = dies
with opened(Settings.from_env()) as service:
    running.run_waiting(service)
"""


# Whoever changes a row of the persons waits until the test lets it.
GATE = 470_147
GATED = (
    f"""CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NEW; END $$""",
    "CREATE TRIGGER a_gate BEFORE UPDATE ON persons FOR EACH ROW EXECUTE FUNCTION wait_at_gate()",
)


def _rows():
    headings = ["人员代码", "证件号", "姓名", "类别", "登记日", "承诺书签署日", "机构代码", "执业起始日"]
    people = range(100, 100 + BROUGHT)
    return [headings, *([code(n), number(n), f"王{n}", "医师", "2025-01-01", "", "H15040200001", ""] for n in people)]


@pytest.fixture
def settings(fresh_url, tmp_path):
    return Settings(data_dir=tmp_path, database_url=fresh_url, demo="off")


@pytest.fixture
def run(settings):
    """A process of the service on the same database and folder."""

    def started(*arguments):
        own = environment(settings.data_dir, 1, SCORING_DATABASE_URL=settings.database_url)
        return subprocess.Popen([sys.executable, *arguments], env=own, stdout=subprocess.DEVNULL)

    return started


@pytest.fixture
def gate(owner):
    with owner.begin() as conn:
        for statement in GATED:
            conn.execute(text(statement))

    @contextmanager
    def closed():
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text(f"SELECT pg_advisory_lock({GATE})"))
            yield
            conn.execute(text(f"SELECT pg_advisory_unlock({GATE})"))

    return closed


def _wait(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def _reads(owner, key, column):
    """How many rows of a column of numbers a key reads, of how many."""
    numbers, read, rows = IdentityNumbers(key), 0, 0
    with owner.connect() as conn:
        for sealed in conn.execute(select(column)).scalars():
            rows += 1
            with suppress(InvalidTag):
                numbers.decrypt(sealed)
                read += 1
    return read, rows


def _rotation_has_ended(owner):
    with alone(owner, Lock.ROTATION) as is_alone:
        return is_alone


def _brought(service):
    with service.work() as work:
        given = {"filename": "people.csv", "content": as_csv(_rows()), "dry_run": False}
        return requests.upload(work, "practitioners", **given).id


def test_kill_9_of_a_rotation_and_of_an_import_in_its_middle(settings, owner, run, gate, monkeypatch):
    monkeypatch.setitem(kinds.KINDS, "practitioners", replace(kinds.KINDS["practitioners"], chunk_rows=CHUNK))
    with opened(settings) as service:
        imported(service, "institutions", HOSPITALS)
        for place in (1, 2, 3):
            add(service, place)
        import_id, before = _brought(service), kept(settings)["identity_key"]
        # The rotation seals the files anew, and then waits at the persons. An open transaction it would wait for before.
        with gate():
            rotating = run("-m", "scoring_service", "keys", "rotate")
            _wait(lambda: _reads(owner, before, practitioners.c.id_number_encrypted) == (0, 3))
            worker = run("-c", WORKER)
            assert worker.wait(60) == -signal.SIGKILL
            os.kill(rotating.pid, signal.SIGKILL)
            assert rotating.wait(10) == -signal.SIGKILL
        _wait(lambda: _rotation_has_ended(owner))
        after = kept(settings)["identity_key"]
        assert after != before
        assert _reads(owner, before, persons.c.id_number_encrypted) == (3, 3 + CHUNK * WRITTEN)
        with service.engine.connect() as conn:
            row = conn.execute(select(imports.c.state, imports.c.rows_done).where(imports.c.id == import_id)).one()
        assert row == ("writing", CHUNK * WRITTEN)

        said = rotate(settings)
        assert any("identity_key: the key before is forgotten" in line for line in said), said
        assert run_waiting(service) == 1
        with service.work() as work:
            done = read_import(work, import_id)
        assert (done.state, counts(done)) == ("done", (BROUGHT, 0, 0, 0))
        assert kept(settings)["identity_key"] == after
        assert len(numbers_under(owner, after)) == 3 + BROUGHT
        assert check_standings(service) == (3 + BROUGHT, [])
        assert counts(imported(service, "practitioners", _rows())) == (0, 0, BROUGHT, 0)
