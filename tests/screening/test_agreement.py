"""Single, batch and screening agree, line by line, on random claims (scheme.md 2.5)."""

from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from screening.random_profiles import PLACES, VariedLaw, edge_days, random_day
from screening.register import RECORDED, write_people
from screening.two_workers import screened_on
from services.case_world import make_service

from scoring_service.core.payable import Reason
from scoring_service.core.screening import Word, reason_of
from scoring_service.demo.record import RecordingClock
from scoring_service.screening import judging
from scoring_service.screening.judging import Judges
from scoring_service.screening.lines import Question, verdicts_of
from scoring_service.screening.pack import make_pack
from scoring_service.services.eligibility.answer import make_check
from scoring_service.services.eligibility.checks import check_lines

LINES, PEOPLE = 6_000, 400
LINES_IN_A_SOAK, PEOPLE_IN_A_SOAK, WORLDS_IN_A_SOAK = 100_000, 1_000, 10
BATCH, MOST_PHARMACY_LINES = 10_000, 10_000


def random_checks(rng, refs, how_many):
    named = list(refs)
    edges = {ref: edge_days(profile) for ref, profile in refs.items()}
    for number in range(how_many):
        # All work at the one pharmacy: its principal is looked for among everybody, which is slow to ask singly.
        nobody = None if number < MOST_PHARMACY_LINES else "D1"
        ref = rng.choice(named) if rng.random() < 0.85 else rng.choice([nobody, nobody, "D0", "d" * 36])
        there = [row.institution for row in refs[ref].affiliations] if ref in refs else []
        somewhere = there if there and rng.random() < 0.5 else [None, *PLACES, "H00000000000"]
        place = PLACES[-1] if ref is None else rng.choice(somewhere)
        days = edges.get(ref)
        day = rng.choice(days) if days and rng.random() < 0.7 else random_day(rng)
        yield make_check(ref, str(day), day, place, emergency=rng.random() < 0.4)


def as_lines(checks):
    return pa.table(
        {
            "line": pa.array(range(len(checks)), pa.int64()),
            "person": pa.array([check.person for check in checks], pa.string()),
            "institution": pa.array([check.place for check in checks], pa.string()),
            "pharmacy": pa.array([check.place if check.person is None else None for check in checks], pa.string()),
            "day": pa.array([check.service_on for check in checks], pa.date32()),
            "emergency": pa.array([check.emergency for check in checks], pa.bool_()),
        }
    )


def told(table):
    rows = table.select(["reason", "until"]).to_pylist()
    return [(row["reason"], row["until"]) for row in rows]


def screened(service, folder, checks, known_at=None):
    folder.mkdir()
    with Judges(make_pack(service, folder, known_at), threads=1) as judges:
        return told(judged(judges, as_lines(checks)))


def judged(judges, lines):
    """By the proofs, and the others by the statement."""
    places = judges.unproven(lines)
    [verdicts] = verdicts_of(judges, [Question(lines, places, lines.take(pa.array(places)))])
    return verdicts


class Forgetful:
    """Tells of all lines but one, or of one twice."""

    def __init__(self, rows):
        self._rows = rows

    def judge(self, lines):
        reasons = pa.repeat("suspended", len(lines))
        verdicts = pa.table({"line": lines.column("line"), "reason": reasons, "until": pa.nulls(len(lines), pa.date32())})
        return verdicts.take(pa.array(self._rows))


@pytest.mark.parametrize(("rows", "is_said"), [([0, 1, 2], False), ([0, 2], True), ([0, 1, 1], True), ([0, 2, 1], True)])
def test_a_line_that_is_told_twice_or_never_ends_the_run(rows, is_said):
    lines = pa.table({"line": pa.array([0, 1], pa.int64())})
    parts = [Question(lines, np.arange(2), lines), Question(lines, np.array([1]), lines[1:])]
    with pytest.raises(RuntimeError, match="3 lines were judged") if is_said else nullcontext():
        tables = list(verdicts_of(Forgetful(rows), parts))
        assert [told(table) for table in tables] == [[("suspended", None)] * 2, [("eligible", None), ("suspended", None)]]


def answered(service, checks, known_at=None):
    """By batches, and one of each batch as a single question."""
    with service.work() as work:
        for start in range(0, len(checks), BATCH):
            some = checks[start : start + BATCH]
            answers = check_lines(work, some, known_at=known_at)
            assert check_lines(work, some[:1], known_at=known_at) == answers[:1]
            yield from ((answer.reason.value, answer.until) for answer in answers)


