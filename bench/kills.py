"""Killed under load: `python -m bench.kills [COUNT]`.

Eight clients approve cases over HTTP while workers, the scheduler and the embedded PostgreSQL are killed (SIGKILL) at
random. Afterwards every approval that was acknowledged is there once, and the ledger and the cache prove themselves.
"""

import http.client
import json
import queue
import random
import sys
import threading
import time
from collections import Counter
from datetime import date

import psutil
from sqlalchemy import text

from bench.approvals import submit_one
from bench.stage import Stage, stage, unwind_when_stopped
from scoring_service.db.tables import accounts
from scoring_service.runtime.embedded import EmbeddedServer
from scoring_service.services.standing.proof import check_standings, rebuild, verify_ledger
from scoring_service.services.unit_of_work.actor import Actor

PEOPLE = 3_000
FIRST = 1_000
CASES = 900
COUNT = 22
CLIENTS = 8
PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 60
DECIDED_ON = date(2026, 1, 5)


def main() -> None:
    unwind_when_stopped()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with stage(PEOPLE) as on:
        # The world of the benchmarks writes its cache without a ledger behind it.
        rebuild(on.service)
        cases: queue.SimpleQueue[str] = queue.SimpleQueue()
        for case in submitted(on):
            cases.put(case)
        clients = Clients(on, cases)
        clients.start()
        killed, longest = kill(on, count, random.Random(7))
        clients.stop()
        told(on, clients, killed, longest)


def submitted(on: Stage) -> list[str]:
    with on.service.engine.connect() as conn:
        row = conn.execute(accounts.select().where(accounts.c.username == "clerk")).one()
    clerk = Actor(account_id=row.id, username="clerk", staff_no=row.staff_no, roles=frozenset(row.roles))
    return [submit_one(on, clerk, FIRST + number, DECIDED_ON) for number in range(CASES)]


class Clients:
    """Threads that approve one case after another, each again and again until it is answered."""

    def __init__(self, on: Stage, cases: "queue.SimpleQueue[str]") -> None:
        self._on = on
        self._cases = cases
        self._leaving = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]
        self.acknowledged: list[str] = []
        self.found_done: list[str] = []
        self.refused: Counter[str] = Counter()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._leaving.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._leaving.is_set():
            try:
                case = self._cases.get_nowait()
            except queue.Empty:
                return
            self._settle(case)
            time.sleep(PAUSE_SECONDS)

    def _settle(self, case: str) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            status = self._ask(case)
            if status == "200":
                self.acknowledged.append(case)
                return
            if status == "409":
                self.found_done.append(case)
                return
            self.refused[status] += 1
            time.sleep(PAUSE_SECONDS)

    def _ask(self, case: str) -> str:
        headers = {
            "Authorization": f"Bearer {self._on.tokens['reviewer']}",
            "Content-Type": "application/json",
        }
        connection = http.client.HTTPConnection("127.0.0.1", self._on.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("POST", f"/api/v1/cases/{case}/approve", "{}", headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return "no answer"
        finally:
            connection.close()
        return str(answer.status)


def kill(on: Stage, count: int, chance: random.Random) -> tuple[Counter[str], float]:
    """Kill `count` times; return what was killed, and the longest time until the service was ready again."""
    killed: Counter[str] = Counter()
    longest = 0.0
    for _ in range(count):
        time.sleep(chance.uniform(1, 3))
        kind, victim = chance.choice(victims(on))
        victim.kill()
        killed[kind] += 1
        began = time.monotonic()
        while not is_ready(on):
            if time.monotonic() - began > PATIENCE_SECONDS:
                raise SystemExit(f"not ready again after a {kind} was killed")
            time.sleep(0.1)
        longest = max(longest, time.monotonic() - began)
    return killed, longest


def victims(on: Stage) -> list[tuple[str, psutil.Process]]:
    children = psutil.Process(on.server_pid).children()
    found = [("scheduler" if "scheduler" in each.cmdline() else "worker", each) for each in children]
    postmaster = EmbeddedServer(data_dir=on.service.settings.data_dir)._running()  # noqa: SLF001 -- to be killed
    return found + ([("postmaster", postmaster)] if postmaster else [])


def is_ready(on: Stage) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", on.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status == 200 and json.load(answer)["status"] == "ready"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def told(on: Stage, clients: Clients, killed: Counter[str], longest: float) -> None:
    print(f"{killed.total()} kills: {dict(killed)}; ready again after at most {longest:.1f} s")
    print(
        f"{len(clients.acknowledged)} approvals acknowledged; {len(clients.found_done)} found done when asked again"
    )
    print(f"  meanwhile, and asked again: {dict(clients.refused)}")
    scores = text(
        "SELECT count(*), count(DISTINCT practitioner_id) FROM entries WHERE kind = 'score' AND decided_on = :day"
    )
    approved = text("SELECT id::text FROM cases WHERE state = 'approved'")
    with on.service.engine.connect() as conn:
        entries, people = conn.execute(scores, {"day": DECIDED_ON}).one()
        done = set(conn.execute(approved).scalars())
    lost = set(clients.acknowledged + clients.found_done) - done
    print(f"lost {len(lost)}; entries {entries} of {people} people; cases approved {len(done)}")
    files, misfits = verify_ledger(on.service)
    checked, differing = check_standings(on.service)
    print(
        f"ledger: {files} files, {len(misfits)} misfits; standings: {checked} files, {len(differing)} differ"
    )
    if lost or misfits or differing or not len(done) == entries == people:
        raise SystemExit("an approval was lost or doubled")


if __name__ == "__main__":
    main()
