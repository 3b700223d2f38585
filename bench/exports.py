"""The list of all people as a file over HTTP: seconds, bytes, and the memory that the server's processes reach."""

import http.client
import sys
import threading
import time

import psutil

from bench.stage import Stage, stage
from scoring_service.workbooks.writing import MEDIA_TYPES, Form

PIECE_BYTES = 1024 * 1024
LOOK_SECONDS = 0.2


def measure(on: Stage, people: int) -> None:
    """Export every person in each form, one after the other."""
    for form in Form:
        before, reached = _megabytes(on.server_pid), _Reached(on.server_pid)
        began = time.perf_counter()
        first, size = _export(on, form)
        took = time.perf_counter() - began
        print(
            f"{people} people as {form}: {took:.1f} s, first byte after {first:.1f} s, {size / 1e6:.1f} MB;"
            f" the largest process {before:.0f} MB before, {reached.most():.0f} MB at most"
        )


def _export(on: Stage, form: Form) -> tuple[float, int]:
    connection = http.client.HTTPConnection("127.0.0.1", on.port, timeout=900)
    headers = {"Authorization": f"Bearer {on.tokens['clerk']}", "Accept": MEDIA_TYPES[form]}
    began = time.perf_counter()
    connection.request("GET", "/api/v1/practitioners", headers=headers)
    answer = connection.getresponse()
    first, size = time.perf_counter() - began, 0
    while piece := answer.read(PIECE_BYTES):
        size += len(piece)
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{form}: {answer.status}")
    return first, size


class _Reached:
    """The memory of the server's largest process, looked at until it is asked for."""

    def __init__(self, server: int) -> None:
        self._server, self._most, self._ended = server, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self._most = max(self._most, _megabytes(self._server))

    def most(self) -> float:
        self._ended.set()
        self._thread.join()
        return self._most


def _megabytes(server: int) -> float:
    processes = [psutil.Process(server), *psutil.Process(server).children(recursive=True)]
    ours = [process for process in processes if "postgres" not in process.name()]
    return max(process.memory_info().rss for process in ours) / 1e6


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    with stage(count) as on_stage:
        measure(on_stage, count)
