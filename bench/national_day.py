"""A day of a whole country screened: 28,000,000 lines to verdicts, by a pack of many people.

    python -m bench.national_day [--people 1000000] [--lines 28000000]

Needs no database. The day is made and the pack filled first; the process that is measured begins after that.
"""

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from bench.screening import INSTITUTIONS, SANCTIONED, NoRecord, hospital, person, rewrite
from scoring_service.core.standing import Span
from scoring_service.db.eligibility import KnownInstitution
from scoring_service.db.standing import stored_profile
from scoring_service.law.rulebooks import Rulebooks
from scoring_service.screening import screen as screening
from scoring_service.screening.pack import Filling, Manifest, Pack, Tables
from scoring_service.screening.screen import Run, screen

PEOPLE_AT_ONCE, ROWS_IN_A_GROUP = 200_000, 500_000
_CODE = "CASE WHEN n < 1000000 THEN 'D150402' || lpad(n::text, 6, '0') ELSE 'D15' || lpad(n::text, 10, '0') END"
_HOSPITAL = f"'H1504' || lpad((n % {INSTITUTIONS})::text, 7, '0')"
_PEOPLE = f"""
    SELECT lower(printf('%08x', n)) || '-0000-4000-8000-000000000000' AS id,
        replace(CASE WHEN n % {SANCTIONED} = 0 THEN $suspended ELSE $plain END, $place, {_HOSPITAL}) AS profile,
        '["' || {_CODE} || '"]' AS codes
    FROM range($first, $last) AS people(n)
"""
_CLAIMS = f"""
    SELECT line AS line_id, {_CODE} AS bilg_dr_code, {_HOSPITAL} AS fixmedins_code,
        (TIMESTAMP '2025-06-10' + to_seconds((hash(line, 2) % 86400)::bigint))::varchar AS fee_ocur_time,
        (hash(line, 3) % 20 = 0)::integer AS emergency,
        ((hash(line, 4) % 90000) / 100)::decimal(12, 2)::varchar AS det_item_fee_sumamt,
        CASE WHEN hash(line, 5) % 2 = 0 THEN '血常规' ELSE '阿莫西林胶囊' END AS item_name
    FROM (SELECT line, (hash(line, 1) % {{people}})::bigint AS n FROM range({{lines}}) AS lines(line))
"""


def write_pack(folder: Path, people: int) -> Pack:
    """Fill a pack as it is filled out of the database."""
    suspended, plain = (stored_profile(person(number).profile) for number in (0, 1))
    place = hospital(0)
    forms = {"suspended": suspended, "plain": plain.replace(hospital(1), place), "place": place}
    agreement = (Span(person(1).profile.registrations[0].span.start, None),)
    places = (KnownInstitution(code=hospital(n), kind="hospital", agreements=agreement) for n in range(INSTITUTIONS))
    with Tables(folder) as tables, duckdb.connect() as engine:
        filling = Filling(tables, Rulebooks.load(), places)
        for first in range(0, people, PEOPLE_AT_ONCE):
            bounds = {"first": first, "last": min(people, first + PEOPLE_AT_ONCE)}
            filling.add_unchanged(engine.sql(_PEOPLE, params=forms | bounds).to_arrow_table(), {})
    return Pack(folder=folder, manifest=Manifest(known_at="", last_change=0, digest="", rows=tables.rows))


def write_day(path: Path, people: int, lines: int) -> None:
    """Write the claims of a day."""
    with duckdb.connect() as engine:
        claims = _CLAIMS.format(people=people, lines=lines)
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_IN_A_GROUP}"
        engine.execute(f"COPY ({claims}) TO '{path}' ({options})")


def measure(folder: Path, pack: Pack, *, verdicts: bool) -> dict[str, Any]:
    """Screen the day."""
    screening.make_pack = lambda *_asked: pack
    begun, spent = time.perf_counter(), time.process_time()
    run = Run(claims=[folder / "claims.parquet"], out=folder / "out.parquet", verdicts=verdicts)
    summary = screen(NoRecord(), run)
    seconds, spent = time.perf_counter() - begun, time.process_time() - spent
    return {
        "seconds": round(seconds, 1),
        "processor_seconds": round(spent, 1),
        "lines_per_s": round(summary.lines / seconds),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "reasons": {name: total.lines for name, total in summary.by_reason.items()},
    }


def scan(folder: Path) -> dict[str, Any]:
    """Let the engine scan and rewrite the day."""
    begun, spent = time.perf_counter(), time.process_time()
    rewrite(folder / "claims.parquet", folder / "out.parquet")
    seconds, spent = time.perf_counter() - begun, time.process_time() - spent
    return {"seconds": round(seconds, 1), "processor_seconds": round(spent, 1)}


def measure_all(folder: Path, people: int, lines: int) -> None:
    """Make the day, then measure each thing in a process of its own."""
    (folder / "pack").mkdir(exist_ok=True)
    pack = write_pack(folder / "pack", people)
    write_day(folder / "claims.parquet", people, lines)
    print(f"{people:,} people, {lines:,} lines", flush=True)
    fresh = multiprocessing.get_context("spawn")
    for name, work, options in (
        ("scan and rewrite", scan, {}),
        ("verdicts", measure, {"pack": pack, "verdicts": True}),
        ("whole rows", measure, {"pack": pack, "verdicts": False}),
    ):
        with fresh.Pool(1) as process:
            print(name, json.dumps(process.apply(work, (folder,), options)), flush=True)


def main() -> None:
    """Print the figures."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--people", type=int, default=1_000_000)
    asked.add_argument("--lines", type=int, default=28_000_000)
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="national-day-") as folder:
        measure_all(Path(folder), chosen.people, chosen.lines)


if __name__ == "__main__":
    main()
