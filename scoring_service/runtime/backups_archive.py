"""The archive of the write-ahead log: every segment of it goes to the last backup, compressed, as soon as it is full.

With the segments a backup is restored to any moment after it. The server archives from its first start on; where no
backup was ever made the command succeeds at once and keeps nothing. `SCORING_DATA_DIR/archive` names the folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from scoring_service.runtime.folders import open_search, own
from scoring_service.server_account import hand_over

POINTER = "archive"
SUFFIX = ".gz"
DIGEST = ".sha256"
# What may be lost with the machine: a segment goes to the archive after this time, full or not.
LONGEST_OPEN_SECONDS = 60
SEGMENT_BYTES = 16 * 1024 * 1024
SEGMENTS_OF_A_LOG = 2**32 // SEGMENT_BYTES
PATIENCE_SECONDS = 90.0
# Of pg_stat_archiver: the last attempt failed.
FAILING = "coalesce(last_failed_time > last_archived_time, last_failed_time IS NOT NULL)"

_SEGMENT = re.compile(r"[0-9A-F]{24}")


class ArchiveError(Exception):
    """The write-ahead log is not in the archive; the message is a sentence for the operator."""


def archiving(data_dir: Path) -> dict[str, str]:
    """The server's settings. The command may be called twice for a segment, and leaves what is there."""
    pointer = shlex.quote(str(data_dir / POINTER)).replace("%", "%%")
    keep = (
        'gzip -nc1 "%p" > "$to/%f.new" && sha256sum < "$to/%f.new" > "$to/%f.gz.sha256"'
        ' && sync "$to/%f.new" "$to/%f.gz.sha256" && mv "$to/%f.new" "$to/%f.gz" && sync "$to"'
    )
    same = 'gzip -dc "$to/%f.gz" | cmp -s - "%p"'
    where = f"test -s {pointer} || exit 0; IFS= read -r to < {pointer}"
    command = f'{where}; if test -f "$to/%f.gz"; then {same}; else {keep}; fi'
    return {"archive_mode": "on", "archive_command": command}


def archive_of(data_dir: Path) -> Path | None:
    """The folder that the segments go to, None where no backup was made."""
    with suppress(FileNotFoundError):
        name = (data_dir / POINTER).read_text(encoding="utf-8").strip()
        return Path(name) if name else None
    return None


def make_archive(folder: Path) -> None:
    """Make a folder into which the server may write, wherever it lies."""
    folder.mkdir(mode=0o700)
    own(folder)
    open_search(folder)


def lead_to(conn: psycopg.Connection[Any], data_dir: Path, archive: Path, first: str) -> None:
    """Let the segments go to `archive` from `first` on, those that were archived elsewhere meanwhile too.

    `conn` is a superuser's, and holds a slot that has kept every segment since `first`.
    """
    _write_pointer(data_dir / POINTER, archive)
    conn.execute(f"ALTER SYSTEM SET archive_timeout = '{LONGEST_OPEN_SECONDS}s'".encode())
    conn.execute("SELECT pg_reload_conf()")
    written = data_dir / "postgres" / "pg_wal"
    present = _close_segment(conn)
    for name in sorted(path.name for path in written.iterdir() if _SEGMENT.fullmatch(path.name)):
        if first <= name < present and not (archive / (name + SUFFIX)).exists():
            _compress(written / name, archive / (name + SUFFIX))


def catch_up(conn: psycopg.Connection[Any], archive: Path) -> None:
    """Wait until all that was committed is in the archive, with a commit of the present moment after it."""
    conn.execute("SELECT pg_current_xact_id()")
    present = _close_segment(conn)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _newest(archive) < _before(present):
        if time.monotonic() > deadline:
            raise ArchiveError(f"The log does not arrive in {archive}; see /readyz, and the free space there.")
        time.sleep(0.1)


