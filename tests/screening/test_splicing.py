"""Columns go over to another Parquet file as the bytes that they stand in, and say what they said (screening/splicing.py)."""

from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from random import Random

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.screening.columns import mapped_columns
from scoring_service.screening.parts import ParquetClaims
from scoring_service.screening.proofs import Proofs
from scoring_service.screening.screen import Run, judge_files
from scoring_service.screening.splicing import Described
from scoring_service.screening.summary import Summary
from scoring_service.screening.thrift import read_struct, write_struct
from scoring_service.screening.unfinished import Unfinished
from scoring_service.screening.writing import ParquetWriter, SplicedWriter, rows_writer

ADDED = ("payable", "reason", "until")


class Everybody:
    """Judges all lines alike, but by the day."""

    at_once, together = 2, 100
    pharmacies = frozenset()

    def unproven(self, lines):
        return np.arange(len(lines))

    def judge(self, lines):
        days = lines.column("day").to_pylist()
        reason = ["eligible" if day < date(2025, 6, 20) else "suspended" for day in days]
        until = [None if word == "eligible" else date(2025, 7, 1) for word in reason]
        return pa.table({"line": lines.column("line"), "reason": reason, "until": pa.array(until, pa.date32())})


def claims(rng, count, *, faulty=0):
    """Rows with columns of many kinds, some of them null; the last `faulty` have no service time."""

    def some(make):
        return [None if rng.random() < 0.1 else make() for _ in range(count)]

    return pa.table(
        {
            "ref": [f"D15040{rng.randrange(10**7):07d}" for _ in range(count)],
            "fee_ocur_time": [f"2025-06-{rng.randrange(1, 29):02d} 10:{rng.randrange(60):02d}:00" for _ in range(count - faulty)] + [None] * faulty,
            "emergency": pa.array(some(lambda: rng.randrange(2)), pa.int32()),
            "amount": pa.array(some(lambda: Decimal(rng.randrange(10**6)) / 100), pa.decimal128(12, 2)),
            "recorded": pa.array(some(lambda: datetime(2025, 1, 1 + rng.randrange(28), 3, tzinfo=CIVIL_ZONE)), pa.timestamp("us", "Asia/Shanghai")),
            "codes": pa.array(some(lambda: [rng.choice("甲乙丙") for _ in range(rng.randrange(4))]), pa.list_(pa.string())),
            "parts": pa.array(some(lambda: {"a": rng.randrange(9), "b": [{"c": rng.random()}]})),
            "names": pa.array(some(lambda: [("甲", rng.random())]), pa.map_(pa.string(), pa.float64())),
            "kind": pa.array(some(lambda: rng.choice(["门诊", "住院"]))).dictionary_encode(),
            "bytes": pa.array(some(lambda: rng.randbytes(rng.randrange(20))), pa.large_binary()),
        }
    )  # fmt: skip


def screened(folder, tables, *, verdicts=False, **written):
    """Write tables as files, judge them, and return what became of them and by which writer."""
    files = [folder / f"claims{number}.parquet" for number in range(len(tables))]
    for path, table in zip(files, tables, strict=True):
        pq.write_table(table, path, **({"row_group_size": 300} | written))
    sources = [ParquetClaims(path) for path in files]
    run = Run(claims=files, out=folder / "out.parquet", verdicts=verdicts)
    summary = Summary(known_at="", last_change=0, digest="", against=None, columns=mapped_columns(sources[0].headings, []))
    with Unfinished() as unfinished:
        judge_files(run, sources, (Everybody(), None), summary, unfinished, lambda _lines, _share: None)
        unfinished.finish()
    with closing(rows_writer(folder / "no.parquet", sources, None, ADDED)) as writer:
        return pq.read_table(run.out), summary, type(writer)


@pytest.mark.parametrize(
    "written",
    [{}, {"compression": "snappy", "data_page_version": "2.0", "use_dictionary": False}, {"version": "1.0", "compression": "gzip", "write_page_index": True}, {"row_group_size": 4000}],
)
def test_whole_rows_are_those_that_came_with_three_columns_more(tmp_path, written):
    table = claims(Random(str(written)), 2_000, faulty=150)
    out, summary, writer = screened(tmp_path, [table], **written)
    assert writer is SplicedWriter
    own, came = out.drop_columns(list(ADDED)), pq.read_table(tmp_path / "claims0.parquet")
    assert (own.schema, own.to_pylist()) == (came.schema, came.slice(0, 1_850).to_pylist())
    days = [int(time[8:10]) for time in table.column("fee_ocur_time").to_pylist()[:1_850]]
    assert out.column("payable").to_pylist() == [day < 20 for day in days]
    assert out.column("reason").to_pylist() == ["eligible" if day < 20 else "suspended" for day in days]
    assert out.column("until").to_pylist() == [None if day < 20 else date(2025, 7, 1) for day in days]
    assert (summary.lines, summary.judged, summary.rejected) == (2_000, 1_850, 150)
    assert duckdb.sql(f"SELECT count(*), count(recorded), sum(len(codes)) FROM '{tmp_path / 'out.parquet'}'").fetchall() == [
        (1_850, 1_850 - table.column("recorded").slice(0, 1_850).null_count, sum(len(each or []) for each in table.column("codes").to_pylist()[:1_850]))
    ]  # fmt: skip


