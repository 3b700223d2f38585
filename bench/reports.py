"""The statistics of a year of 25,000 decided cases on the populated country: its questions, and its reports as files.

`python -m bench.reports [PEOPLE]`; `make bench` measures them behind the pages.
"""

from __future__ import annotations

import http.client
import sys
import time
from datetime import UTC, datetime
from statistics import median

from bench.scored_year import add_year
from bench.stage import Stage, stage, unwind_when_stopped
from scoring_service.workbooks.writing import MEDIA_TYPES, Form

QUESTIONS = 15
REPORTS = 3
FORMS = {"XLSX": MEDIA_TYPES[Form.XLSX], "PDF": "application/pdf"}


def measure(on: Stage) -> None:
    """Print the median of each question about the year, and of each form of the yearly report."""
    year = datetime.now(UTC).year
    for name in (
        *(f"?year={year}", "/changes", "/breakdown", "/timeliness"),
        *("/institutions?sort=-points", "/institutions?sort=-sanctioned", "/institutions?sort=-ratio"),
    ):
        taken = sorted(timed(on, f"/statistics{name}", "application/json") for _ in range(QUESTIONS))
        print(f"statistics{name}: {median(taken) * 1000:.0f} ms (to {taken[-1] * 1000:.0f} ms)")
    for audience in ("full", "public"):
        for form, media_type in FORMS.items():
            path = f"/statistics/reports/yearly?period={year}&audience={audience}"
            taken = sorted(timed(on, path, media_type) for _ in range(REPORTS))
            print(f"yearly report, {audience}, {form}: {median(taken):.1f} s (to {taken[-1]:.1f} s)")


def timed(on: Stage, path: str, accept: str) -> float:
    """Seconds until the whole answer is there."""
    connection = http.client.HTTPConnection("127.0.0.1", on.port, timeout=120)
    headers = {"Authorization": f"Bearer {on.tokens['clerk']}", "Accept": accept}
    began = time.perf_counter()
    connection.request("GET", "/api/v1" + path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    taken = time.perf_counter() - began
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
    return taken


def main() -> None:
    unwind_when_stopped()
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with stage(people) as on:
        add_year(on.service, people, datetime.now(UTC).year)
        measure(on)


if __name__ == "__main__":
    main()
