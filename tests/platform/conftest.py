import socket
import subprocess

import pytest


@pytest.fixture
def port():
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def data_dir(installed, tmp_path):
    """A data folder of one's own at the newest schema, never served from, with the owners that its files have."""
    subprocess.run(["cp", "-a", installed, tmp_path / "data"], check=True)
    return tmp_path / "data"
