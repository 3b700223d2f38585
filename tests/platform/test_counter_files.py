"""Counters that a full disk cannot turn into a signal."""

import resource
import subprocess
import sys

from scoring_service.telemetry.counter_files import FILE_BYTES
from scoring_service.telemetry.counters_folder import make_folder, remove_folder

COUNT = """
import resource, signal, sys
from scoring_service.telemetry import metrics
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for number in range(int(sys.argv[2])):
    metrics.observe("GET", f"/{number}", 200, 0.01)
print(metrics.exposition().decode().count("scoring_requests_total{"))
"""


def counted(folder, limit, routes):
    """How many routes a process counts whose files may have `limit` bytes, as on a full disk."""
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(folder), "PATH": "", "PYTHONPATH": ":".join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", COUNT, str(limit), str(routes)], env=environment, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout.strip(), ran.stderr


def test_every_block_of_a_counter_file_is_taken_when_it_is_made(tmp_path):
    code, found, errors = counted(tmp_path, resource.RLIM_INFINITY, 10)
    assert (code, found) == (0, "10"), errors
    files = list(tmp_path.glob("*.db"))
    assert len(files) >= 3
    for file in files:
        assert file.stat().st_size == FILE_BYTES
        assert file.stat().st_blocks * 512 >= FILE_BYTES, "a sparse file kills its process when the disk is full"


def test_without_room_for_the_files_the_process_counts_on(tmp_path):
    code, _, errors = counted(tmp_path, 4096, 10)
    assert code == 0, errors
    assert [*tmp_path.glob("counter_*.db"), *tmp_path.glob("histogram_*.db")] == []


def test_without_room_to_grow_the_process_counts_on(tmp_path):
    code, _, errors = counted(tmp_path, FILE_BYTES, 3000)
    assert code == 0, errors


def test_the_folders_of_killed_runs_are_removed():
    first = make_folder()
    left = first.rename(first.with_name("scoring-metrics-4194305-left"))
    second = make_folder()
    assert not left.exists()
    assert second.stat().st_mode & 0o777 == 0o700
    remove_folder(second)
    assert not second.exists()
