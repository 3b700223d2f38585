"""Measure the fold, and the cost of the frame around a request: the server answering `/healthz`."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from scoring_service.core.entries import Score
from scoring_service.core.fold import fold
from scoring_service.core.rulebook import Degree
from scoring_service.rulebooks import Rulebooks

SECONDS = 3.0
CLIENTS = 8
ENTRIES = 20


def main() -> None:
    print(f"fold of {ENTRIES} entries: {folds_a_second():,.0f} a second on one core")
    with service() as port:
        print(f"GET /healthz, {CLIENTS} Python clients beside the server: {answers_a_second(port):,.0f} a second")


def folds_a_second() -> float:
    rulebook = Rulebooks.load().for_division("150402", date(2025, 1, 1))
    first = datetime(2025, 1, 2, tzinfo=UTC)
    entries = [
        Score(
            id=str(seq),
            seq=seq,
            revision=seq,
            effective_on=date(2025, 1, 1) + timedelta(days=30 * seq),
            recorded_at=first + timedelta(days=30 * seq),
            rulebook=rulebook,
            points=1 + seq % 4,
            decided_on=date(2025, 1, 1) + timedelta(days=30 * seq),
            finding=str(seq),
            item="any",
            degree=Degree.GENERAL,
        )
        for seq in range(1, ENTRIES + 1)
    ]
    count, end = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        fold(entries)
        count += 1
    return count / SECONDS


@contextmanager
def service() -> Iterator[int]:
    """A service of its own, without demo, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as folder:
        settings = {"SCORING_DATA_DIR": folder, "SCORING_PORT": str(port), "SCORING_DEMO": "off"}
        process = subprocess.Popen(
            [sys.executable, "-m", "scoring_service", "serve"],
            env=os.environ | settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(port, process)
            yield port
        finally:
            process.terminate()
            process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the service did not start")


def answers_a_second(port: int) -> float:
    counts = [0] * CLIENTS
    end = time.perf_counter() + SECONDS

    def ask(client: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.perf_counter() < end:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            counts[client] += 1
        connection.close()

    threads = [threading.Thread(target=ask, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


main()
