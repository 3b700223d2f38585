"""Every list, search and statistic over HTTP on the populated country: the median of a page's time."""

import http.client
import json
import time
from statistics import median

from bench.stage import Stage
from bench.world import code_of, institution_of

ROUNDS = 15


def measure(on: Stage) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", on.port)
    headers = {"Authorization": f"Bearer {on.tokens['clerk']}", "Content-Type": "application/json"}
    for name, method, path, body in requests():
        times = sorted(timed(connection, method, path, body, headers) for _ in range(ROUNDS))
        print(f"{name}: {median(times) * 1000:.0f} ms (to {times[-1] * 1000:.0f} ms)")
    connection.close()


def requests() -> list[tuple[str, str, str, str | None]]:
    person = code_of(4_321)
    return [
        ("list of people", "GET", "/practitioners?limit=50", None),
        ("an institution's people", "GET", f"/practitioners?institution={institution_of(4_321)}", None),
        ("suspended people", "GET", "/practitioners?status=suspended", None),
        ("people near the threshold", "GET", "/practitioners?near_threshold=3", None),
        ("search by name", "POST", "/practitioners/search", json.dumps({"name": "医师4321"})),
        ("search by code", "POST", "/practitioners/search", json.dumps({"code": person})),
        ("a person's file", "GET", f"/practitioners/{person}/file", None),
        ("list of institutions", "GET", "/institutions?limit=50", None),
        ("list of cases", "GET", "/cases?state=approved", None),
        ("list of notices", "GET", "/notices", None),
        ("events", "GET", "/events?after=0&limit=100", None),
        ("statistics of a year", "GET", "/statistics?year=2026", None),
    ]


def timed(
    connection: http.client.HTTPConnection, method: str, path: str, body: str | None, headers: dict[str, str]
) -> float:
    began = time.perf_counter()
    connection.request(method, "/api/v1" + path, body, headers)
    answer = connection.getresponse()
    read = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{method} {path}: {answer.status} {read[:300]!r}")
    return time.perf_counter() - began
