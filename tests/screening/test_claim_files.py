"""Claim files as people bring them: columns, encodings, times, quotation marks, and nothing half under a final name."""

import csv
import errno
import gzip
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from services.case_world import make_service
from services.registry_world import add_institution, register
from sqlalchemy import select

from scoring_service.cli import screening as command
from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.standing import Span
from scoring_service.db.tables import audit_log
from scoring_service.demo.record import RecordingClock
from scoring_service.problems import Invalid
from scoring_service.screening import delimited, spark, writing
from scoring_service.screening.cells import day_of, days
from scoring_service.screening.columns import mapped_columns
from scoring_service.screening.screen import Run, screen
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.registrations import deregister
from scoring_service.written import as_ref

HOSPITAL, PHARMACY = "H15040200001", "P15040200001"
DOCTOR, PRINCIPAL = "D150402000123", "HY150402000001"
NEW_YEAR = date(2025, 1, 1)
LEFT = datetime(2025, 6, 20, 9, tzinfo=CIVIL_ZONE)
HEADINGS = "line_id,姓名,bilg_dr_code,fixmedins_code,fee_ocur_time,emergency,det_item_fee_sumamt"


@pytest.fixture
def service(fresh_engine):
    """A doctor who leaves on 10 June, which is recorded on the 20th, and a pharmacy with its principal."""
    clock = RecordingClock(datetime(2025, 6, 2, 9, tzinfo=CIVIL_ZONE))
    made = replace(make_service(fresh_engine), clock=clock)
    with made.work() as work:
        for code in (HOSPITAL, PHARMACY):
            add_institution(work, code, agreement=Span(NEW_YEAR, None))
        place = [AskedAffiliation(institution=HOSPITAL, span=Span(NEW_YEAR, None))]
        person = register(work, code=DOCTOR, affiliations=place, commitment_signed_on=NEW_YEAR).id
        place = [AskedAffiliation(institution=PHARMACY, span=Span(NEW_YEAR, None))]
        register(work, code=PRINCIPAL, category="pharmacy_principal", affiliations=place, commitment_signed_on=NEW_YEAR)
    clock.instant = LEFT
    with made.work() as work:
        deregister(work, person, on=date(2025, 6, 10), reason="调离")
    clock.instant += timedelta(days=1)
    return made


def screened(service, folder, text, name="claims.csv", **options):
    claims = folder / name
    claims.write_bytes(text if isinstance(text, bytes) else text.encode())
    out = folder / f"out.{name.partition('.')[2]}"
    return screen(service, Run(claims=[claims], out=out, **options)), out


def rows(path, encoding="utf-8-sig"):
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.reader(content.decode(encoding).splitlines()))


MIXED = f"""{HEADINGS}
1,王一,{DOCTOR},{HOSPITAL},2025-06-09 08:00:00,0,12.50
2,王一,{DOCTOR.lower()},{HOSPITAL},2025-06-09T23:59:59,1,1
3,"王, 一",Ｄ150402000123,{HOSPITAL},20250610,,2
4,王一,{DOCTOR},{HOSPITAL},2025-06-09T16:00:00Z,否,3
5,王一,{DOCTOR},H15040200999,2025/6/9,0,4
6,,,{PHARMACY},2025-06-01,0,5
7,,,{HOSPITAL},2025-06-01,0,6
8,王一,{DOCTOR},{HOSPITAL},昨天,0,7
9,王一,{DOCTOR},,2025-06-01,0,8
10,"王一,{DOCTOR},{HOSPITAL},2025-06-01,0,9
11,王一,{DOCTOR},{HOSPITAL},2025-06-01,maybe,9
12,王一,{DOCTOR}
13,王一,D999999999999,{HOSPITAL},45810,0,x

14,"王
一",{DOCTOR},{HOSPITAL},2025-06-01,0,"1"
15,"a""b",{DOCTOR},{HOSPITAL},2025-06-01,0,1
"""
REASONS = {
    "1": "eligible", "2": "eligible", "3": "not_registered", "4": "not_registered", "5": "institution_not_contracted",
    "6": "eligible", "13": "unknown_practitioner", "14": "eligible", "15": "eligible",
}  # fmt: skip
REJECTED = {8: "没有", 9: "服务", 10: "缺少", 11: "引号", 12: "急诊", 13: "列数"}


