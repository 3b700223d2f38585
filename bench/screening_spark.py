"""A national day screened on Spark: verdicts on two workers against Spark's own scan of the same file, in one session.

    python -m bench.screening_spark [--people 1000000] [--lines 28000000] [--master 'local-cluster[2,1,2048]']

The pack and the claims are those of bench.national_day. Needs `make .venv/.installed-spark` and Java 17.
"""

import argparse
import json
import shutil
import tempfile
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from bench.national_day import write_day, write_pack
from bench.screening import NoRecord, measured
from scoring_service.screening import spark
from scoring_service.screening.pack import SCHEMAS, Pack
from scoring_service.screening.screen import Run
from scoring_service.screening.spark import screen_on_spark, started


def scan(session: Any, claims: Path) -> None:
    """Read every column of every line, and throw it away."""
    session.read.parquet(str(claims)).write.format("noop").mode("overwrite").save()


def rewrite(session: Any, claims: Path, out: Path) -> None:
    session.read.parquet(str(claims)).write.option("compression", "zstd").mode("overwrite").parquet(str(out))


def copied(pack: Pack, _service: object, folder: Path, _known_at: object) -> Pack:
    """In place of a pack made of a register: bench.screening measures that."""
    for name in SCHEMAS:
        shutil.copy(pack.table(name), folder)
    return Pack(folder=folder, manifest=pack.manifest)


def measure(folder: Path, people: int, lines: int, master: str) -> dict[str, Any]:
    figures: dict[str, Any] = {"people": people, "lines": lines, "master": master}
    (folder / "pack").mkdir()
    spark.make_pack = partial(copied, write_pack(folder / "pack", people))
    claims = folder / "claims.parquet"
    write_day(claims, people, lines)
    with started(master) as session:
        # The JVM is warm in the third.
        for turn in (1, 2, 3):
            with measured(f"scan, {turn}", lines, figures):
                scan(session, claims)
            with measured(f"scan and rewrite, {turn}", lines, figures):
                rewrite(session, claims, folder / "rewritten.parquet")
            for name, verdicts in (("verdicts", True), ("whole rows", False)):
                run = Run(claims=[claims], out=folder / f"{name}-{turn}.parquet", verdicts=verdicts)
                with measured(f"{name}, {turn}", lines, figures):
                    summary = screen_on_spark(NoRecord(), run, partial(nullcontext, session))
    figures["reasons"] = {name: total.lines for name, total in summary.by_reason.items()}
    return figures


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--people", type=int, default=1_000_000)
    asked.add_argument("--lines", type=int, default=28_000_000)
    asked.add_argument("--master", default="local-cluster[2,1,2048]")
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="screening-") as folder:
        print(json.dumps(measure(Path(folder), chosen.people, chosen.lines, chosen.master), indent=1))


if __name__ == "__main__":
    main()
