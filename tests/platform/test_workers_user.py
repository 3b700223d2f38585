"""Who reads what strangers send is not root, whoever started the service."""

import os

import psutil
from platform_serving import get, serving


def workers(parent):
    """The processes that answer requests: forked from the one that was started, without a command of their own."""
    found = [child for child in psutil.Process(parent).children() if "scheduler" not in child.cmdline()]
    return [child for child in found if "postgres" not in child.name() and "resource_tracker" not in str(child.cmdline())]


def test_no_worker_is_root_and_all_of_it_still_answers(data_dir, port):
    with serving(data_dir, port, SCORING_WORKERS="2") as process:
        users = [child.uids().effective for child in workers(process.pid)]
        assert len(users) == 2
        assert 0 not in users
        assert os.geteuid() == 0 or set(users) == {os.geteuid()}
        assert get(port, "/sign-in")[0] == 200
        assert "scoring_requests_total" in get(port, "/metrics")[1]


def test_a_tight_umask_does_not_shut_the_workers_out(tmp_path, port):
    before = os.umask(0o077)
    try:
        with serving(tmp_path / "data", port) as process:
            assert 0 not in [child.uids().effective for child in workers(process.pid)]
            assert get(port, "/metrics")[0] == 200
            assert get(port, "/sign-in")[0] == 200
    finally:
        os.umask(before)
