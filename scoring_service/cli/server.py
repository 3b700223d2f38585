"""`scoring-service serve`: the database and the workers under one process that stops them all.

Nothing here may import `metrics` or prometheus-client: the counters' folder is named before the workers import them.
"""

import errno
import gc
import importlib
import multiprocessing
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, NoReturn

import psutil
import structlog
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server
from granian.server.common import AbstractServer

from scoring_service.runtime.admission import Admission
from scoring_service.runtime.children import follow_parent, kept_running
from scoring_service.runtime.connections import Connections
from scoring_service.runtime.folders import open_code
from scoring_service.runtime.keys import with_keys
from scoring_service.runtime.start import await_database, database, keyed, prepare, seed
from scoring_service.runtime.supervision import supervised
from scoring_service.server_account import leave_root
from scoring_service.settings import Demo, Settings
from scoring_service.telemetry.counters_folder import make_folder, remove_folder
from scoring_service.telemetry.logs import configure_logs, logging_config

# How long a port may stay taken: by anybody, and by the dying workers of a run whose parent was killed.
PORT_PATIENCE_SECONDS = 3.0
ORPHAN_PATIENCE_SECONDS = 20.0
GRACE_SECONDS = 15
GARBAGE_OBJECTS = 50_000
# Of one worker, those that wait for their next request among them; further ones wait to be accepted.
CONNECTIONS = 1000
# From the connection, or from the last answer on it, to the end of the next request's headers.
HEADER_MILLISECONDS = 15_000
FILES = 16_384
# A worker that dies twice in a row ends the server of all; workers that never live for long are no accident.
CRASHES, SHORT_LIFE_SECONDS = 5, 10.0
# How long a worker that starts waits for an embedded database that is being started again.
DATABASE_PATIENCE_SECONDS = 60.0
# Commands of the service that run beside the workers, restarted when they die.
BESIDE: tuple[tuple[str, ...], ...] = (("scheduler",),)


log = structlog.get_logger("scoring_service.cli.server")


class PortTaken(Exception):
    """Somebody else listens on the port; the message says who."""


def serve(settings: Settings, greet: Callable[[Settings, Demo], None]) -> None:
    """Serve until Ctrl-C or SIGTERM. `greet` is told what the database was seeded with, first."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    configure_logs(settings.log_level)
    refuse_taken_port(settings.host, settings.port)
    _allow_files()
    with ExitStack() as stack:
        addresses = stack.enter_context(database(settings))
        stack.callback(_finish_undisturbed)
        prepare(settings, addresses)
        settings = keyed(settings, addresses)
        open_code()
        stack.enter_context(_counters())
        present = seed(settings, addresses)
        stack.enter_context(kept_running(*BESIDE))
        greet(settings, present)
        with supervised(settings):
            _run_workers(settings)


def worker_app() -> Admission:
    """The application of one worker process, which leaves when its parent has died."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        follow_parent(parent.pid)
    settings = with_keys(Settings.from_env())
    configure_logs(settings.log_level)
    leave_root()
    from scoring_service.app import create_app  # noqa: PLC0415 -- only workers need the application

    await_database(settings, DATABASE_PATIENCE_SECONDS)
    app = create_app(settings)
    _spare_the_collector()
    admission = Admission(app, at_work=settings.threads, behind_proxy=settings.proxies > 0)
    Connections(
        port=settings.port, longest_at_work=admission.longest_at_work, behind_proxy=settings.proxies > 0
    ).watch()
    return admission


def _spare_the_collector() -> None:
    """Leave what lives as long as the worker out of every collection, and collect less often.

    A batch of ten thousand answers makes a hundred thousand short-lived objects without a cycle among them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS)


def _allow_files() -> None:
    """Every connection is an open file; what a shell allows by default is too few for all."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _run_workers(settings: Settings) -> None:
    """Run the workers until a signal; those that die in a row are started anew, unless they do so again and again."""
    # Imported here, once, so that the workers are forked with it; not above, where no counters' folder is named.
    importlib.import_module("scoring_service.app")
    short_lives, begun = 0, time.monotonic()
    while not _served(_server(settings)):
        ended = time.monotonic()
        short_lives = short_lives + 1 if ended - begun < SHORT_LIFE_SECONDS else 0
        if short_lives == CRASHES:
            raise SystemExit(1)
        begun = ended
        log.error("workers died in a row: all are started again")


def _served(server: AbstractServer[Any]) -> bool:
    """Serve; tell whether a signal ended it, and not workers that died. Their own leaving at a Ctrl-C is no failure."""
    try:
        server.serve()
    except SystemExit:
        if not server.interrupt_children:
            raise
    # The server's own handlers tell the server, which has ended.
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    return bool(server.interrupt_signal)


def _server(settings: Settings) -> AbstractServer[Any]:
    return Server(
        "scoring_service.cli.server:worker_app",
        factory=True,
        interface=Interfaces.WSGI,
        address="127.0.0.1" if settings.host == "localhost" else settings.host,
        port=settings.port,
        workers=settings.workers,
        # A thread for each connection, so that none can be kept from its own by slow ones; see `Admission`.
        blocking_threads=CONNECTIONS,
        backpressure=CONNECTIONS,
        backlog=settings.backlog,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
        log_level=LogLevels(settings.log_level),
        log_dictconfig=logging_config(settings.log_level),
    )


def refuse_taken_port(host: str, port: int) -> None:
    """Raises PortTaken when the address is in use. The workers share the port, so they would not notice."""
    begun = time.monotonic()
    while _is_taken(host, port):
        waited = time.monotonic() - begun
        holder = _holder(port)
        if waited > (ORPHAN_PATIENCE_SECONDS if _is_orphan(holder) else PORT_PATIENCE_SECONDS):
            raise PortTaken(
                f"Port {port} on {host} is taken by {_described(holder)}; stop it or set SCORING_PORT."
            )
        time.sleep(0.2)


def _is_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise PortTaken(f"{host}:{port} cannot be listened on: {error.strerror}.") from None
    return False


def _holder(port: int) -> psutil.Process | None:
    """The process that listens on the port, None when it may not be seen."""
    try:
        listeners = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        listeners = []
    for listener in listeners:
        if listener.status == psutil.CONN_LISTEN and listener.pid and listener.laddr and listener.laddr.port == port:
            with suppress(psutil.NoSuchProcess):
                return psutil.Process(listener.pid)
    return None


def _described(holder: psutil.Process | None) -> str:
    if holder is None:
        return "a process of another user"
    try:
        return f"process {holder.pid} ({' '.join(holder.cmdline())})"
    except psutil.Error:
        return f"process {holder.pid}"


def _is_orphan(holder: psutil.Process | None) -> bool:
    """Whether the holder is a worker of this service that lost its parent, and is about to leave."""
    try:
        if holder is None or holder.ppid() != 1:
            return False
        return any(name in " ".join(holder.cmdline()) for name in ("scoring_service", "scoring-service"))
    except psutil.Error:
        return False


@contextmanager
def _counters() -> Iterator[None]:
    """A folder in which the workers share their counters, outside the data folder, which may fill up."""
    folder = make_folder()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    try:
        yield
    finally:
        remove_folder(folder)


def _finish_undisturbed() -> None:
    """A second Ctrl-C does not interrupt the database's shutdown."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def _leave(_number: int, _frame: Any) -> NoReturn:
    sys.exit(0)
