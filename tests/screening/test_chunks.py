"""Claim files by chunks, the engine of one machine in between: what a run in one piece writes and sums up."""

from dataclasses import replace
from random import Random

import duckdb
import pyarrow as pa
import pytest
from screening.random_files import WAYS, check_same, random_register, random_table, write_files

from scoring_service.screening import chunks, delimited
from scoring_service.screening.chunks import (
    Chunked,
    add_sums,
    chunks_of,
    emptied,
    questions,
    sums_of,
    write_chunks,
)
from scoring_service.screening.judging import JUDGEMENT, Judges
from scoring_service.screening.pack import SCHEMAS, make_pack
from scoring_service.screening.screen import Run, begun_summary, opened_claims, screen
from scoring_service.screening.spark import finish


def run_by_chunks(run, packs, folder):
    """As the cluster does, with another engine: ask, judge, write, each chunk as if alone in the world."""
    sources, columns = opened_claims(run)
    summary = begun_summary(run, packs[0].manifest, columns)
    with Judges(packs[0]) as judges:
        pharmacies = judges.pharmacies
    chunked = Chunked(
        run=replace(run, out=folder / run.out.name), columns=columns, pharmacies=pharmacies,
        chunks=list(chunks_of(zip(run.claims, sources, strict=True))), empty=emptied(summary),
    )  # fmt: skip
    for number in range(len(chunked.chunks)):
        lines = pa.Table.from_batches(list(questions(chunked, number)))
        verdicts = [judged_by(pack, lines, then) for then, pack in zip((False, True), packs, strict=False)]
        for _number, part in write_chunks(chunked, pa.concat_tables(verdicts).sort_by("line").to_batches(700)):
            add_sums(summary, [tuple(row.values()) for row in sums_of(part).to_pylist()])
    return summary


def judged_by(pack, lines, then):
    with duckdb.connect() as engine:
        for name in SCHEMAS:
            engine.execute(f"CREATE VIEW {name} AS FROM '{pack.table(name)}'")
        engine.register("lines", lines)
        return engine.sql(JUDGEMENT).to_arrow_table().append_column("then", pa.repeat(pa.scalar(then), lines.num_rows))


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_run_by_chunks_is_a_run(fresh_engine, tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(chunks, "ROWS_AT_ONCE", 250)
    monkeypatch.setattr(delimited, "BYTES_AT_ONCE", 9000)
    rng = Random(2)
    service, refs = random_register(fresh_engine, rng, 60)
    claims = write_files(tmp_path, random_table(rng, refs, 2000), suffix)
    for name, options in WAYS.items():
        run = Run(claims=claims, out=tmp_path / f"{name}{suffix}", **options)
        whole = screen(service, run)
        packs = []
        for instant in [None, *([run.against] if run.against else [])]:
            (folder := tmp_path / f"pack-{name}-{len(packs)}").mkdir()
            packs.append(make_pack(service, folder, instant))
        (parts := tmp_path / f"parts-{name}").mkdir()
        summary = run_by_chunks(run, packs, parts)
        assert len(list(parts.glob("part-*"))) >= 2
        there = replace(run, out=parts.with_name(f"by-chunks-{run.out.name}"))
        finish(there, parts)
        check_same(run, whole, there, summary)