@pytest.mark.parametrize(
    ("name", "encoding", "block"),
    [("claims.csv", "utf-8", 64 << 20), ("claims.csv", "utf-8-sig", 700), ("claims.csv.gz", "gb18030", 700)],
)
def test_a_file_with_every_fault(service, tmp_path, monkeypatch, *, name, encoding, block):
    monkeypatch.setattr(delimited, "BYTES_AT_ONCE", block)
    text = MIXED.replace("\n", "\r\n").encode(encoding)
    summary, out = screened(service, tmp_path, gzip.compress(text) if name.endswith("gz") else text, name)
    content = rows(out, encoding)
    assert content[0] == [*HEADINGS.split(","), "payable", "reason", "until"]
    answers = {row[0]: row[-2] for row in content[1:] if row[-1] == "" and len(row) == 10}
    assert answers | {"14": "eligible"} == REASONS
    original = set(MIXED.encode(encoding).split(b"\n"))
    written = gzip.decompress(out.read_bytes()) if name.endswith("gz") else out.read_bytes()
    assert all(line.removesuffix(b"\r").rsplit(b",", 3)[0] in original for line in written.split(b"\n")[:6])
    told = rows(out.with_name(f"{out.name}.rejects.csv"))
    assert {int(line): why[:2] for _file, line, why, _row in told[1:]} == REJECTED
    assert (summary.lines, summary.judged, summary.rejected) == (15, 9, 6)
    assert summary.by_reason["eligible"] == (5, Decimal("20.50"))
    assert summary.without_offset
    assert summary.without_amount == 1
    assert {path.name for path in tmp_path.iterdir()} == {name, out.name, f"{out.name}.rejects.csv"}


def test_parquet_keeps_types_and_order_and_the_two_lists_say_what_changed(service, tmp_path):
    service_days = [date(2025, 6, 1) + timedelta(days=number % 20) for number in range(60)]
    table = pa.table({"fee_ocur_time": service_days, "ref": [DOCTOR] * 60, "institution": [HOSPITAL] * 60, "amount": [Decimal("1.10")] * 60})
    pq.write_table(table, tmp_path / "claims.parquet")
    out = tmp_path / "out.parquet"
    summary = screen(service, Run(claims=[tmp_path / "claims.parquet"], out=out, against=LEFT - timedelta(days=1)))
    told = pq.read_table(out)
    assert told.drop_columns(["payable", "reason", "until", "payable_then"]) == table
    assert told.column("payable").to_pylist() == [day < date(2025, 6, 10) for day in service_days]
    assert all(told.column("payable_then").to_pylist())
    assert pq.read_table(tmp_path / "out.recover.parquet").num_rows == 33
    assert pq.read_table(tmp_path / "out.pay.parquet").num_rows == 0
    assert summary.recover == (33, Decimal("36.30"))
    back = Run(claims=[tmp_path / "claims.parquet"], out=out, known_at=LEFT - timedelta(days=1), against=LEFT + timedelta(hours=1), verdicts=True)
    summary = screen(service, back)
    assert (summary.recover.lines, summary.pay.lines) == (0, 33)
    told = pq.read_table(out)
    assert told.column_names == ["line", "ref", "institution", "fee_ocur_time", "payable", "reason", "until", "payable_then"]
    assert told.column("line").to_pylist() == list(range(1, 61))
    with service.work() as work:
        acts = work.conn.execute(select(audit_log.c.detail).where(audit_log.c.action == "screen")).scalars().all()
        looks = work.conn.execute(select(audit_log.c.at).where(audit_log.c.action == "look")).all()
    assert [act["lines"] for act in acts] == [60, 60]
    assert looks == []


