"""Two servers with a scheduler each, on one database, through six months of the simulated clock."""

import http.client
import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from database_addresses import application_url
from jobs.job_world import at, office_on
from jobs.processes import ROOT, wait_until
from sqlalchemy import text

from scoring_service.services.accounts.opening import add_account
from scoring_service.services.jobs.catalogue import JOBS

BEGAN = date(2025, 10, 1)
PASSWORD = "six months of the simulated clock"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call(port, method, path, body=None, token=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    told = json.load(answer)
    connection.close()
    assert answer.status < 400, told
    return told


@contextmanager
def served(url, folder):
    """`serve` with its scheduler on a free port."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SCORING_")},
        "SCORING_DATABASE_URL": application_url(url),
        "SCORING_DATA_DIR": str(folder),
        "SCORING_DEMO": "off",
        "SCORING_PORT": str(port),
        "SCORING_WORKERS": "1",
        "SCORING_CLOCK": "simulated",
        "SCORING_CLOCK_START": at(BEGAN, 12).isoformat(),
    }
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "scoring_service", "serve"],
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
        try:
            wait_until(lambda: is_ready(port), "a server")
            yield port
        finally:
            process.terminate()
            process.wait(60)


def is_ready(port):
    try:
        return call(port, "GET", "/readyz")["status"] == "ready"
    except (OSError, AssertionError):
        return False


@pytest.mark.soak
def test_every_job_runs_once_for_each_of_its_periods(fresh_url, fresh_engine, tmp_path):
    office = office_on(fresh_engine, BEGAN)
    for points in (3, 9, 10, 12, 5):
        office.score(office.person(), points, date(2025, 9, 10))
    with office.work() as work:
        add_account(work, username="mover", roles=["office.admin"], staff_no="S-mover", password=PASSWORD)
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    keys = {"secret_key": "s" * 48, "identity_key": "k" * 48}
    for folder in folders:
        (folder / "keys.json").write_text(json.dumps(keys), encoding="utf-8")
    with served(fresh_url, folders[0]) as one, served(fresh_url, folders[1]) as other:
        token = call(one, "POST", "/api/v1/auth/token", {"username": "mover", "password": PASSWORD})[
            "access_token"
        ]
        for step in range(1, 27):
            port = one if step % 2 else other
            to = at(BEGAN + timedelta(days=7 * step), 9).isoformat()
            call(port, "PUT", "/api/v1/clock", {"now": to}, token)
    days = [(BEGAN + timedelta(days=offset)).isoformat() for offset in range(7 * 26 + 1)]
    for job in JOBS:
        runs = office.runs(job.name)
        assert [(row.period, row.state) for row in runs] == [
            (day, "done") for day in (["2025"] if job.yearly else days)
        ]
    announced = [
        (row.kind, row.practitioner_id, row.detail["from"])
        for row in office.events("sanction_began", "sanction_ended")
    ]
    assert len(announced) == len(set(announced)) == 5
    assert len(office.notices("year_statement")) == 10
    with fresh_engine.connect() as conn:
        numbers = conn.execute(text("SELECT count(*), max(number) FROM events")).one()
    assert numbers[0] == numbers[1]
