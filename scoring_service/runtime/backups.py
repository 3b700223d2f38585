"""Backups: a copy of the embedded cluster while it works, or a dump of a database on a server of one's own.

A backup is made beside its name and renamed at the end. What a killed one left is removed by the next to the same name.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from scoring_service.db.engine import driver_arguments
from scoring_service.runtime.addresses import set_addresses
from scoring_service.runtime.backups_archive import lead_to, make_archive, segment_of
from scoring_service.runtime.backups_manifest import (
    HEADS,
    MANIFEST,
    BackupError,
    Facts,
    Manifest,
    gather_facts,
    instant_text,
    read_manifest,
    write_manifest,
)
from scoring_service.runtime.embedded import BIN, PORT, EmbeddedServer, embedded_database
from scoring_service.runtime.embedded_access import SUPERUSER
from scoring_service.settings import Settings

BASE = "base"
DUMP = "database.dump"
WAL = "wal"
UNFINISHED = ".unfinished"
LOOK_SECONDS = 0.2
# One call for the whole file system where there is one, instead of one for each of some thousand files.
SYNC_METHOD = "syncfs" if sys.platform == "linux" else "fsync"

Progress = Callable[[str, int, int | None], None]


def quietly(_what: str, _done: int, _total: int | None) -> None:
    """Progress for who does not look: what is done, bytes, and of how many if that is known."""


def back_up(settings: Settings, out: Path, progress: Progress = quietly) -> Manifest:
    """Back the database up into the folder `out`, which is not there yet. On BackupError there is none."""
    out = out.absolute()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BackupError(f"{out} is there already: name a folder that is not, such as one of today's date.")
    with _unfinished(out) as claim:
        addresses = set_addresses(settings)
        if addresses is None:
            return _copy_cluster(settings, out, claim, progress)
        return _dump(addresses.owner, out, claim, progress)


def remove_older(out: Path, keep: int) -> list[Path]:
    """Of the backups of the same origin beside `out` keep the newest; return what was removed."""
    mine = read_manifest(out)
    beside: list[tuple[datetime, Path]] = []
    for folder in out.absolute().parent.iterdir():
        with suppress(BackupError):
            manifest = read_manifest(folder)
            if (manifest.kind, manifest.origin) == (mine.kind, mine.origin):
                beside.append((manifest.finished, folder))
    older = [folder for _, folder in sorted(beside, reverse=True)[keep:]]
    for folder in older:
        shutil.rmtree(folder)
    return older


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class _Claim:
    """The unfinished folder, and the lock on it, which the programs that write into it hold too."""

    folder: Path
    lock: int


@contextmanager
def _unfinished(out: Path) -> Iterator[_Claim]:
    folder = out.with_name(out.name + UNFINISHED)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(f"{folder} cannot be made: {error.strerror}.") from None
    lock = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"Another backup is being written to {folder}: wait for it.") from None
        with _nothing_left(folder):
            yield _Claim(folder, lock)
    finally:
        os.close(lock)


@contextmanager
def _nothing_left(folder: Path) -> Iterator[None]:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    try:
        yield
    except OSError as error:
        place = error.filename or folder
        raise BackupError(f"{place} cannot be written: {error.strerror}. Nothing was kept.") from None
    except psycopg.OperationalError as error:
        raise BackupError(f"The database was lost, and nothing was kept: {_line(error)}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_cluster(settings: Settings, out: Path, claim: _Claim, progress: Progress) -> Manifest:
    server = EmbeddedServer(data_dir=settings.data_dir)
    if not server.exists:
        raise BackupError(f"There is no database in {settings.data_dir}: set SCORING_DATA_DIR.")
    with embedded_database(settings.data_dir), server.superuser() as conn:
        began_at = instant_text()
        _keep_segments(conn)
        with _one_moment(conn):
            facts = gather_facts(conn, claim.folder / HEADS)
        _run_base_backup(server, conn, claim, progress)
        finished_at = instant_text(_now(conn))
        first, digests = _copied(claim.folder / BASE)
        make_archive(claim.folder / WAL)
        manifest = Manifest(
            kind="cluster",
            began_at=began_at,
            finished_at=finished_at,
            facts=facts,
            files=digests | _digests(claim.folder, digests),
            bytes=_bytes(claim.folder),
            origin=str(settings.data_dir),
            first_segment=first,
        )
        _finish(claim.folder, out, manifest)
        _begin_archive(conn, settings.data_dir, out, first)
    return manifest


def _begin_archive(conn: psycopg.Connection[Any], data_dir: Path, out: Path, first: str) -> None:
    try:
        lead_to(conn, data_dir, out / WAL, first)
    except (OSError, psycopg.Error, subprocess.CalledProcessError) as error:
        raise BackupError(
            f"The backup {out} is whole, but what is written from now on is not archived there: {error}"
        ) from None


def _keep_segments(conn: psycopg.Connection[Any]) -> None:
    """Keep the write-ahead log from here on, for as long as this session lasts."""
    slot = f"backup_{os.getpid()}"
    conn.execute("SELECT pg_create_physical_replication_slot(%s, true, true)", [slot])


@contextmanager
def _one_moment(conn: psycopg.Connection[Any]) -> Iterator[None]:
    conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        yield
    finally:
        conn.execute("COMMIT")


def _now(conn: psycopg.Connection[Any]) -> datetime | None:
    row = conn.execute("SELECT clock_timestamp()").fetchone()
    return row[0] if row else None


def _run_base_backup(
    server: EmbeddedServer, conn: psycopg.Connection[Any], claim: _Claim, progress: Progress
) -> None:
    place = ["--host", conn.info.host, "--port", str(PORT), "--username", SUPERUSER, "--no-password"]
    form = ["--format=plain", "--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256"]
    target = ["--pgdata", str(claim.folder / BASE), f"--sync-method={SYNC_METHOD}"]
    command = [str(BIN / "pg_basebackup"), *target, *place, *form]
    with server.superuser() as watch:
        for _ in _running(command, claim):
            row = watch.execute("SELECT backup_streamed, backup_total FROM pg_stat_progress_basebackup").fetchone()
            if row and row[1]:
                progress("copying", row[0], row[1])


def _running(command: list[str], claim: _Claim, environ: dict[str, str] | None = None) -> Iterator[None]:
    """Run a program, and let the caller look now and then. Raises BackupError with what it says when it fails."""
    options: dict[str, Any] = {"env": environment(environ or {}), "pass_fds": [claim.lock]}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **options
    )
    try:
        while process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_SECONDS)
            yield
    finally:
        process.kill()
        _, complaint = process.communicate()
    if process.returncode != 0:
        lines = complaint.splitlines()
        errors = [line for line in lines if "error:" in line] or lines or [f"it ended with {process.returncode}"]
        raise BackupError(f"{Path(command[0]).name} failed, and nothing was kept: {' '.join(errors)}")


def _copied(base: Path) -> tuple[str, dict[str, str]]:
    """What the server says of its copy: the segment in which it ended, and the digests of its files."""
    manifest = json.loads((base / "backup_manifest").read_text(encoding="utf-8"))
    ranges = manifest["WAL-Ranges"][-1]
    digests = {f"{BASE}/{each['Path']}": each["Checksum"] for each in manifest["Files"]}
    return segment_of(ranges["Timeline"], ranges["End-LSN"]), digests


def _digests(folder: Path, known: dict[str, str]) -> dict[str, str]:
    paths = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: digest_of(path) for name, path in paths.items() if name not in known}


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _finish(folder: Path, out: Path, manifest: Manifest) -> None:
    write_manifest(folder, manifest)
    folder.chmod(0o711 if manifest.kind == "cluster" else 0o700)
    for path in folder.iterdir():
        if path.is_file():
            path.chmod(0o600)
    for path in (folder / MANIFEST, folder):
        _sync(path)
    folder.rename(out)
    _sync(out.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _dump(url: str, out: Path, claim: _Claim, progress: Progress) -> Manifest:
    conninfo, environ = connection_of(url)
    with connected(url) as conn:
        program = program_for("pg_dump", conn.info.server_version // 10000)
        began_at = instant_text()
        _refuse_unreadable(conn)
        with _one_moment(conn):
            facts, finished_at = gather_facts(conn, claim.folder / HEADS), instant_text(_now(conn))
            snapshot = conn.execute("SELECT pg_export_snapshot()").fetchone()
            target = claim.folder / DUMP
            form = ["--format=custom", "--no-password", f"--snapshot={snapshot[0] if snapshot else ''}"]
            for _ in _running([program, *form, "--file", str(target), "--dbname", conninfo], claim, environ):
                progress("dumping", target.stat().st_size if target.exists() else 0, None)
        _sync(target)
    manifest = _dump_manifest(claim.folder, facts, began_at, finished_at)
    _finish(claim.folder, out, manifest)
    return manifest


def _refuse_unreadable(conn: psycopg.Connection[Any]) -> None:
    """Refuse a login that may not read all: the service's own need not know where each counter stands."""
    unreadable = conn.execute(_UNREADABLE).fetchone()
    if unreadable is not None:
        raise BackupError(
            f"The login {conn.info.user} may not read all of the database ({unreadable[0]}): "
            "set SCORING_DATABASE_OWNER_URL, the address with the owner's login, for `backup`."
        )


