"""`scoring-service serve` as an operator meets it: started, stopped, killed and started again."""

import json
import os
import signal
import socket
import subprocess
from contextlib import suppress

import psutil
import pytest
from platform_serving import SERVE, environment, get, serving

from scoring_service.runtime.embedded import EmbeddedServer


def servers_of(data_dir):
    return EmbeddedServer(data_dir=data_dir)._server_processes()


def stop(process, request):
    os.killpg(process.pid, request)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def test_a_start_a_stop_and_a_start_after_a_massacre_keep_the_data(tmp_path, port):
    data_dir = tmp_path / ("a long path that no socket would fit in " * 3) / "data"
    with serving(data_dir, port) as process:
        assert get(port, "/readyz")[0] == 200
        code, output, errors = stop(process, signal.SIGINT)
    assert (code, servers_of(data_dir)) == (0, [])
    assert f"http://127.0.0.1:{port}/" in output
    assert all(json.loads(line) for line in errors.splitlines())
    keys = (data_dir / "keys.json").read_text()
    assert (data_dir / "keys.json").stat().st_mode & 0o777 == 0o600
    assert data_dir.stat().st_mode & 0o777 == 0o700

    with serving(data_dir, port) as process:
        family = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
        for pid in {*family, *(server.pid for server in servers_of(data_dir))}:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        process.communicate(timeout=120)
    # The pid that the dead server left behind now belongs to a stranger: this very test.
    pid_file = data_dir / "postgres" / "postmaster.pid"
    pid_file.write_text("\n".join([str(os.getpid()), *pid_file.read_text().splitlines()[1:]]) + "\n")

    with serving(data_dir, port) as process:
        assert get(port, "/readyz")[0] == 200
        assert 'route="/readyz"' in get(port, "/metrics")[1]
        code, _, _ = stop(process, signal.SIGTERM)
    assert (code, servers_of(data_dir)) == (0, [])
    assert (data_dir / "keys.json").read_text() == keys

    # Without its key this database is not served, and no other key is made.
    (data_dir / "keys.json").unlink()
    refused = subprocess.run(SERVE, env=environment(data_dir, port), capture_output=True, text=True, timeout=120, check=False)
    assert (refused.returncode, servers_of(data_dir)) == (2, [])
    assert "SCORING_IDENTITY_KEY" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (data_dir / "keys.json").exists()


def test_a_second_start_takes_over_the_database_of_a_parent_that_was_killed(data_dir, port):
    with serving(data_dir, port) as process:
        assert servers_of(data_dir)
        process.kill()
        process.communicate(timeout=120)
    # The database runs on without its parent, or the last of the orphaned children has stopped it.
    with serving(data_dir, port):
        assert get(port, "/readyz")[0] == 200
    assert servers_of(data_dir) == []


def test_a_taken_port_is_named_with_its_holder(tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        ran = subprocess.run(SERVE, env=environment(tmp_path, port), capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 1
    assert f"Port {port}" in ran.stderr
    assert f"process {os.getpid()} " in ran.stderr


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"SCORING_PROT": "8000"}, "SCORING_PROT"),
        ({"SCORING_PORT": "80000"}, "SCORING_PORT"),
        ({"SCORING_DEMO": "full", "SCORING_HOST": "0.0.0.0"}, "SCORING_HOST"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_sentence(tmp_path, port, settings, named):
    ran = subprocess.run(SERVE, env=environment(tmp_path, port, **settings), capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 2
    assert named in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