def check_agreement(engine, folder, rng, lines, people, *, screened_too=None):
    """Compare the three ways, and a fourth one where it is given: `(service, folder, checks) -> what it tells`."""
    service = replace(
        make_service(engine), clock=RecordingClock(RECORDED + timedelta(days=900)), rulebooks=VariedLaw(rng)
    )
    with engine.begin() as conn:
        refs = write_people(conn, rng, people)
    checks = list(random_checks(rng, refs, lines))
    verdicts = screened(service, folder, checks)
    differing = [
        each for each in zip(checks, verdicts, answered(service, checks), strict=True) if each[1] != each[2]
    ]
    counted = Counter(reason for reason, _until in verdicts)
    if screened_too:
        others = screened_too(service, folder, checks)
        differing += [each for each in zip(checks, verdicts, others, strict=True) if each[1] != each[2]]
    print(f"{lines:,} lines:", dict(counted))  # noqa: T201 -- the counts are the finding.
    assert differing == []
    assert set(counted) == set(Reason)


@pytest.mark.parametrize("most_rows", [judging.MOST_ROWS_AS_THEY_ARE, 0], ids=["as they are", "compressed"])
def test_screening_says_what_the_batch_and_the_single_answer_say(fresh_engine, tmp_path, monkeypatch, most_rows):
    monkeypatch.setattr(judging, "MOST_ROWS_AS_THEY_ARE", most_rows)
    check_agreement(fresh_engine, tmp_path / "pack", Random("agreement"), LINES, PEOPLE)


@pytest.mark.soak
@pytest.mark.parametrize("world", range(WORLDS_IN_A_SOAK))
def test_a_million_lines_agree_on_both_engines(fresh_engine, tmp_path, cluster, world):
    rng = Random(f"soak {world}")
    on_spark = partial(screened_on, cluster)
    check_agreement(fresh_engine, tmp_path / "pack", rng, LINES_IN_A_SOAK, PEOPLE_IN_A_SOAK, screened_too=on_spark)


def test_the_statement_has_the_order_of_the_reasons(tmp_path):
    """Every word with every fact beside it, by the statement and by `reason_for`."""
    facts = list(product([None, *Word], [True, False], [None, True, False], [None, True, False], [True, False]))
    cases = [
        (word, known, contracted, affiliated, emergency)
        for word, known, contracted, affiliated, emergency in facts
        if (contracted is None) == (affiliated is None) and (known or word is None)
    ]
    with Judges(constellations(tmp_path, cases), threads=1) as judges:
        lines = {
            "line": range(len(cases)),
            "person": [f"R{number}" for number in range(len(cases))],
            "institution": [None if case[2] is None else f"H{number}" for number, case in enumerate(cases)],
            "pharmacy": pa.nulls(len(cases), pa.string()),
            "day": pa.array([20_000] * len(cases), pa.int32()).cast(pa.date32()),
            "emergency": [case[4] for case in cases],
        }
        verdicts = told(judged(judges, pa.table(lines)))
    for (word, known, contracted, affiliated, emergency), (reason, _until) in zip(cases, verdicts, strict=True):
        asked = {"known": known, "contracted": contracted, "affiliated": affiliated, "emergency": emergency}
        assert reason == reason_of(word, **asked)


def constellations(folder, cases):
    """A pack in which line n finds what case n says."""
    from scoring_service.screening.pack import Manifest, Pack, Tables

    with Tables(folder) as tables:
        for number, (word, known, contracted, affiliated, _emergency) in enumerate(cases):
            span = (19_999, 20_001)
            tables.add("people", [(f"R{number}", number)] if known else [])
            tables.add("words", [] if word is None else [(number, *span, word.value, None)])
            tables.add("agreements", [(f"H{number}", *span)] if contracted else [])
            tables.add("affiliations", [(number, f"H{number}", *span)] if affiliated else [])
    return Pack(folder=folder, manifest=Manifest(known_at="", last_change=0, digest="", rows={}))


@pytest.mark.parametrize(
    ("table", "rows", "is_said"),
    [
        ("words", [(1, 10, 20, "eligible", None), (1, 19, 30, "suspended", None)], True),
        ("words", [(1, 10, 20, "eligible", None), (1, 20, 30, "suspended", None), (2, 15, 25, "eligible", None)], False),
        ("affiliations", [(1, "H1", 10, 20), (1, "H2", 10, 20), (1, "H1", 5, 11)], True),
        ("affiliations", [(1, "H1", 10, 20), (1, "H2", 10, 20), (1, "H1", 5, 10)], False),
        ("agreements", [("H1", 10, 20), ("H1", 10, 20)], True),
        ("principals", [("PX", 10, 20, "eligible", None), ("PX", 12, 13, "eligible", None)], True),
        ("people", [("D1", 1), ("D1", 2)], True),
        ("people", [("D1", 1), ("D2", 1)], False),
    ],
)
def test_a_pack_in_which_a_line_could_find_two_rows_is_refused(tmp_path, table, rows, is_said):
    from scoring_service.screening.pack import Manifest, Pack, Tables

    with Tables(tmp_path) as tables:
        tables.add(table, rows)
    pack = Pack(folder=tmp_path, manifest=Manifest(known_at="", last_change=0, digest="", rows={}))
    with pytest.raises(ValueError, match=table) if is_said else nullcontext(), Judges(pack, threads=1):
        pass
