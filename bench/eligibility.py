"""Eligibility over HTTP: one question beside an empty Flask endpoint, and batches of 10,000."""

import http.client
import json
import random
import sys
import threading
import time
from statistics import median

import psutil
from sqlalchemy import make_url

from bench.stage import Stage, free_port, requests_a_second, slowest_hundredth, started, wait_for
from bench.world import code_of, institution_of

RUNS = 3
SECONDS = 5
BATCH = 10_000
BATCHES = 24
# Enough for each worker to have one: which takes a connection is the system's choice.
CLIENTS = 6
MEGABYTE = 1024 * 1024

QUESTIONS = """
math.randomseed(7)
request = function()
  local n = math.random(1, {people})
  local code = string.format("D15%04d%06d", math.floor(n / 1000000), n % 1000000)
  local path = string.format(
    "/api/v1/eligibility/%s?service_time=2025-06-%02d&institution=H150402%05d", code, n % 28 + 1, n % 20000)
  return wrk.format("GET", path, {{["Authorization"] = "Bearer {token}"}})
end
"""
_DJANGO = """
math.randomseed(7)
request = function()
  local n = math.random(1, {people})
  local path = string.format("/D15%04d%06d", math.floor(n / 1000000), n % 1000000)
  return wrk.format("GET", path, {{["Authorization"] = "Token {token}"}})
end
"""
_NOTHING = 'request = function() return wrk.format("GET", "/") end'


def single(on: Stage, people: int) -> None:
    script = QUESTIONS.format(people=people, token=on.tokens["settlement"])
    ours, empty = [], []
    for _ in range(RUNS):
        empty.append(requests_a_second(_NOTHING, f"http://127.0.0.1:{on.empty_port}", SECONDS))
        ours.append(requests_a_second(script, f"http://127.0.0.1:{on.port}", SECONDS))
    ratios = sorted(one / other for one, other in zip(ours, empty, strict=True))
    print(f"one question, {people:,} people: {median(ours):,.0f} a second")
    print(f"an empty Flask endpoint: {median(empty):,.0f} a second")
    print(f"ratio: {median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f})")
    slowest = slowest_hundredth(script, f"http://127.0.0.1:{on.port}", SECONDS, connections=32)
    print(f"at 32 connections 99 of 100 within {slowest}")


def django(on: Stage, people: int) -> None:
    """Django REST framework with a token and one look-up, beside the empty endpoint."""
    port = free_port()
    own = {"BENCH_DATABASE_URL": on.database_url, "BENCH_PEOPLE": str(people)}
    script = _DJANGO.format(people=people, token="b" * 40)
    with started([sys.executable, "-m", "bench.django_server", str(port)], own):
        wait_for(port)
        rates, ratios = [], []
        for _ in range(RUNS):
            empty = requests_a_second(_NOTHING, f"http://127.0.0.1:{on.empty_port}", SECONDS)
            rates.append(requests_a_second(script, f"http://127.0.0.1:{port}", SECONDS))
            ratios.append(rates[-1] / empty)
    print(
        f"Django REST framework, a token and one look-up: {median(rates):,.0f} a second,"
        f" ratio {median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})"
    )


def batches(on: Stage, people: int) -> None:
    chance = random.Random(7)
    bodies = [body(chance, people) for _ in range(4)]
    host = str(make_url(on.database_url).query["host"]).lstrip("/")
    rates, bare = [], []
    for _ in range(RUNS):
        bare.append(checks_a_second(on.empty_port, f"/batch/{host}", {}, bodies, b'"results"'))
        asked = (on.port, "/api/v1/eligibility/batch", {"Authorization": f"Bearer {on.tokens['settlement']}"})
        rates.append(checks_a_second(*asked, bodies, b'"reason":"eligible"', each=True))
    ratios = sorted(one / other for one, other in zip(rates, bare, strict=True))
    print(f"batches of {BATCH:,}: {median(rates):,.0f} checks a second (from {min(rates):,.0f} to {max(rates):,.0f})")
    print(f"a bare look-up of as many: {median(bare):,.0f} a second")
    print(f"ratio: {median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f})")
    workers = psutil.Process(on.server_pid).children()
    # What the processes share (the copy of the present is mapped by each) is nobody's own.
    largest = max(worker.memory_full_info().uss for worker in workers) / MEGABYTE
    print(f"the largest process of the server afterwards: {largest:,.0f} MB")


def body(chance: random.Random, people: int) -> bytes:
    numbers = [chance.randint(1, people) for _ in range(BATCH)]
    checks = [
        {
            "ref": code_of(number),
            "service_time": f"2025-06-{number % 28 + 1:02d}",
            "institution": institution_of(number),
            "emergency": False,
        }
        for number in numbers
    ]
    return json.dumps({"checks": checks}).encode()


def checks_a_second(
    port: int, path: str, headers: dict[str, str], bodies: list[bytes], sign: bytes, *, each: bool = False
) -> float:
    """Lines answered in a second by all clients; an answer without its `sign` (`each`: for every line) fails."""
    failed = []

    def ask(client: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for number in range(BATCHES // CLIENTS):
            wanted = headers | {"Content-Type": "application/json"}
            connection.request("POST", path, bodies[(client + number) % 4], wanted)
            answer = connection.getresponse()
            read = answer.read()
            if answer.status != 200 or read.count(sign) != (BATCH if each else 1):
                failed.append(read[:300])
        connection.close()

    threads = [threading.Thread(target=ask, args=(client,)) for client in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise SystemExit(repr(failed[0]))
    return BATCHES * BATCH / (time.perf_counter() - began)
