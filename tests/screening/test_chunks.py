"""Claim files by chunks, the engine of one machine in between: what a run in one piece writes and sums up."""

from dataclasses import replace
from random import Random

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
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
from scoring_service.screening.judging import JUDGED_BY, JUDGEMENT
from scoring_service.screening.pack import make_pack, reduced
from scoring_service.screening.proven import proofs_of
from scoring_service.screening.screen import Run, begun_summary, opened_claims, screen
from scoring_service.screening.spark import finish


def chunked_run(run, packs, folder):
    """What every machine is told, and the summary that it begins with."""
    sources, columns = opened_claims(run)
    summary = begun_summary(run, packs[0].manifest, columns)
    for pack in packs:
        proofs_of(pack).keep(pack.folder)
    chunked = Chunked(
        run=replace(run, out=folder / run.out.name), columns=columns, pharmacies=packs[0].pharmacies(),
        proofs=[pack.folder for pack in packs],
        chunks=list(chunks_of(zip(run.claims, sources, strict=True))), empty=emptied(summary),
    )  # fmt: skip
    return chunked, summary


def run_by_chunks(run, packs, folder):
    """As the cluster does, with another engine: ask, judge, write, each chunk as if alone in the world."""
    chunked, summary = chunked_run(run, packs, folder)
    asked = [pa.Table.from_batches(list(questions(chunked, number))) for number in range(len(chunked.chunks))]
    named = pa.concat_tables(asked).column("person").combine_chunks()
    packs = [reduced(pack, named) for pack in packs]
    for lines in asked:
        verdicts = [judged_by(pack, lines, then) for then, pack in enumerate(packs)]
        for _number, part in write_chunks(chunked, pa.concat_tables(verdicts).sort_by("line").to_batches(700)):
            add_sums(summary, pa.Table.from_batches([sums_of(part)]))
    return summary, sum(pc.count(lines.column("day")).as_py() for lines in asked)


def judged_by(pack, lines, then):
    with duckdb.connect() as engine:
        for name in JUDGED_BY:
            engine.execute(f"CREATE VIEW {name} AS FROM '{pack.table(name)}'")
        engine.register("lines", lines)
        return engine.sql(JUDGEMENT).to_arrow_table().append_column("then", pa.repeat(bool(then), lines.num_rows))


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_run_by_chunks_is_a_run(fresh_engine, tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(chunks, "ROWS_OF_A_CHUNK", 250)
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
        summary, asked = run_by_chunks(run, packs, parts)
        # Of some lines the proofs tell.
        assert 0 < asked < summary.judged * max(1, len(run.people)) - 10
        assert len(list(parts.glob("part-*"))) >= 2
        there = replace(run, out=parts.with_name(f"by-chunks-{run.out.name}"))
        finish(there, parts)
        check_same(run, whole, there, summary)


def lost(verdicts):
    return pa.concat_tables([verdicts[:3], verdicts[4:]])


def doubled(verdicts):
    return pa.concat_tables([verdicts[:4], verdicts[3:]])


def without_end(verdicts):
    return verdicts[:-1]


def of_another_line(verdicts):
    """As many as were asked for, one of them not of those."""
    return pa.concat_tables([verdicts[:3], verdicts[2:3], verdicts[4:]])


@pytest.mark.parametrize("spoiled", [lost, doubled, without_end, of_another_line])
def test_a_verdict_that_does_not_come_once_ends_the_run(fresh_engine, tmp_path, spoiled):
    """A line without one would be taken for proven."""
    rng = Random(2)
    service, refs = random_register(fresh_engine, rng, 20)
    [claims, *_others] = write_files(tmp_path, random_table(rng, refs, 200), ".parquet")
    run = Run(claims=[claims], out=tmp_path / "out.parquet", verdicts=True)
    for name in ("pack", "parts"):
        (tmp_path / name).mkdir()
    pack = make_pack(service, tmp_path / "pack")
    chunked, _summary = chunked_run(run, [pack], tmp_path / "parts")
    lines = pa.Table.from_batches(list(questions(chunked, 0)))
    verdicts = judged_by(pack, lines, then=False).sort_by("line")
    assert list(write_chunks(chunked, verdicts.to_batches()))
    with pytest.raises(RuntimeError, match="not those that were asked for"):
        list(write_chunks(chunked, spoiled(verdicts).to_batches()))