def is_archive_failing(conn: psycopg.Connection[Any]) -> bool:
    """Tell whether the last attempt to archive a segment failed."""
    row = conn.execute(f"SELECT {FAILING} FROM pg_stat_archiver".encode()).fetchone()
    return bool(row and row[0])


def whole_segments(archive: Path, first: str) -> Iterator[Path]:
    """The segments from `first` on, in order; all that lies in the archive is looked at on the way.

    Raises ArchiveError where a segment is missing between others, or a byte is not as it was written.
    """
    awaited = first
    for path in sorted(archive.glob("*" + SUFFIX)):
        name = path.name.removesuffix(SUFFIX)
        _refuse_changed(path)
        if not _SEGMENT.fullmatch(name) or name < first:
            continue
        if name != awaited:
            raise ArchiveError(f"{archive / (awaited + SUFFIX)} is missing: the log has a gap before {path.name}.")
        awaited = _after(name)
        yield path


def _refuse_changed(path: Path) -> None:
    """Compressed bytes may change and still give the same log; a digest beside them misses none."""
    try:
        written = path.with_name(path.name + DIGEST).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        written = ""
    if written.split()[:1] != [hashlib.sha256(path.read_bytes()).hexdigest()]:
        raise ArchiveError(f"{path} or its digest beside it is not as it was written.")


def fetching(archive: Path) -> str:
    """The server's command that brings a segment back."""
    folder = shlex.quote(str(archive)).replace("%", "%%")
    return f'test -f {folder}/%f.gz && gzip -dc {folder}/%f.gz > "%p"'


def segment_of(timeline: int, position: str) -> str:
    """The name of the segment in which a position like 0/3000158 of the log lies."""
    log, _, offset = position.partition("/")
    return f"{timeline:08X}{int(log, 16):08X}{int(offset, 16) // SEGMENT_BYTES:08X}"


def _write_pointer(pointer: Path, archive: Path) -> None:
    draft = pointer.with_name(f"{pointer.name}.{os.getpid()}.new")
    draft.write_text(f"{archive}\n", encoding="utf-8")
    draft.chmod(0o600)
    hand_over(draft)
    draft.rename(pointer)


def _close_segment(conn: psycopg.Connection[Any]) -> str:
    """End the present segment; return the name of the one that is written next."""
    conn.execute("SELECT pg_switch_wal()")
    # At the very end of a segment the insert position already names the one after it.
    row = conn.execute(
        "SELECT timeline_id, pg_current_wal_insert_lsn()::text FROM pg_control_checkpoint()"
    ).fetchone()
    return segment_of(*row) if row else ""


def _newest(archive: Path) -> str:
    names = [path.name.removesuffix(SUFFIX) for path in archive.glob("*" + SUFFIX)]
    return max((name for name in names if _SEGMENT.fullmatch(name)), default="")


def _after(name: str) -> str:
    return _moved(name, 1)


def _before(name: str) -> str:
    return _moved(name, -1)


def _moved(name: str, steps: int) -> str:
    number = int(name[8:16], 16) * SEGMENTS_OF_A_LOG + int(name[16:], 16) + steps
    return f"{name[:8]}{number // SEGMENTS_OF_A_LOG:08X}{number % SEGMENTS_OF_A_LOG:08X}"


def _compress(source: Path, target: Path) -> None:
    draft = target.with_name(f"{target.name}.{os.getpid()}.new")
    command: Sequence[str] = ("gzip", "-nc1", str(source))
    with draft.open("wb") as file:
        subprocess.run(command, stdout=file, check=True)
        os.fsync(file.fileno())
    digest = target.with_name(target.name + DIGEST)
    digest.write_text(f"{hashlib.sha256(draft.read_bytes()).hexdigest()}  -\n", encoding="ascii")
    for path in (draft, digest):
        path.chmod(0o600)
        hand_over(path)
    draft.rename(target)


def remove_archive_pointer(data_dir: Path) -> None:
    """Let a data folder archive nowhere: what is restored there is another history than the archive's."""
    (data_dir / POINTER).unlink(missing_ok=True)
