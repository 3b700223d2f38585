"""Approving cases of one finding over HTTP by eight clients, beside pgbench's TPC-B on the same server."""

import http.client
import re
import subprocess
import threading
import time
from datetime import date, timedelta
from statistics import median

from sqlalchemy import make_url, text

from bench.stage import Stage
from bench.world import code_of, institution_of
from scoring_service.db.engine import make_owner_engine
from scoring_service.db.tables import accounts
from scoring_service.runtime.embedded import BIN
from scoring_service.services.cases.case import Handling
from scoring_service.services.cases.drafting import draft, submit
from scoring_service.services.cases.findings import Finding
from scoring_service.services.unit_of_work.actor import Actor

CLIENTS = 8
CASES = 240
RUNS = 3
SECONDS = 8
SCALE = 10


def measure(on: Stage) -> None:
    prepare_pgbench(on)
    ours, theirs = [], []
    approvals_a_second(on, submitted(on, RUNS))  # Not counted: each worker compiles its statements once.
    for run in range(RUNS):
        theirs.append(pgbench(on))
        ours.append(approvals_a_second(on, submitted(on, run)))
    ratios = sorted(one / other for one, other in zip(ours, theirs, strict=True))
    print(f"approvals, {CLIENTS} clients: {median(ours):,.0f} a second")
    print(f"pgbench, {CLIENTS} clients, scale {SCALE}: {median(theirs):,.0f} transactions a second")
    print(f"ratio: {median(ratios):.3f} (from {ratios[0]:.3f} to {ratios[-1]:.3f})")


def prepare_pgbench(on: Stage) -> None:
    owner = make_owner_engine(on.database_url).execution_options(isolation_level="AUTOCOMMIT")
    with owner.connect() as conn:
        conn.execute(text("CREATE DATABASE pgbench"))
    owner.dispose()
    run_pgbench(on, "--initialize", f"--scale={SCALE}", "--quiet")


def pgbench(on: Stage) -> float:
    told = run_pgbench(on, f"--client={CLIENTS}", f"--time={SECONDS}", "--protocol=prepared")
    found = re.search(r"tps = ([0-9.]+)", told)
    return float(found.group(1)) if found else 0.0


def run_pgbench(on: Stage, *options: str) -> str:
    address = make_url(on.database_url)
    host = address.host or str(address.query.get("host"))
    where = [f"--host={host}", f"--username={address.username}"]
    if port := address.port or address.query.get("port"):
        where.append(f"--port={port}")
    done = subprocess.run(
        [BIN / "pgbench", *where, *options, "pgbench"], capture_output=True, text=True, check=True
    )
    return done.stdout


def submitted(on: Stage, run: int) -> list[str]:
    """Cases that wait for approval, one finding each, on people of their own."""
    with on.service.engine.connect() as conn:
        row = conn.execute(accounts.select().where(accounts.c.username == "clerk")).one()
    clerk = Actor(account_id=row.id, username="clerk", staff_no=row.staff_no, roles=frozenset(row.roles))
    decided_on = date.fromisoformat("2026-01-05") + timedelta(days=run)
    return [submit_one(on, clerk, 1000 + run * CASES + number, decided_on) for number in range(CASES)]


def submit_one(on: Stage, clerk: Actor, number: int, decided_on: date) -> str:
    handling = Handling(
        kind="penalty", authority="医疗保障局", document_no=f"测〔{number}〕号", decided_on=decided_on
    )
    finding = Finding(practitioner=code_of(number), item="overtreatment", degree="main", points=5)
    with on.service.work(clerk) as work:
        case = draft(
            work,
            institution=institution_of(number),
            handling=handling,
            summary="检查发现",
            findings=[finding],
        )
        submit(work, case.id)
    return case.id


def approvals_a_second(on: Stage, cases: list[str]) -> float:
    headers = {"Authorization": f"Bearer {on.tokens['reviewer']}", "Content-Type": "application/json"}
    failed: list[bytes] = []

    def approve(client: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", on.port)
        for case in cases[client::CLIENTS]:
            connection.request("POST", f"/api/v1/cases/{case}/approve", "{}", headers)
            answer = connection.getresponse()
            read = answer.read()
            if answer.status != 200:
                failed.append(read[:300])
        connection.close()

    threads = [threading.Thread(target=approve, args=(client,)) for client in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise SystemExit(repr(failed[0]))
    return len(cases) / (time.perf_counter() - began)
