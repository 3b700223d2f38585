"""PgBouncer before the run's server: started on a free port of the loopback, stopped with what asked for it."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from scoring_service.server_account import server_account

# Debian puts it where only an administrator looks.
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_INI = """
[databases]
* = host={host} port=5432 user=scoring_app pool_size={sessions}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
max_client_conn = 500
server_round_robin = 1
"""


@contextmanager
def pooler(owner_url: str, *, mode: str = "transaction", sessions: int = 3) -> Iterator[int]:
    """The port of a PgBouncer that lends `sessions` sessions a database, on the server of an address."""
    assert PROGRAM is not None, "PgBouncer is needed: apt-get install pgbouncer"
    user = server_account()
    account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    with tempfile.TemporaryDirectory(prefix="scoring-pooler-") as name:
        folder, port = Path(name), _free_port()
        settings = _INI.format(host=make_url(owner_url).query["host"], port=port, mode=mode, sessions=sessions)
        (folder / "pgbouncer.ini").write_text(settings)
        folder.chmod(0o755)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([PROGRAM, folder / "pgbouncer.ini"], **account, stdout=log, stderr=log)
        try:
            _await(port, process, folder / "log")
            yield port
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(500):
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise AssertionError(log.read_text())
