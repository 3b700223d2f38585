"""Normal traffic beside slow clients: `python -m bench.slow_clients [COUNT]`.

A quarter of them each: half a line of headers; half a body, a byte now and then; a large answer that is not read;
a connection that asks once and then waits. A client that the service closes comes back at once.
"""

import http.client
import json
import random
import socket
import sys
import threading
import time
from collections import Counter

from bench.stage import Stage, stage, unwind_when_stopped
from bench.world import code_of, institution_of

PEOPLE = 10_000
COUNT = 500
SECONDS = 60
CLIENTS = 4
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 30
READER_SECONDS = 20
LARGE = "/api/docs/swagger-ui-bundle.js"


def main() -> None:
    unwind_when_stopped()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with stage(PEOPLE) as on:
        told("alone", traffic(on, SECONDS / 4))
        slow = SlowClients(on.port, count)
        slow.start()
        time.sleep(2)
        told(f"beside {count} slow clients", traffic(on, SECONDS))
        print(f"  closed by the service meanwhile: {dict(slow.closed)}")
        slow.stop()


class SlowClients(threading.Thread):
    """`count` connections that are kept slow, each made anew when the service closes it."""

    def __init__(self, port: int, count: int) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._kinds = [("headers", "body", "reader", "idle")[number % 4] for number in range(count)]
        self._held: list[socket.socket | None] = [None] * count
        self._leaving = threading.Event()
        self.closed: Counter[str] = Counter()

    def run(self) -> None:
        renewed = time.monotonic()
        while not self._leaving.is_set():
            for number, kind in enumerate(self._kinds):
                self._held[number] = self._kept(kind, self._held[number])
            # Who does not read does not notice either that nobody is there any more.
            if time.monotonic() > renewed + READER_SECONDS:
                renewed = time.monotonic()
                self._drop("reader")
            self._leaving.wait(1)

    def stop(self) -> None:
        self._leaving.set()
        self.join()
        for kind in _BEGINNINGS:
            self._drop(kind)

    def _drop(self, kind: str) -> None:
        for number, held in enumerate(self._held):
            if held is not None and self._kinds[number] == kind:
                held.close()
                self._held[number] = None

    def _kept(self, kind: str, held: socket.socket | None) -> socket.socket | None:
        try:
            if held is None:
                return self._opened(kind)
            if kind == "body":
                held.sendall(b" ")
            if kind in {"headers", "idle"} and held.recv(65536) == b"":
                raise ConnectionResetError
        except BlockingIOError:
            return held
        except OSError:
            if held is not None:
                held.close()
                self.closed[kind] += 1
            return None
        return held

    def _opened(self, kind: str) -> socket.socket:
        made = socket.socket()
        if kind == "reader":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        made.settimeout(1)
        made.connect(("127.0.0.1", self._port))
        made.sendall(_BEGINNINGS[kind])
        made.setblocking(False)
        return made


_BEGINNINGS = {
    "headers": b"POST /api/v1/auth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "body": b"POST /api/v1/auth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 500\r\n\r\n{"username": ',
    "reader": f"GET {LARGE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode(),
    "idle": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}


def traffic(on: Stage, seconds: float) -> list[float]:
    """Seconds that each request of normal clients took, the connection included; a failed one counts as for ever."""
    took: list[float] = []
    until = time.monotonic() + seconds
    clients = [
        threading.Thread(target=client, args=(on, random.Random(seed), until, took))
        for seed in range(CLIENTS)
    ]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    return took


def client(on: Stage, chance: random.Random, until: float, took: list[float]) -> None:
    while time.monotonic() < until:
        began = time.perf_counter()
        took.append(time.perf_counter() - began if asked(on, chance) else float("inf"))
        time.sleep(PAUSE_SECONDS)


def asked(on: Stage, chance: random.Random) -> bool:
    """Ask one question on a connection of its own: every other one by GET, every other one with a body."""
    number = chance.randint(1, PEOPLE)
    headers = {"Authorization": f"Bearer {on.tokens['settlement']}", "Content-Type": "application/json"}
    question = {"ref": code_of(number), "service_time": "2025-06-02", "institution": institution_of(number)}
    connection = http.client.HTTPConnection("127.0.0.1", on.port, timeout=PATIENCE_SECONDS)
    try:
        if number % 2:
            connection.request(
                "POST", "/api/v1/eligibility/batch", json.dumps({"checks": [question]}), headers
            )
        else:
            query = f"service_time=2025-06-02&institution={question['institution']}"
            connection.request("GET", f"/api/v1/eligibility/{question['ref']}?{query}", headers=headers)
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return False
    finally:
        connection.close()
    return answer.status == 200


def told(what: str, took: list[float]) -> None:
    took.sort()
    failed = took.count(float("inf"))
    middle, late = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(
        f"{what}: {len(took)} requests, {failed} failed, median {middle * 1000:.1f} ms, p99 {late * 1000:.1f} ms"
    )


if __name__ == "__main__":
    main()