def test_several_people_of_a_line_and_several_files(service, tmp_path):
    text = f"bilg_dr_code,phar_code,fixmedins_code,service_time\n{DOCTOR},,{HOSPITAL},2025-06-01\n{DOCTOR},D9,{HOSPITAL},2025-06-11\n{DOCTOR},{DOCTOR},{HOSPITAL},2025-06-11\n,,{PHARMACY},2025-06-11\n"
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path in files:
        path.write_text(text)
    run = Run(claims=files, out=tmp_path / "out.csv", people=["bilg_dr_code", "phar_code"], verdicts=True)
    summary = screen(service, run)
    told = rows(tmp_path / "out.csv")
    assert told[0] == ["file", "line", "bilg_dr_code", "phar_code", "fixmedins_code", "service_time", "payable", "reason", "until", "reason_column"]
    assert [(row[0], row[1], row[7], row[9]) for row in told[1:]] == [
        (name, line, reason, column)
        for name in ("a.csv", "b.csv")
        for line, reason, column in (
            ("2", "eligible", "bilg_dr_code"),
            ("3", "unknown_practitioner", "phar_code"),
            ("4", "not_registered", "bilg_dr_code"),
            ("5", "eligible", "bilg_dr_code"),
        )
    ]
    assert summary.by_person["D9"].lines == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "headings"),
        ("ref,institution\n", "service time"),
        ("service_time\n", "person or an institution"),
        ("ref,REF ,service_time\n", "more than once"),
        ("ref,service_time,payable\n", "already"),
        (b"\xff\xfer\0", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_leaves_nothing(tmp_path, text, said):
    with pytest.raises(Invalid) as refused:
        screened(None, tmp_path, text)
    assert said in str([fault.detail for fault in refused.value.errors])
    assert [path.name for path in tmp_path.iterdir()] == ["claims.csv"]


def test_a_compressed_file_that_is_cut_short_leaves_nothing(service, tmp_path):
    text = gzip.compress(b"ref,service_time\n" + b"".join(b"%d,2025-01-01\n" % number for number in range(5000)))
    with pytest.raises(Invalid) as refused:
        screened(service, tmp_path, text[:-2000], "claims.csv.gz")
    assert "cut short" in refused.value.errors[0].detail
    assert [path.name for path in tmp_path.iterdir()] == ["claims.csv.gz"]


def test_a_line_without_an_end_is_no_claim_file(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "BYTES_AT_ONCE", 1000)
    (tmp_path / "claims.csv").write_bytes(b"ref,service_time\n" + b"x" * 3000)
    with pytest.raises(Invalid) as refused:
        list(delimited.DelimitedClaims(tmp_path / "claims.csv").parts(["ref"], whole=True))
    assert "without an end" in refused.value.errors[0].detail


def test_the_command_sums_up_and_an_absent_engine_and_a_full_disk_are_one_sentence(service, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "opened", lambda _settings: nullcontext(service))
    (tmp_path / "claims.csv").write_text(MIXED)
    asked = [str(tmp_path / "claims.csv"), "--out", str(tmp_path / "out.csv"), "--against", "2025-06-19T00:00:00+08:00"]
    done = CliRunner().invoke(command.screen, asked)
    assert done.exit_code == 0, done.output
    for words in (
        "15 lines = 9 rows + 6 rejects", "read as Asia/Shanghai", "eligible: 5 lines, 20.50", "judged by bilg_dr_code",
        f"{DOCTOR}: 3 lines, 9.00", "recovered (P48): 2 lines, 5.00", "paid after all: 0 lines", "out.csv.rejects.csv",
    ):  # fmt: skip
        assert words in done.output
    monkeypatch.setattr(spark, "find_spec", lambda _name: None)
    assert "-r requirements-spark.txt" in CliRunner().invoke(command.screen, [*asked, "--engine", "spark"]).output
    monkeypatch.setattr(spark, "find_spec", lambda name: name)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert "default-jre-headless" in CliRunner().invoke(command.screen, [*asked, "--engine", "spark"]).output
    assert "offset" in CliRunner().invoke(command.screen, [*asked, "--known-at", "2025-06-19"]).output
    (tmp_path / "out.csv").unlink()
    monkeypatch.setattr(writing.DelimitedWriter, "write", full_disk)
    failed = CliRunner().invoke(command.screen, asked)
    assert (failed.exit_code, "the disk is full" in failed.output, (tmp_path / "out.csv").exists()) == (1, True, False)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def full_disk(*_write):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_lines_are_rows_and_refused_ones_whatever_the_quotes(tmp_path, monkeypatch):
    """Nothing is swallowed: of every file each line that is not blank is in a row or refused."""
    rng, claims = Random("quotes"), tmp_path / "claims.csv"
    for number in range(400):
        monkeypatch.setattr(delimited, "BYTES_AT_ONCE", 100 if number % 2 else 1 << 20)
        text = "".join(rng.choice(['"', ",", "\n", "a,b,c\n", "1,", '"x"', '""', "\r\n"]) for _ in range(60))
        claims.write_bytes(f"ref,service_time,x\n{text}".encode())
        parts = [read() for read in delimited.DelimitedClaims(claims).parts(["ref"], whole=True)]
        rows = b"\n".join(row for part in parts for row in part.rows.to_pylist())
        refused = b"\n".join(each.row for part in parts for each in part.refused)
        kept = Counter(line.strip(b"\r") for line in (rows + b"\n" + refused).split(b"\n")) - Counter({b"": 10_000})
        assert kept == Counter(line.strip(b"\r") for line in text.encode().split(b"\n")) - Counter({b"": 10_000})
        assert sum(part.lines for part in parts) == sum(len(part.numbers) + len(part.refused) for part in parts)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2025-06-10", date(2025, 6, 10)), ("20250610", date(2025, 6, 10)), ("45818", date(2025, 6, 10)),
        ("45818.75", date(2025, 6, 10)), ("2025/6/10 9:05", date(2025, 6, 10)), ("2025年6月10日", date(2025, 6, 10)),
        ("２０２５－０６－１０", date(2025, 6, 10)), ("20250610235959", date(2025, 6, 10)),
        ("2025-06-10T16:00:00Z", date(2025, 6, 11)), ("2025-06-10T23:59:59+08:00", date(2025, 6, 10)),
        ("2025-02-30", None), ("2025-06-10 25:00", None), ("", None), ("0", None), ("202506", None), ("2025-06-10x", None),
    ],
)  # fmt: skip
def test_days_as_people_and_programs_write_them(written, day):
    assert day_of(written) == day


