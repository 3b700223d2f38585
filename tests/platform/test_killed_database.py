"""`serve` outlives its embedded PostgreSQL, or leaves and says why."""

import time

from platform_serving import get, serving

from scoring_service.runtime.embedded import EmbeddedServer

PATIENCE_SECONDS = 60


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.2)
    raise AssertionError(f"waited in vain: {what}")


def kill_postmaster(data_dir):
    EmbeddedServer(data_dir=data_dir)._running().kill()


def test_a_database_that_cannot_be_had_again_ends_the_service_with_a_sentence(data_dir, port):
    with serving(data_dir, port) as process:
        cluster = EmbeddedServer(data_dir=data_dir).cluster
        (cluster / "postgresql.auto.conf").write_text("no_such_setting = 1\n")
        kill_postmaster(data_dir)
        wait_for(lambda: get(port, "/readyz")[0] == 503, "readiness to say so")
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "could not be started again" in errors.splitlines()[-1]


def test_a_cluster_that_was_removed_is_not_replaced_by_an_empty_one(tmp_path, port):
    with serving(tmp_path, port) as process:
        cluster = EmbeddedServer(data_dir=tmp_path).cluster
        kill_postmaster(tmp_path)
        cluster.rename(tmp_path / "elsewhere")
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "is gone" in errors.splitlines()[-1]
    assert not cluster.exists()
