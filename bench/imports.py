"""`python -m bench.imports [PEOPLE]`: a country's file of practitioners beside questions about eligibility.

Told are the seconds of a dry run and of the import, the most memory of the process that works on it with its reader,
and the rate of `/eligibility` meanwhile, against the same without an import: one caller asks and waits for the answer,
so that the rate tells how long an answer takes. Callers who take all of the machine leave nothing to an import.
"""

import csv
import io
import random
import sys
import threading
import time
from contextlib import suppress

import psutil

from bench.eligibility import QUESTIONS
from bench.names import name_by
from bench.stage import Stage, requests_a_second, stage, unwind_when_stopped
from bench.world import INSTITUTIONS
from scoring_service.services.imports import requests
from scoring_service.services.imports.records import AT_WORK, Import, read_import

ON_RECORD = 50_000
SECONDS = 10
MEGABYTE = 1024 * 1024
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_HEADINGS = (
    "人员代码", "证件号", "姓名", "类别", "登记日", "承诺书签署日", "机构代码", "执业起始日",
    "执业类型", "执业类别", "执业范围", "专业技术职务",
)  # fmt: skip


def file_of(people: int) -> bytes:
    """A file of nurses who are not on record, each at a hospital that is."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(_HEADINGS)
    chance = random.Random(1)
    for number in range(people):
        place = f"H150402{number * INSTITUTIONS // people:05d}"
        rows.writerow(
            (
                f"N150402{number:06d}", _id_number(number), name_by(chance), "护士", "2025-01-01", "2024-12-20", place,
                "2025-01-01", "注册护士", "护理", "内科护理", "主管护师",
            )
        )  # fmt: skip
    return text.getvalue().encode("utf-8-sig")


def _id_number(number: int) -> str:
    day = f"1950{1 + number % 12:02d}{1 + number // 12 % 28:02d}"
    digits = f"150402{day}{number // 336 % 1000:03d}"
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11]


def measure(on: Stage, people: int) -> None:
    """Bring the file twice, as a dry run and to be written, and ask all the while."""
    content = file_of(people)
    sys.stdout.write(f"a file of {people:,} practitioners, {len(content) / MEGABYTE:.0f} MB\n")
    alone = _rate(on)
    for dry_run in (True, False):
        with on.service.work() as work:
            brought = requests.upload(work, "practitioners", filename="people.csv", content=content, dry_run=dry_run)
        rates, most, seconds, ended = _followed(on, brought.id)
        beside = sum(rates) / max(len(rates), 1)
        what = "dry run" if dry_run else "import"
        sys.stdout.write(
            f"{what}: {ended.state.value}, {ended.created:,} created, {seconds:.0f} s, {most:.0f} MB at most; "
            f"eligibility {alone:,.0f}/s alone, {beside:,.0f}/s beside it: {beside / alone:.2f}\n"
        )


def _rate(on: Stage) -> float:
    address = f"http://127.0.0.1:{on.port}"
    questions = QUESTIONS.format(people=ON_RECORD, token=on.tokens["settlement"])
    return requests_a_second(questions, address, SECONDS, connections=1)


def _followed(on: Stage, import_id: str) -> tuple[list[float], float, float, Import]:
    """Ask until the import rests; return the rates, the most megabytes of its process, the seconds, and its end."""
    began, ended = time.monotonic(), threading.Event()
    rates: list[float] = []

    def ask() -> None:
        while not ended.is_set():
            rate = _rate(on)
            if not ended.is_set():
                rates.append(rate)

    asking = threading.Thread(target=ask)
    asking.start()
    most = 0.0
    while (present := _read(on, import_id)).state in AT_WORK:
        most = max(most, _megabytes(on.server_pid))
        time.sleep(0.5)
    seconds = time.monotonic() - began
    ended.set()
    asking.join()
    return rates, most, seconds, present


def _read(on: Stage, import_id: str) -> Import:
    with on.service.work() as work:
        return read_import(work, import_id)


def _megabytes(server: int) -> float:
    """The memory of the scheduler under a server, with its children."""
    return sum(map(_bytes, psutil.Process(server).children(recursive=True))) / MEGABYTE


def _bytes(process: psutil.Process) -> int:
    """The memory of a process that works on imports; 0 of any other, and of one that has just ended."""
    with suppress(psutil.Error):
        words = " ".join(process.cmdline())
        if "scheduler" in words or "scoring_service.workbooks" in words:
            return int(process.memory_info().rss)
    return 0


def main() -> None:
    unwind_when_stopped()
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    with stage(ON_RECORD) as on:
        measure(on, people)


if __name__ == "__main__":
    main()