@pytest.mark.parametrize(
    ("column", "day"),
    [
        (pa.array([1_749_571_199_999_999_999], pa.timestamp("ns", "UTC")), date(2025, 6, 10)),
        (pa.array([1_749_571_200_000_000_001], pa.timestamp("ns", "UTC")), date(2025, 6, 11)),
        (pa.array([datetime(2025, 6, 10, 23, 59, 59)], pa.timestamp("s")), date(2025, 6, 10)),  # noqa: DTZ001
        (pa.array([datetime(1960, 6, 10, 23, 59)], pa.timestamp("ms")), date(1960, 6, 10)),  # noqa: DTZ001
        (pa.array([20250610]), date(2025, 6, 10)),
        (pa.array([45818.75]), date(2025, 6, 10)),
        (pa.array(["2025-06-10T16:00:00Z"], pa.large_string()), date(2025, 6, 11)),
        (pa.array(["2025-06-10"]).dictionary_encode(), date(2025, 6, 10)),
        (pa.nulls(1), None),
    ],
)
def test_days_in_the_types_of_parquet(column, day):
    assert days(column).to_pylist() == [day]


def test_the_national_names_come_first():
    columns = mapped_columns(["phar_code", "Bilg_Dr_Code ", "ref", "fixmedins_code", "service_time", "fee_ocur_time"], [])
    assert (columns.people, columns.service_time) == (("Bilg_Dr_Code ",), "fee_ocur_time")
    assert mapped_columns(["phar_code", "service_time"], []).people == ("phar_code",)
    assert as_ref(DOCTOR.lower()) == DOCTOR
