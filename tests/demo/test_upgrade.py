"""The last release's demo, upgraded: every file stands as it stood, and nothing is issued for what was (docs/adr/0011).

The last release comes from this clone's history and runs on this release's packages. `pytest -s -m soak
tests/demo/test_upgrade.py` prints the figures of docs/operations.md.
"""

import json
import os
import subprocess
import sys
import tarfile
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.soak

THIS_RELEASE = Path(__file__).parents[2]
LAST_RELEASE = "a5afa64afe27407a5c828af2299f4ee3eb6ebcad"
SCRIPT = Path(__file__).with_name("release_says.py")
RECORDED_AT = "2026-01-15T09:00:00+08:00"
MOVED_TO = "2026-08-01T09:00:00+08:00"


def run(release, data, *command):
    """Run Python under a release on a data folder, its clock standing at RECORDED_AT until it is moved."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SCORING_")}
    own = {"SCORING_DATA_DIR": str(data), "SCORING_CLOCK": "simulated", "SCORING_CLOCK_START": RECORDED_AT}
    subprocess.run(
        [sys.executable, *command], env=clean | own | {"PYTHONPATH": str(release)}, cwd=release, check=True
    )


def says(release, data, *question):
    """What a release says of a data folder; see release_says.py."""
    answers = data.with_suffix(".json")
    run(release, data, SCRIPT, question[0], answers, *question[1:])
    said = json.loads(answers.read_text(encoding="utf-8"))
    assert said.pop("release") == str(release)
    return said


def last_release(folder):
    """Unpack the last release out of this clone; a clone that lacks it cannot tell whether an upgrade is sound."""
    packed = folder / "release.tar"
    git = ["git", "-C", str(THIS_RELEASE), "archive", f"--output={packed}", LAST_RELEASE]
    unpacking = subprocess.run(git, capture_output=True, text=True, check=False)
    if unpacking.returncode != 0:
        pytest.fail(f"{LAST_RELEASE} is not in this clone (git fetch --unshallow): {unpacking.stderr}")
    with tarfile.open(packed) as archive:
        archive.extractall(folder / "release", filter="data")
    return folder / "release"


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    return last_release(tmp_path_factory.mktemp("last"))


@pytest.fixture(scope="module")
def recorded(old, tmp_path_factory):
    """The demo as the last release records it, with all of 2025 over and suspensions that run."""
    data = tmp_path_factory.mktemp("recorded") / "data"
    run(old, data, "-m", "scoring_service", "demo")
    says(old, data, "jobs")
    return data


@pytest.fixture
def copied(recorded, tmp_path):
    """Copies of the data folder, owners included."""

    def copy(name):
        subprocess.run(["cp", "-a", recorded, tmp_path / name], check=True)
        return tmp_path / name

    return copy


def figure(text):
    print(text)  # noqa: T201 -- a figure for the record


def test_no_file_differs_on_any_day(old, recorded, copied):
    before = says(old, recorded, "files")
    upgraded = copied("upgraded")
    run(THIS_RELEASE, upgraded, "-m", "scoring_service", "migrate")
    after = says(THIS_RELEASE, upgraded, "files")
    assert before.keys() == after.keys()
    statuses = Counter(status for course in before["standing"].values() for status in {each["status"] for _, each in course})
    figure(f"{len(before['standing'])} files, on some day {dict(statuses)}")
    assert statuses["suspended"] > 10
    assert statuses["terminated"] > 1
    for question, answers in before.items():
        differing = {ref for ref in answers.keys() | after[question].keys() if answers.get(ref) != after[question].get(ref)}
        figure(f"{question}: {len(answers)} compared, {len(differing)} differ")
        assert not differing, [(answers.get(ref), after[question].get(ref)) for ref in sorted(differing)[:1]]


def test_the_first_start_issues_nothing_and_cache_and_ledger_fit(old, recorded, copied):
    before = says(old, recorded, "jobs")
    after = says(THIS_RELEASE, copied("started"), "jobs")
    assert before["misfits"] == after["misfits"] == []
    figure(f"{[(name, len(rows)) for name, rows in before.items()]} before and after the first start")
    assert before == after


def test_suspensions_of_before_end_as_the_last_release_would_have_ended_them(old, copied):
    expected = says(old, copied("old"), "jobs", MOVED_TO)
    moved = says(THIS_RELEASE, copied("new"), "jobs", MOVED_TO)
    ends = [row for row in expected["events"] if row[0] == "sanction_ended" and row[2] > RECORDED_AT]
    figure(f"{len(ends)} sanctions end by themselves between {RECORDED_AT} and {MOVED_TO}")
    assert len(ends) > 5
    assert moved == expected
