"""What a killed run leaves beside its answer, and what the next run to the same answer makes of it."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from screening.test_claim_files import DOCTOR, HEADINGS, HOSPITAL, screened
from screening.test_claim_files import service as service  # noqa: PLC0414 -- a fixture.

AT_WORK = """
import sys, time
from pathlib import Path
from scoring_service.screening.unfinished import Unfinished, pack_folder
out = Path(sys.argv[1])
with Unfinished() as unfinished, pack_folder(out) as pack:
    unfinished.opened(out).write_text("half")
    unfinished.opened(out.with_name(out.name + ".rejects.csv")).write_text("half")
    (pack / "people.parquet").write_text("half")
    print("at work", flush=True)
    time.sleep(60)
"""


@contextmanager
def at_work(out):
    """Another process that writes this answer, killed outright at the end."""
    command = [sys.executable, "-c", AT_WORK, str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "at work\n"
            yield
        finally:
            process.kill()


def hidden(folder):
    return sorted(path.name for path in Path(folder).iterdir() if path.name.startswith("."))


def test_what_a_killed_run_left_is_cleared_away_and_what_another_writes_stays(service, tmp_path):
    text = f"{HEADINGS}\n1,张,{DOCTOR},{HOSPITAL},2025-06-01 10:00:00,,1\n"
    other = tmp_path / ".another.csv.1.unfinished"
    other.write_text("half")
    with at_work(tmp_path / "out.csv"):
        left = hidden(tmp_path)
        assert len(left) == 4
        screened(service, tmp_path, text)
        assert hidden(tmp_path) == left
    assert hidden(tmp_path) == left
    summary, out = screened(service, tmp_path, text)
    assert (hidden(tmp_path), summary.lines, out.exists()) == ([other.name], 1, True)
