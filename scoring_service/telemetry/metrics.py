"""Counters for Prometheus, summed over the worker processes when PROMETHEUS_MULTIPROC_DIR is set."""

import functools
import os
from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from scoring_service.telemetry.counter_files import reserve_counter_files

reserve_counter_files()

REQUESTS = Counter("scoring_requests_total", "Requests by route", ["method", "route", "status"])
SECONDS = Histogram(
    "scoring_request_seconds",
    "Time to answer",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
UNRECORDED = Counter(
    "scoring_unrecorded_total", "Looks and refusals told that the full disk had no room to record", ["what"]
)
# Read from the database at each scrape, so the newest value of any worker holds.
LEDGER_MISFITS = Gauge(
    "scoring_ledger_misfits", "Misfits that the last ledger check found", multiprocess_mode="mostrecent"
)
JOBS_FAILED = Gauge(
    "scoring_jobs_failed", "Runs of jobs that stand as failed", multiprocess_mode="mostrecent"
)
REMINDERS_FAILING = Gauge(
    "scoring_reminders_failing", "Reminders that wait after a failed try", multiprocess_mode="mostrecent"
)
ARCHIVE_FAILING = Gauge(
    "scoring_archive_failing", "1 while the write-ahead log is not archived", multiprocess_mode="mostrecent"
)
CONTENT_TYPE = CONTENT_TYPE_LATEST
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request; unheard-of methods share a label, so that strangers cannot grow it."""
    counter, histogram = _children(method if method in METHODS else "other", route, status)
    counter.inc()
    histogram.observe(seconds)


@functools.cache
def _children(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, status), SECONDS.labels(route)


def exposition() -> bytes:
    """The text of `/metrics`."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


ELIGIBILITY = Counter("scoring_eligibility_answers_total", "Eligibility answers by reason", ["reason"])
_answered = functools.cache(ELIGIBILITY.labels)


def count_answer(reason: str) -> None:
    """Count one eligibility answer by its reason; payable answers are counted here and recorded nowhere."""
    _answered(reason).inc()


def count_answers(reasons: Iterable[str]) -> None:
    """Count the answers of one call as `count_answer` does."""
    for reason, count in Tally(reasons).items():
        _answered(reason).inc(count)
