"""Spark on two workers: the files and sums of a run on one machine, and what a cluster cannot do said in a sentence."""

import gzip
from contextlib import nullcontext
from dataclasses import replace
from random import Random

import pytest
from screening.random_files import WAYS, check_same, random_register, random_table, write_files

from scoring_service.problems import Invalid
from scoring_service.screening import chunks, spark
from scoring_service.screening.screen import Run, screen
from scoring_service.screening.spark import screen_on_spark


@pytest.mark.soak
@pytest.mark.parametrize("most_sent", [10**9, 0], ids=["pack sent whole", "pack shuffled"])
@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_two_workers_write_what_one_machine_writes(fresh_engine, tmp_path, monkeypatch, cluster, *, suffix, most_sent):
    monkeypatch.setattr(chunks, "ROWS_OF_A_CHUNK", 400)
    monkeypatch.setattr(spark, "MOST_ROWS_SENT", most_sent)
    rng = Random(2)
    service, refs = random_register(fresh_engine, rng, 60)
    claims = write_files(tmp_path, random_table(rng, refs, 2000), suffix)
    for name, options in WAYS.items():
        run = Run(claims=claims, out=tmp_path / f"{name}{suffix}", **options)
        there = replace(run, out=tmp_path / f"结果 [{name}]{suffix}")
        summary = screen_on_spark(service, there, lambda: nullcontext(cluster))
        check_same(run, screen(service, run), there, summary)
        assert len(list(there.out.iterdir())) == (6 if suffix == ".parquet" else 2)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("people", "name", "said"),
    [(["ref"] * 17, "out.csv", "at most 16"), ([], "there.csv", "take it away")],
)
def test_what_a_cluster_cannot_do_is_said_before_it_starts(tmp_path, people, name, said):
    (tmp_path / "there.csv").mkdir()
    (tmp_path / "claims.csv").write_text("ref,service_time\nD1,2025-01-01\n")
    run = Run(claims=[tmp_path / "claims.csv"], out=tmp_path / name, people=people)
    with pytest.raises(Invalid) as refused:
        screen_on_spark(None, run, None)
    assert said in refused.value.errors[0].detail
    assert {path.name for path in tmp_path.iterdir()} == {"there.csv", "claims.csv"}


@pytest.mark.soak
def test_what_a_worker_cannot_read_comes_back_as_a_sentence(fresh_engine, tmp_path, cluster):
    service, _refs = random_register(fresh_engine, Random(2), 5)
    text = gzip.compress(b"ref,service_time\n" + b"".join(b"%d,2025-01-01\n" % number for number in range(5000)))
    (tmp_path / "claims.csv.gz").write_bytes(text[:-2000])
    run = Run(claims=[tmp_path / "claims.csv.gz"], out=tmp_path / "out.csv.gz")
    with pytest.raises(Invalid) as refused:
        screen_on_spark(service, run, lambda: nullcontext(cluster))
    assert "cut short" in refused.value.errors[0].detail
    assert [path.name for path in tmp_path.iterdir()] == ["claims.csv.gz"]
