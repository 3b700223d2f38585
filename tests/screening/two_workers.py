"""A real cluster of two workers on this machine, and random questions as claim files on it."""

from contextlib import contextmanager, nullcontext

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scoring_service.screening import chunks
from scoring_service.screening.screen import Run
from scoring_service.screening.spark import screen_on_spark, started

ROWS_OF_A_CHUNK = 20_000
TWO_WORKERS = "local-cluster[2,1,1024]"


@contextmanager
def session_of_two_workers():
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        with started(TWO_WORKERS) as session:
            workers = session.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1
            assert workers <= 2
            yield session


def screened_on(session, service, folder, checks):
    """What Spark tells of each question: lines without an institution are a file of their own."""
    told = [None] * len(checks)
    for with_place in (True, False):
        places = [place for place, check in enumerate(checks) if (check.place is not None) is with_place]
        claims, out = (folder.with_name(f"{folder.name}-{with_place}.{name}.parquet") for name in ("claims", "out"))
        write_claims(claims, [checks[place] for place in places], with_place)
        run = Run(claims=[claims], out=out, verdicts=True)
        with pytest.MonkeyPatch.context() as changed:
            changed.setattr(chunks, "ROWS_OF_A_CHUNK", ROWS_OF_A_CHUNK)
            summary = screen_on_spark(service, run, lambda: nullcontext(session))
        assert (summary.rejected, summary.lines) == (0, len(places))
        rows = pq.read_table(sorted(out.glob("*"))).select(["line", "reason", "until"]).to_pylist()
        assert [row["line"] for row in rows] == list(range(1, len(places) + 1))
        for place, row in zip(places, rows, strict=True):
            told[place] = row["reason"], row["until"]
    return told


def write_claims(path, checks, with_place):
    columns = {
        "ref": pa.array([check.person for check in checks], pa.string()),
        "service_time": [check.service_on for check in checks],
        "emergency": [check.emergency for check in checks],
    }
    if with_place:
        columns["institution"] = [check.place for check in checks]
    pq.write_table(pa.table(columns), path, row_group_size=ROWS_OF_A_CHUNK)