_UNREADABLE = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND NOT CASE relkind
        WHEN 'r' THEN has_table_privilege(oid, 'SELECT')
        WHEN 'S' THEN has_sequence_privilege(oid, 'SELECT')
        ELSE true
    END LIMIT 1
"""


def _dump_manifest(folder: Path, facts: Facts, began_at: str, finished_at: str) -> Manifest:
    return Manifest(
        kind="dump",
        began_at=began_at,
        finished_at=finished_at,
        facts=facts,
        files=_digests(folder, {}),
        bytes=_bytes(folder),
    )


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A session at an address, each statement a transaction. Raises BackupError where nobody answers."""
    conninfo, environ = connection_of(url)
    try:
        conn = psycopg.connect(conninfo, autocommit=True, password=environ.get("PGPASSWORD"))
    except psycopg.OperationalError as error:
        raise BackupError(f"The database cannot be reached: {_line(error)}") from None
    with conn:
        yield conn


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def connection_of(url: str) -> tuple[str, dict[str, str]]:
    """An address as PostgreSQL's programs take it, and the password, which others could read there, apart from it."""
    arguments = driver_arguments(url)
    password = arguments.pop("password", None)
    arguments.pop("context", None)
    return make_conninfo(**arguments), {} if password is None else {"PGPASSWORD": str(password)}


def environment(password: dict[str, str]) -> dict[str, str]:
    """The environment of PostgreSQL's programs: what is said of another server does not reach them."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | password


def program_for(name: str, server: int) -> str:
    """The path of a program on PATH. Raises BackupError if it is missing or older than the server."""
    path = shutil.which(name)
    advice = f"install PostgreSQL's client programs of version {server} or newer (on Debian postgresql-client-{server})"
    if path is None:
        raise BackupError(f"{name} is not on PATH: {advice}.")
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    major = int(said.split(")")[1].split(".")[0])
    if major < server:
        raise BackupError(f"{path} is of version {major}, older than the server's {server}: {advice}.")
    return path
