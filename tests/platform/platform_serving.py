"""A served installation for the tests of the platform: started, asked, stopped."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

SERVE = [sys.executable, "-m", "scoring_service", "serve"]


def environment(data_dir, port, **settings):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SCORING_")}
    own = {"SCORING_DATA_DIR": str(data_dir), "SCORING_PORT": str(port), "SCORING_DEMO": "off"}
    return clean | own | settings


def get(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def wait_ready(port, process):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"serve exited with {process.returncode}: {process.communicate()[1]}")
        try:
            if get(port, "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the service did not answer within two minutes")


@contextmanager
def serving(data_dir, port, *, output=subprocess.PIPE, **settings):
    """Serve; whoever makes the service say much gives its `output` a place, since a full pipe would hold it up."""
    process = subprocess.Popen(
        SERVE,
        env=environment(data_dir, port, **settings),
        stdout=output,
        stderr=output,
        text=True,
        start_new_session=True,
    )
    try:
        wait_ready(port, process)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=120)
