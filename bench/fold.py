"""The fold: a million entries of three hundred thousand files, trace included, in one process."""

import random
import time
from datetime import date, datetime, timedelta
from statistics import median

from scoring_service.clock import SHANGHAI
from scoring_service.core.entries import Entry, Score
from scoring_service.core.fold import fold
from scoring_service.core.rulebook import Degree, Rulebook
from scoring_service.law.rulebooks import Rulebooks

FILES = 300_000
DISTINCT_FILES = 3_000
ENTRIES = 1_000_000
RUNS = 3


def measure() -> None:
    files = make_files(random.Random(7))
    entries = sum(map(len, files)) * (FILES // DISTINCT_FILES)
    seconds = sorted(fold_all(files) for _ in range(RUNS))
    print(f"fold of {entries:,} entries of {FILES:,} files: {median(seconds):.1f} s")


def fold_all(files: list[list[Entry]]) -> float:
    began = time.perf_counter()
    for _ in range(FILES // DISTINCT_FILES):
        for entries in files:
            fold(entries)
    return time.perf_counter() - began


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
        recorded_at=datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI),
        rulebook=rulebook,
        points=chance.choice((1, 1, 2, 2, 3, 4, 5, 6, 9)),
        decided_on=day,
        finding=str(seq),
        item="overtreatment",
        degree=Degree.GENERAL,
    )
