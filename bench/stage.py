"""The stage of the benchmarks over HTTP: a database with a country in it, our server, and an empty one beside it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.world import code_of, populate
from scoring_service.db.engine import make_owner_engine
from scoring_service.db.migrate import upgrade
from scoring_service.runtime.embedded import DATABASE, EmbeddedServer
from scoring_service.runtime.start import application_service, keyed
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.accounts.signing_in import issue_token
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import Settings

WORKERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where to ask: ports of our server and of the empty one, a token for each account, the database as its owner."""

    port: int
    empty_port: int
    tokens: dict[str, str]
    database_url: str
    service: Service
    server_pid: int


@contextmanager
def stage(people: int) -> Iterator[Stage]:
    """A populated database and both servers on it, stopped and removed afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scoring-bench-")))
        settings = Settings(data_dir=folder, demo="off")
        server = EmbeddedServer(data_dir=folder)
        server.start()
        stack.callback(server.stop)
        url = server.url(DATABASE) or ""
        upgrade(url)
        owner = make_owner_engine(url)
        populate(owner, people)
        owner.dispose()
        service = application_service(keyed(settings, server.addresses()), server.addresses())
        stack.callback(service.engine.dispose)
        port, empty_port = free_port(), free_port()
        own = {"SCORING_DATA_DIR": str(folder), "SCORING_PORT": str(port), "SCORING_DEMO": "off"}
        ours = stack.enter_context(started([sys.executable, "-m", "scoring_service", "serve"], own))
        empty = [sys.executable, "-m", "bench.empty", str(empty_port)]
        stack.enter_context(started(empty, {}))
        for each in (port, empty_port):
            wait_for(each)
        wait_for_copy(service, people)
        yield Stage(
            port=port,
            empty_port=empty_port,
            tokens=make_tokens(service),
            database_url=url,
            service=service,
            server_pid=ours.pid,
        )


def wait_for_copy(service: Service, people: int) -> None:
    """Wait until the scheduler has filled the copy of the present, and say how long that took."""
    some = [code_of(number) for number in range(1, people + 1, max(1, people // 1000))]
    began = time.perf_counter()
    while service.present_copy is not None and len(list(service.present_copy.people(some))) < len(some):
        time.sleep(0.2)
    print(f"the copy of the present was filled {time.perf_counter() - began:.1f} s after the server answered")


def make_tokens(service: Service) -> dict[str, str]:
    """A token for an account of each kind that the benchmarks need."""
    roles = {"settlement": "settlement", "clerk": "office.clerk", "reviewer": "office.reviewer"}
    issued = {}
    for number, (name, role) in enumerate(roles.items()):
        with service.work() as work:
            account_id = add_account(work, username=name, roles=[role], staff_no=f"B{number}")
            issued[name] = issue_token(work.conn, account_id, hours=12).token
    return issued


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def unwind_when_stopped() -> None:
    """Let SIGTERM end the benchmark like Ctrl-C does: what it started is stopped and removed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


@contextmanager
def started(command: list[str], settings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SCORING_")}
    process = subprocess.Popen(
        command, env=clean | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_for(port: int) -> None:
    for _ in range(1800):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("a server did not start")


def requests_a_second(script: str, address: str, seconds: int, connections: int = 16) -> float:
    """Requests a second by wrk, the Debian package of that name; `script` is its Lua."""
    found = re.search(r"Requests/sec:\s+([0-9.]+)", _loaded(script, address, seconds, connections))
    return float(found.group(1)) if found else 0.0


def slowest_hundredth(script: str, address: str, seconds: int, connections: int) -> str:
    """The time within which 99 of 100 requests are answered, as wrk writes it."""
    found = re.search(r"99%\s+(\S+)", _loaded(script, address, seconds, connections))
    return found.group(1) if found else "unknown"


def _loaded(script: str, address: str, seconds: int, connections: int) -> str:
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed: install the Debian package wrk")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        asked = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", file.name, address]
        told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told:
        raise SystemExit(told)
    return told
