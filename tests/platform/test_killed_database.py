"""`serve` outlives its embedded PostgreSQL, or leaves and says why."""

import json
import time
import urllib.error
import urllib.request

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
    postmaster = EmbeddedServer(data_dir=data_dir)._running()
    postmaster.kill()
    return postmaster.pid


def call(port, path, body, token=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1{path}", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 -- the loopback
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, json.load(error)


def sign_in(port):
    return call(port, "/auth/token", {"username": "admin", "password": "demo-admin"})


def register(port, code, token):
    person = {"code": code, "name": "李示例", "category": "doctor", "registered_on": "2025-01-01"}
    return call(port, "/practitioners", person, token)


def test_a_killed_database_is_started_again_and_has_what_was_acknowledged(data_dir, port):
    with serving(data_dir, port, SCORING_DEMO="accounts"):
        token = wait_for(lambda: sign_in(port), "a sign-in")[2]["access_token"]
        for number in range(2):
            assert register(port, f"D15040290000{number}", token)[0] == 201
            first = kill_postmaster(data_dir)
            status, headers, _ = register(port, "D150402900009", token)
            assert (status, headers.get("Retry-After")) in {(503, "5"), (201, None), (409, None)}
            wait_for(lambda: get(port, "/readyz")[0] == 200, "the database to come back")
            assert EmbeddedServer(data_dir=data_dir)._running().pid != first
            assert register(port, f"D15040290000{number}", token)[0] == 409
            assert register(port, f"D15040290001{number}", token)[0] == 201


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
