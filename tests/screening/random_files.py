"""Claim files of random questions, some of them spoiled, and what a run writes of them."""

import csv
from dataclasses import fields, replace
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
from screening.random_profiles import VariedLaw
from screening.register import RECORDED, write_people
from screening.test_agreement import random_checks
from services.case_world import make_service

from scoring_service.core.payable import Reason
from scoring_service.demo.record import RecordingClock
from scoring_service.screening.screen import LISTS

HEADINGS = ["bilg_dr_code", "phar_code", "fixmedins_code", "fee_ocur_time", "emergency", "det_item_fee_sumamt", "note"]
BOTH = ("bilg_dr_code", "phar_code")
WAYS = {
    "rows": {},
    "verdicts": {"verdicts": True, "people": BOTH},
    "against": {"against": RECORDED - timedelta(days=1), "people": BOTH},
}
NOTES = ["", "a,b", 'say "x"', "two\nlines"]
# In place of a day: the first two can be read, the others are rejects.
DAYS = ["2025/3/1 08:00", "2025-03-01T23:30:00Z", "昨天", ""]


def random_register(engine, rng, people):
    """Return a service over random people, under a random law, and every ref."""
    service = replace(make_service(engine), clock=RecordingClock(RECORDED + timedelta(days=900)), rulebooks=VariedLaw(rng))
    with engine.begin() as conn:
        return service, write_people(conn, rng, people)


def random_table(rng, refs, lines):
    """Lines of one or two people, of which some cannot be judged or are written in another way."""
    others = [*refs, "D0", *[None] * 4 * len(refs)]
    checks = random_checks(rng, refs, lines)
    rows = [
        (
            check.person and rng.choice([check.person, check.person, check.person.lower()]),
            rng.choice(others),
            check.place,
            rng.choice(DAYS) if rng.random() < 0.02 else str(check.service_on),
            "maybe" if rng.random() < 0.01 else str(int(check.emergency)),
            f"{rng.randrange(100_000) / 100:.2f}",
            rng.choice(NOTES),
        )
        for check in checks
    ]
    return pa.table([pa.array(column, pa.string()) for column in zip(*rows, strict=True)], names=HEADINGS)


def write_files(folder, table, suffix, row_group=100):
    """Write a table as two files of a form; return their paths."""
    half = table.num_rows // 2
    paths = [folder / f"{name}{suffix}" for name in ("first", "second")]
    for path, part in zip(paths, (table.slice(0, half), table.slice(half)), strict=True):
        if suffix == ".parquet":
            pq.write_table(part, path, row_group_size=row_group)
            continue
        with path.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([HEADINGS, *zip(*part.to_pydict().values(), strict=True)])
    return paths


def joined(folder, suffix):
    """What the parts of a folder are together: a table, or the lines of text with the headings once."""
    parts = sorted(folder.glob("part-*"))
    if suffix == ".parquet":
        return pa.concat_tables([pq.read_table(part) for part in parts])
    texts = [part.read_bytes().split(b"\n", 1) for part in parts]
    return b"\n".join([texts[0][0], b"".join(rows for _headings, rows in texts)])


def written(path, suffix):
    """What a file is, as `joined` reads parts."""
    return pq.read_table(path) if suffix == ".parquet" else path.read_bytes()


def check_same(run, whole, there, summary):
    """Compare what was written and summed up in one piece with what another run wrote in parts."""
    suffix = run.out.suffix
    for name in ["", *(LISTS if run.against else [])]:
        mine, its = (each.list_file(name) if name else each.out for each in (there, run))
        assert joined(mine, suffix) == written(its, suffix)
    assert there.rejects_file().read_bytes() == run.rejects_file().read_bytes()
    assert counted(summary) == counted(whole)
    assert summary.rejected > 0
    assert set(summary.by_reason) == set(Reason)
    assert (summary.pay.lines > 0) is (run.against is not None)


def counted(summary):
    """What a summary says of the lines, whatever moment of the same register it was made at."""
    return {each.name: getattr(summary, each.name) for each in fields(summary) if each.name not in {"known_at", "digest"}}
