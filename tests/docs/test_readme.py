"""The README's first two minutes, as printed, against a service as `make run` starts it."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import datetime
from pathlib import Path

import pytest

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.rulebook import Ground
from scoring_service.law.rulebooks import Rulebooks

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


@pytest.fixture
def address(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SCORING_")}
    own = {"SCORING_DATA_DIR": str(tmp_path / "var"), "SCORING_PORT": str(port), "SCORING_DEMO": "accounts"}
    process = subprocess.Popen(
        [sys.executable, "-m", "scoring_service", "serve"], env=clean | own, stdout=subprocess.DEVNULL
    )
    try:
        wait_until_ready(port, process)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        assert process.wait(timeout=60) == 0


def wait_until_ready(port, process):
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service stopped"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the service was not ready in time")


def test_the_first_two_minutes_work_as_printed(address, tmp_path):
    script = re.search(r"```bash\n(.*?)```", README, re.DOTALL).group(1)
    script = script.replace("127.0.0.1:8000", address).replace("/tmp/token-", f"{tmp_path}/token-")  # noqa: S108 - what the README prints.
    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.split()
    assert lines[:2] == ["submitted", "approved"]
    assert lines[-3:] == ["eligible", "suspended", "emergency_exception"]
    months = Rulebooks.load().for_division("150402", datetime.now(CIVIL_ZONE).date()).suspension_months[Ground.SINGLE][10]
    assert f'"suspension of {months} months"' in done.stdout


@pytest.mark.parametrize(
    "page", ["README.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md"))]
)
def test_every_link_between_the_documents_leads_somewhere(page):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert ((ROOT / page).parent / target).exists(), target


def test_the_readme_names_only_make_targets_that_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", README)) - {"it"} <= targets
