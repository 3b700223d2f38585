"""What every test may lean on: one PostgreSQL for the whole run, a database of its own for each worker.

The server starts when the first test asks for it and is stopped by the process that the developer started.
Databases are cloned from one template that was migrated once. `conn` for most tests (rolled back), `fresh_url` or
`fresh_engine` for tests that commit from several connections.
"""

import fcntl
import gc
import ipaddress
import os
import shutil
import socket
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from database_addresses import application_engine, go_through
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from own_law import OWN_LAW
from pooler import PROGRAM, pooler
from sqlalchemy import Connection, Engine, text
from werkzeug.routing import Rule

from scoring_service.db.engine import make_owner_engine
from scoring_service.db.migrate import upgrade
from scoring_service.runtime import assembly
from scoring_service.runtime.embedded import EmbeddedServer, embedded_database
from scoring_service.services.accounts import passwords
from scoring_service.settings import Settings

CLUSTER = "SCORING_TEST_CLUSTER"
TEMPLATE = "scoring_template"
MEMORY = Path("/dev/shm")  # noqa: S108 -- folders with random names are made in it
ENOUGH_BYTES = 8 << 30


# What a test starts as a process is compiled once, even where the shell asks Python to keep nothing.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if name.startswith("SCORING_") and not name.startswith("SCORING_TEST_")]:
        del os.environ[name]
    if not hasattr(config, "workerinput"):
        keep_in_memory()
        os.environ[CLUSTER] = tempfile.mkdtemp(prefix="scoring-test-")


def keep_in_memory() -> None:
    """Take memory for the temporary files where there is much of it: a copy of a database is made ten times as fast."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what needs PgBouncer where there is none; the continuous integration has it."""
    needs_it = collection_path.name in {"test_pooling.py", "test_through_a_pooler.py"}
    return True if needs_it and PROGRAM is None and os.environ.get("CI") != "true" else None


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        folder = Path(os.environ.pop(CLUSTER))
        EmbeddedServer(data_dir=folder, durable=False).stop()
        shutil.rmtree(folder)


def pytest_collection_finish() -> None:
    """Leave modules and tests out of every collection of garbage, and collect as seldom as the workers of `serve`."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def refuse_strangers() -> None:
    """Tests talk to the loopback only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] != "localhost":
            try:
                local = ipaddress.ip_address(address[0]).is_loopback
            except ValueError:
                local = False
            if not local:
                raise RuntimeError(f"a test tried to connect to {address}; tests use the loopback only")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]


refuse_strangers()


def hash_passwords_quickly() -> None:
    """A sign-in is to be costly for who guesses; the thousands of the tests took more than half of their time."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._NOBODY = passwords.hash_of_nobody(passwords._hasher)


hash_passwords_quickly()


class CompiledPages(BytecodeCache):
    """The templates as one test compiled them, for the applications of the next."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = Flask.jinja_options | {"bytecode_cache": CompiledPages()}


def compile_addresses_once() -> None:
    """What writes an address costs most of making an application, and is the same in the next for the same rule."""
    compiled: dict[Any, Any] = {}
    compile_builder = Rule._compile_builder

    def compile_once(rule: Rule, append_unknown: bool = True) -> Any:  # noqa: FBT002 -- as it is called
        kinds = tuple((name, type(each)) for name, each in rule._converters.items())
        key = (rule.rule, tuple(rule._trace), kinds, repr(rule.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    Rule._compile_builder = compile_once  # type: ignore[method-assign]


compile_addresses_once()


def read_law_once() -> None:
    """The law of the repository's own folders is read for the first service, and serves the next: it never changes."""
    kept: dict[Any, Any] = {}
    read = assembly.read_law

    def read_once(settings: Settings) -> Any:
        folders = (settings.rulebooks_dir, settings.calendar_dir)
        if folders not in {(None, None), (OWN_LAW, None)}:
            return read(settings)
        if folders not in kept:
            kept[folders] = read(settings)
        return kept[folders]

    assembly.read_law = read_once


read_law_once()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run_as_owner(url: str, *statements: str) -> None:
    engine = make_owner_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """The run's PostgreSQL, with the template database migrated to head."""
    folder = Path(os.environ[CLUSTER])
    server = EmbeddedServer(data_dir=folder, durable=False)
    with locked(folder / "template.lock"):
        server.start()
        if not (folder / "template.done").exists():
            run_as_owner(server.url("postgres"), f"CREATE DATABASE {TEMPLATE}")
            upgrade(server.url(TEMPLATE))
            (folder / "template.done").touch()
    with ExitStack() as stack:
        if mode := os.environ.get("SCORING_TEST_POOLER"):
            go_through(stack.enter_context(pooler(server.url(), mode=mode)), server.url())
        yield server


@pytest.fixture(scope="session")
def installed() -> Path:
    """A data folder whose cluster was made and migrated once for the run; not to be served from, but copied."""
    folder = Path(os.environ[CLUSTER])
    with locked(folder / "installed.lock"):
        if not (folder / "installed.done").exists():
            with embedded_database(folder / "installed") as addresses:
                upgrade(addresses.owner)
            (folder / "installed.done").touch()
    return folder / "installed"


@contextmanager
def cloned(server: EmbeddedServer, template: str = TEMPLATE) -> Iterator[str]:
    """A database of one's own: a copy of the template, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = server.url("postgres")
    run_as_owner(admin, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield server.url(name)
    run_as_owner(admin, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def database_url(server: EmbeddedServer) -> Iterator[str]:
    """The worker's database, at head and empty unless a test commits into it."""
    with cloned(server) as url:
        yield url


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """The application's engine (role scoring_app) on the worker's database."""
    engine = application_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def committed_url(server: EmbeddedServer) -> Iterator[str]:
    """Another database of the worker, for a folder whose tests commit, so that `conn` finds an empty one."""
    with cloned(server) as url:
        yield url


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that is rolled back; use cases never commit, so neither does the test."""
    with engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        if transaction.is_active:
            transaction.rollback()


@pytest.fixture
def fresh_url(server: EmbeddedServer) -> Iterator[str]:
    """A database for this test alone, for what commits or races."""
    with cloned(server) as url:
        yield url


@pytest.fixture
def fresh_engine(fresh_url: str) -> Iterator[Engine]:
    """The application's engine on a database for this test alone."""
    engine = application_engine(fresh_url)
    yield engine
    engine.dispose()


@pytest.fixture
def owner(fresh_url: str) -> Iterator[Engine]:
    """The owner's engine on the test's own database: it may see who waits, and change tables."""
    engine = make_owner_engine(fresh_url)
    yield engine
    engine.dispose()


@pytest.fixture
def twin_engine(server: EmbeddedServer) -> Iterator[Engine]:
    """The engine on a second database for this test alone, for what is compared with an undisturbed run."""
    with cloned(server) as url:
        engine = application_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def module_url(server: EmbeddedServer) -> Iterator[str]:
    """A database for one module of tests, for read-only worlds that are costly to build."""
    with cloned(server) as url:
        yield url


@pytest.fixture(scope="module")
def module_engine(module_url: str) -> Iterator[Engine]:
    """The application's engine on the module's database."""
    engine = application_engine(module_url)
    yield engine
    engine.dispose()


@pytest.fixture
def empty_url(server: EmbeddedServer) -> Iterator[str]:
    """A database without any table, for the migrations' own tests."""
    with cloned(server, "template0") as url:
        yield url