def test_verdicts_of_several_files_keep_the_key_columns(tmp_path):
    rng = Random("several")
    tables = [claims(rng, 700), claims(rng, 500, faulty=20)]
    out, _summary, writer = screened(tmp_path, tables, verdicts=True)
    assert writer is SplicedWriter
    assert out.column_names == ["file", "line", "ref", "fee_ocur_time", *ADDED]
    kept = pa.concat_tables([tables[0], tables[1].slice(0, 480)]).select(["ref", "fee_ocur_time"])
    assert out.select(["ref", "fee_ocur_time"]).equals(kept)
    assert out.column("line").to_pylist() == [*range(1, 701), *range(1, 481)]
    assert out.column("file").to_pylist() == ["claims0.parquet"] * 700 + ["claims1.parquet"] * 480


def test_a_file_held_in_another_way_is_written_anew(tmp_path):
    table = claims(Random("other"), 400, faulty=10)
    out, _summary, writer = screened(tmp_path, [table], store_decimal_as_integer=True)
    assert writer is ParquetWriter
    assert out.drop_columns(list(ADDED)).equals(pq.read_table(tmp_path / "claims0.parquet").slice(0, 390))


def test_a_file_of_the_engine_itself(tmp_path):
    table = claims(Random("engine"), 400).select(["ref", "fee_ocur_time", "emergency", "recorded", "bytes"])
    with duckdb.connect() as engine:
        engine.register("made", table)
        engine.execute(f"COPY (FROM made) TO '{tmp_path / 'made.parquet'}' (FORMAT parquet)")
    sources = [ParquetClaims(tmp_path / "made.parquet")]
    with closing(rows_writer(tmp_path / "no.parquet", sources, None, ADDED)) as writer:
        assert isinstance(writer, SplicedWriter)


def test_a_description_is_written_as_it_was_read(tmp_path):
    pq.write_table(claims(Random("thrift"), 900), tmp_path / "a.parquet", row_group_size=20, write_page_index=True)
    content = (tmp_path / "a.parquet").read_bytes()
    described = content[-8 - int.from_bytes(content[-8:-4], "little") : -8]
    assert write_struct(read_struct(BytesIO(described))) == described
    with pytest.raises(ValueError, match="cut short"):
        read_struct(BytesIO(described[:-100]))
    with pytest.raises(ValueError, match="no plain Parquet"):
        Described(BytesIO(content[:-1]))
    spoiled = content[: -8 - len(described)]
    with pytest.raises(ValueError, match="behind the file"):
        Described(BytesIO(spoiled[: len(spoiled) // 2] + content[-8 - len(described) :]))


def test_lines_are_proven_by_the_rows_that_say_so_and_no_others():
    rng = Random("proofs")

    def code():
        return "".join(rng.choices("AB1", k=rng.randrange(7, 18)))

    codes, places = [code() for _ in range(300)], [f"H{number}" for number in range(20)]
    proofs = [(rng.choice(codes), rng.choice(places), start, start + rng.randrange(1, 50)) for start in (rng.randrange(100) for _ in range(800))]
    rows = {"ref": [row[0] for row in proofs], "institution": [row[1] for row in proofs]}
    rows |= {name: pa.array([row[place] for row in proofs], pa.int32()).cast(pa.date32()) for name, place in (("start", 2), ("until", 3))}
    index = Proofs.of(pa.table(rows).to_batches(70), pa.array(places), expected=100)
    lines = [(rng.choice([None, *codes, code()]), rng.choice([None, "H", *places]), rng.randrange(150)) for _ in range(50_000)]
    person, place = (pa.array([line[column] for line in lines], pa.string()) for column in (0, 1))
    days = pa.array([line[2] for line in lines], pa.int32()).cast(pa.date32())
    said = {}
    for ref, institution, start, until in proofs:
        if 8 <= len(ref) <= 16:
            said.setdefault((ref, institution), []).append(range(start, until))
    expected = [any(day in days for days in said.get((ref, at), [])) for ref, at, day in lines]
    assert sum(expected) > 500
    for people in (person, person.dictionary_encode(), pa.concat_arrays([person[:9], person])[9:]):
        for institutions in (place, place.dictionary_encode()):
            assert np.array_equal(index.prove(people, institutions, days), expected)


def test_a_pack_without_proofs_proves_nothing():
    empty = pa.schema([("ref", pa.string()), ("institution", pa.string()), ("start", pa.date32()), ("until", pa.date32())]).empty_table()
    one = pa.array(["D150402000001"])
    assert not Proofs.of(empty.to_batches(), pa.array([], pa.string())).prove(one, pa.array(["H1"]), pa.array([20_000], pa.int32()).cast(pa.date32())).any()
