"""Claim files screened: lines a second against the engine's own scan and rewrite of the same file.

    python -m bench.screening [--people 1000000] [--lines 4000000] [--csv-lines 1000000]

Needs no database: the pack is made of profiles as the register keeps them, 20,000 of a million with a sanction.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv as arrow_csv

from scoring_service.core.registry import Affiliation, Profile, Registration
from scoring_service.core.rulebook import Ground
from scoring_service.core.sanctions import Sanction, SanctionKind
from scoring_service.core.standing import Span
from scoring_service.db.eligibility import KnownInstitution
from scoring_service.db.screening import KnownPerson
from scoring_service.law.rulebooks import Rulebooks
from scoring_service.screening import screen as screening
from scoring_service.screening.judging import Judges
from scoring_service.screening.pack import Filling, Manifest, Pack, Tables
from scoring_service.screening.screen import Run, screen

FIRST, INSTITUTIONS, SANCTIONED = date(2025, 1, 1), 2_000, 50
OWN = ("line_id", "bilg_dr_code", "fixmedins_code", "fee_ocur_time", "emergency", "det_item_fee_sumamt")
HEADINGS = (*OWN, "item_name")


def person(number: int) -> KnownPerson:
    """A doctor at one hospital; one in fifty with a suspension."""
    place = Affiliation(hospital(number), "150402", Span(FIRST, None))
    start = FIRST + timedelta(days=number % 300)
    sanction = Sanction(
        kind=SanctionKind.SUSPENSION, ground=Ground.SINGLE, start=start, until=start + timedelta(days=120),
        year=2025, imposed_months=4, floor_from=start, state_until=None, on_application=True,
    )  # fmt: skip
    profile = Profile(
        registrations=(Registration("doctor", Span(FIRST, None)),),
        affiliations=(place,),
        sanctions=(sanction,) if number % SANCTIONED == 0 else (),
    )
    ref = f"{number:08x}-0000-4000-8000-000000000000"
    return KnownPerson(ref, (ref, doctor(number)), profile)


def doctor(number: int) -> str:
    return f"D150402{number:06d}" if number < 1_000_000 else f"D15{number:010d}"


def hospital(number: int) -> str:
    return f"H1504{number % INSTITUTIONS:07d}"


def write_pack(folder: Path, people: int) -> Pack:
    agreement = (Span(FIRST, None),)
    places = (KnownInstitution(code=hospital(n), kind="hospital", agreements=agreement) for n in range(INSTITUTIONS))
    with Tables(folder) as tables:
        Filling(tables, Rulebooks.load(), places).add_people(map(person, range(people)))
    return Pack(folder=folder, manifest=Manifest(known_at="", last_change=0, digest="", rows=tables.rows))


def write_claims(folder: Path, people: int, lines: int, csv_lines: int) -> None:
    """The same lines as Parquet, and the first of them as CSV in UTF-8 and in GB18030."""
    rng, made = Random("claims"), folder / "claims.parquet"
    writer: pq.ParquetWriter | None = None
    for start in range(0, lines, 500_000):
        count = min(500_000, lines - start)
        numbers = [rng.randrange(people) for _ in range(count)]
        columns = [
            pa.array(range(start, start + count)),
            pa.array([doctor(number) for number in numbers]),
            pa.array([hospital(number) for number in numbers]),
            pa.array([f"{FIRST + timedelta(days=rng.randrange(365))} 09:{rng.randrange(60):02d}:00" for _ in numbers]),
            pa.array([int(rng.random() < 0.05) for _ in numbers]),
            pa.array([f"{rng.randrange(1, 90000) / 100:.2f}" for _ in numbers]),
            pa.array(["阿莫西林胶囊" if number % 2 else "血常规" for number in numbers]),
        ]  # fmt: skip
        table = pa.table(columns, names=HEADINGS)
        writer = writer or pq.ParquetWriter(made, table.schema, compression="zstd", compression_level=1)
        writer.write_table(table)
    if writer is not None:
        writer.close()
    some = pq.ParquetFile(made).read().slice(0, csv_lines)
    options = arrow_csv.WriteOptions(quoting_style="none")
    arrow_csv.write_csv(some, folder / "claims.csv", options)
    (folder / "claims_gb.csv").write_bytes((folder / "claims.csv").read_text(encoding="utf-8").encode("gb18030"))


@contextmanager
def measured(name: str, lines: int, figures: dict[str, Any]) -> Iterator[None]:
    begun, spent = time.perf_counter(), time.process_time()
    yield
    seconds, spent = time.perf_counter() - begun, time.process_time() - spent
    figures[name] = {"seconds": round(seconds, 2), "processor_seconds": round(spent, 2)}
    figures[name]["lines_per_s"] = round(lines / seconds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    pace = f"{lines / seconds:,.0f}/s, processor {spent:.2f} s"
    print(f"{name}: {lines:,} in {seconds:.2f} s, {pace}, peak so far {peak} MB", flush=True)


class NoRecord:
    """In place of the service: what a run would put on record is no part of the measure."""

    def work(self) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        pass

    def audit(self, *_act: object, **_detail: object) -> None:
        pass


def rewrite(source: Path, out: Path) -> None:
    form = "(FORMAT parquet, COMPRESSION zstd)" if out.suffix == ".parquet" else "(FORMAT csv)"
    reader = "read_parquet" if source.suffix == ".parquet" else "read_csv"
    everything = ", all_varchar = true" if reader == "read_csv" else ""
    with duckdb.connect() as engine:
        engine.execute(f"COPY (FROM {reader}('{source}'{everything})) TO '{out}' {form}")


def measure(folder: Path, people: int, lines: int, csv_lines: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"people": people, "lines": lines, "csv_lines": csv_lines}
    (folder / "pack").mkdir()
    with measured("profiles to pack", people, figures):
        pack = write_pack(folder / "pack", people)
    write_claims(folder, people, lines, csv_lines)
    measure_runs(folder, pack, figures)
    return figures


def measure_runs(folder: Path, pack: Pack, figures: dict[str, Any]) -> None:
    """Screen what lies in the folder; each run reads and checks the pack first, which is measured by itself too."""
    lines, csv_lines = figures["lines"], figures["csv_lines"]
    screening.make_pack = lambda *_asked: pack
    with measured("pack loaded and checked", lines, figures), Judges(pack):
        pass
    run = partial(screen, NoRecord())
    parquet, out = folder / "claims.parquet", folder / "out.parquet"
    with measured("scan and rewrite, Parquet", lines, figures):
        rewrite(parquet, out)
    with measured("verdicts, Parquet", lines, figures):
        run(Run(claims=[parquet], out=out, verdicts=True))
    with measured("whole rows, Parquet", lines, figures):
        summary = run(Run(claims=[parquet], out=out))
    for name in ("claims.csv", "claims_gb.csv"):
        if name == "claims.csv":
            with measured("scan and rewrite, CSV", csv_lines, figures):
                rewrite(folder / name, folder / "out.csv")
        with measured(f"whole rows, {name}", csv_lines, figures):
            run(Run(claims=[folder / name], out=folder / "out.csv"))
    figures["reasons"] = {name: total.lines for name, total in summary.by_reason.items()}


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--people", type=int, default=1_000_000)
    asked.add_argument("--lines", type=int, default=4_000_000)
    asked.add_argument("--csv-lines", type=int, default=1_000_000)
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="screening-") as folder:
        print(json.dumps(measure(Path(folder), chosen.people, chosen.lines, chosen.csv_lines), indent=1))


if __name__ == "__main__":
    main()
