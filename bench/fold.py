"""The fold: a million entries of three hundred thousand files, trace included, in one process.

`python -m bench.fold CHECKOUT` measures it beside the release that another checkout has, in turn and in processor time.
"""

import os
import random
import subprocess
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.entries import Entry, Score
from scoring_service.core.fold import fold
from scoring_service.core.rulebook import Degree, Rulebook
from scoring_service.law.rulebooks import Rulebooks

FILES = 300_000
DISTINCT_FILES = 3_000
ENTRIES = 1_000_000
RUNS = 3
PAIRS = 7
HERE = Path(__file__).parents[1]


def measure() -> None:
    files = make_files(random.Random(7))
    entries = sum(map(len, files)) * (FILES // DISTINCT_FILES)
    seconds = sorted(fold_all(files) for _ in range(RUNS))
    print(f"fold of {entries:,} entries of {FILES:,} files: {median(seconds):.1f} s")


def compare(other: Path) -> None:
    ours, theirs = [], []
    for _ in range(PAIRS):
        theirs.append(fold_under(other))
        ours.append(fold_under(HERE))
    ratios = sorted(this / that for this, that in zip(ours, theirs, strict=True))
    print(f"fold of {ENTRIES:,} entries, processor time: {median(ours):.1f} s, in {other}: {median(theirs):.1f} s")
    print(f"ratio: {median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f})")


def fold_under(checkout: Path) -> float:
    """The processor time of the fold in a process of its own, by the code of a checkout."""
    command = [sys.executable, str(Path(__file__)), "once"]
    process = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(checkout)}, capture_output=True, text=True, check=True
    )
    return float(process.stdout)


def fold_all(files: list[list[Entry]]) -> float:
    began = time.process_time()
    for _ in range(FILES // DISTINCT_FILES):
        for entries in files:
            fold(entries)
    return time.process_time() - began


def make_files(chance: random.Random) -> list[list[Entry]]:
    rulebook = Rulebooks.load().for_division("150402", date(2025, 1, 1))
    mean = ENTRIES / FILES
    counts = [int(mean) + (number % 3 == 0) for number in range(DISTINCT_FILES)]
    return [[score(chance, rulebook, seq) for seq in range(1, count + 1)] for count in counts]


def score(chance: random.Random, rulebook: Rulebook, seq: int) -> Score:
    day = date(2025, 1, 1) + timedelta(days=40 * seq + chance.randrange(40))
    return Score(
        id=str(seq),
        seq=seq,
        revision=seq,
        effective_on=day,
        recorded_at=datetime(day.year, day.month, day.day, 9, tzinfo=CIVIL_ZONE),
        rulebook=rulebook,
        points=chance.choice((1, 1, 2, 2, 3, 4, 5, 6, 9)),
        decided_on=day,
        finding=str(seq),
        item="overtreatment",
        degree=Degree.GENERAL,
    )


if __name__ == "__main__":
    if sys.argv[1] == "once":
        print(fold_all(make_files(random.Random(7))))
    else:
        compare(Path(sys.argv[1]))
