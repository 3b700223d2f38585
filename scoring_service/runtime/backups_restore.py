"""A backup put back: checked byte by byte, recovered beside its final place, proved, and only then given its name."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import func, select

from scoring_service.clock import real_now
from scoring_service.db.migrate import alembic_config
from scoring_service.db.tables import entries, events_head
from scoring_service.runtime.addresses import Addresses, set_addresses
from scoring_service.runtime.backups import (
    BASE,
    DUMP,
    SYNC_METHOD,
    WAL,
    Progress,
    connected,
    connection_of,
    environment,
    program_for,
    quietly,
)
from scoring_service.runtime.backups_archive import (
    ArchiveError,
    archive_of,
    catch_up,
    fetching,
    remove_archive_pointer,
    whole_segments,
)
from scoring_service.runtime.backups_manifest import (
    HEADS,
    BackupError,
    Manifest,
    count_lost,
    instant_text,
    read_manifest,
)
from scoring_service.runtime.embedded import BIN, EmbeddedError, EmbeddedServer, embedded_database
from scoring_service.runtime.folders import own, prepare_data_dir
from scoring_service.runtime.keys import fingerprint, keys_of, known_keys
from scoring_service.runtime.start import opened, prepare
from scoring_service.server_account import hand_over
from scoring_service.services.standing.proof import Misfit, check_standings, verify_ledger
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import PREFIX, Settings

DRAFT = ".restoring"
PROVING = "ledger and standings prove themselves"
PIECE_BYTES = 1 << 20
# Recovery replays as much log as there is.
LONGEST_RECOVERY_SECONDS = 7 * 24 * 3600.0
_LAST_COMMIT = re.compile(r"last completed transaction was at log time ([^|\n]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What stands in the restored database, and what does not fit in it."""

    manifest: Manifest
    last_entry_at: datetime | None
    entries: int
    last_event: int
    files: int
    misfits: Sequence[Misfit]


def restore(
    settings: Settings, source: Path, until: datetime | None = None, progress: Progress = quietly
) -> Restored:
    """Restore the backup in `source` into an empty data folder, or a dump into the empty database of the settings.

    `until` ends the recovery before the first commit after it. Raises BackupError, and leaves nothing under the final
    name then; SettingsError for other keys than the backup's.
    """
    manifest = _admitted(settings, source, until)
    if (addresses := set_addresses(settings)) is not None:
        _restore_to_server(addresses, source, manifest, progress)
        prepare(settings, addresses)
        return _proved(settings, manifest)
    server = EmbeddedServer(data_dir=settings.data_dir)
    _refuse_present(server)
    _catch_up(source, manifest)
    prepare_data_dir(settings.data_dir)
    with server.held():
        _refuse_present(server)
        with _draft(settings.data_dir / DRAFT) as draft:
            restored = _restore_into(draft, settings, _Order(source, manifest, until, progress))
            remove_archive_pointer(settings.data_dir)
            EmbeddedServer(data_dir=draft).cluster.rename(server.cluster)
    return restored


def verify(settings: Settings, source: Path, progress: Progress = quietly) -> Restored:
    """Try the backup in `source`: every digest, and a restore into a temporary folder. Raises as `restore`."""
    manifest = _admitted(settings, source, None)
    with tempfile.TemporaryDirectory(prefix="scoring-verify-") as folder, _draft(Path(folder) / DRAFT) as draft:
        return _restore_into(draft, settings, _Order(source, manifest, None, progress))


def _admitted(settings: Settings, source: Path, until: datetime | None) -> Manifest:
    """Return the manifest of a backup that this release can restore, with these keys, until then."""
    manifest = read_manifest(source)
    _refuse_newer(source, manifest)
    _refuse_other_keys(settings, manifest)
    if manifest.kind == "cluster" and not settings.embedded:
        raise BackupError(
            f"{source} is a copy of the embedded cluster: restore it into an empty {PREFIX}DATA_DIR, without"
            f" {PREFIX}DATABASE_URL."
        )
    if until is not None:
        _refuse_until(source, manifest, until)
    return manifest


def _refuse_newer(source: Path, manifest: Manifest) -> None:
    try:
        ScriptDirectory.from_config(alembic_config()).get_revision(manifest.facts.schema)
    except CommandError:
        raise BackupError(
            f"{source} is of schema {manifest.facts.schema} of release {manifest.release}, which is newer than this"
            " one: restore it with that release."
        ) from None
    if manifest.kind == "cluster" and manifest.facts.postgresql != (ours := _major_of_ours()):
        raise BackupError(
            f"{source} is a cluster of PostgreSQL {manifest.facts.postgresql}, and this release has {ours}: restore it"
            " with the release that made it."
        )


def _major_of_ours() -> str:
    said = subprocess.run([str(BIN / "postgres"), "--version"], capture_output=True, text=True, check=True).stdout
    return said.split(")")[1].split(".")[0].strip()


def _refuse_other_keys(settings: Settings, manifest: Manifest) -> None:
    keys = keys_of(replace(settings, **known_keys(settings)), "identity_key")
    lacking = set(manifest.facts.keys.get("identity_key", ())) - {fingerprint("identity_key", key) for key in keys}
    if not lacking:
        return
    wrong = "another one than this backup's" if keys else "missing"
    raise BackupError(
        f"The identity key is {wrong} (its fingerprint is {', '.join(sorted(lacking))}). Keys are not in a backup: set"
        f" {PREFIX}IDENTITY_KEY, or put keys.json into {settings.data_dir}. Nothing was restored."
    )


def _refuse_until(source: Path, manifest: Manifest, until: datetime) -> None:
    if manifest.kind == "dump":
        raise BackupError(
            f"{source} is a dump, which holds the one moment {manifest.finished_at}. Another moment is in the"
            " archive of that server alone (its archive_command, or the tool that keeps its backups)."
        )
    if until < manifest.finished:
        raise BackupError(
            f"{source} holds what was written until {manifest.finished_at} and cannot be taken back before that:"
            " restore an older backup."
        )
    if until > real_now():
        raise BackupError(f"{instant_text(until)} has not come yet.")


def _refuse_present(server: EmbeddedServer) -> None:
    if server.url() is not None:
        raise BackupError(
            f"A service runs in {server.data_dir}: stop it, and restore into an empty folder ({PREFIX}DATA_DIR)."
        )
    if server.exists:
        raise BackupError(
            f"{server.cluster} holds a database: move it away, or set {PREFIX}DATA_DIR to an empty folder."
        )


def _catch_up(source: Path, manifest: Manifest) -> None:
    """Where the service that was backed up still runs on this machine, let it archive what it wrote until now."""
    origin = EmbeddedServer(data_dir=Path(manifest.origin or "/nowhere"))
    archive = archive_of(origin.data_dir)
    if origin.url() is None or archive is None or archive.resolve() != (source / WAL).resolve():
        return
    try:
        with origin.superuser() as conn:
            catch_up(conn, archive)
    except ArchiveError as error:
        raise BackupError(str(error)) from None


@contextmanager
def _draft(folder: Path) -> Iterator[Path]:
    """A data folder beside the final place, gone afterwards; so is what a killed restore left there."""
    stale = EmbeddedServer(data_dir=folder)
    if stale.url() is not None:
        stale.stop()
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
        own(folder)
        yield folder
    except OSError as error:
        raise BackupError(f"{error.filename or folder}: {error.strerror}. Nothing was restored.") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be restored, until when, and who looks on."""

    source: Path
    manifest: Manifest
    until: datetime | None
    progress: Progress


def _restore_into(draft: Path, settings: Settings, order: _Order) -> Restored:
    there = replace(
        replace(settings, **known_keys(settings)),
        data_dir=draft,
        database_url=None,
        database_direct_url=None,
        database_owner_url=None,
    )
    if order.manifest.kind == "cluster":
        _copy(draft, order)
        _recover(draft, order)
    else:
        _check(order)
        with embedded_database(draft) as addresses:
            _load(addresses.owner, order.source, str(BIN / "pg_restore"))
    order.progress(PROVING, 0, None)
    with embedded_database(draft) as addresses:
        _refuse_lost_heads(addresses.owner, order.source)
        return _proved(there, order.manifest)


def _copy(draft: Path, order: _Order) -> None:
    """Copy cluster and log, and look at every byte on the way."""
    source, cluster = order.source, EmbeddedServer(data_dir=draft).cluster
    _make_folder(cluster)
    for folder in sorted(path for path in (source / BASE).rglob("*") if path.is_dir()):
        _make_folder(cluster / folder.relative_to(source / BASE))
    _each(order, lambda name: _target(cluster, name))
    _make_folder(draft / WAL)
    try:
        for segment in whole_segments(source / WAL, order.manifest.first_segment or ""):
            _copy_file(segment, draft / WAL / segment.name)
    except ArchiveError as error:
        raise BackupError(str(error)) from None


def _make_folder(path: Path) -> None:
    path.mkdir(mode=0o700)
    own(path)


def _target(cluster: Path, name: str) -> Path | None:
    folder, _, rest = name.partition("/")
    return cluster / rest if folder == BASE else None


def _check(order: _Order) -> None:
    _each(order, lambda _name: None)


def _each(order: _Order, target: Callable[[str], Path | None]) -> None:
    """Read every file of the backup, copy those that have a target. Raises BackupError for one that was changed."""
    source, done = order.source, 0
    for name, digest in order.manifest.files.items():
        try:
            if _copy_file(source / name, target(name)) != digest:
                raise BackupError(f"{source / name} is not as it was written: nothing was restored.")
        except FileNotFoundError:
            raise BackupError(f"{source / name} is missing: nothing was restored.") from None
        done += (source / name).stat().st_size
        order.progress("reading", done, order.manifest.bytes)


def _copy_file(source: Path, target: Path | None) -> str:
    digest = hashlib.sha256()
    with source.open("rb") as file, (target or Path("/dev/null")).open("wb") as copy:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            copy.write(piece)
    if target is not None:
        target.chmod(0o600)
        hand_over(target)
    return digest.hexdigest()


def _recover(draft: Path, order: _Order) -> None:
    """Replay the log until then, or to its end, and leave the cluster stopped."""
    options = {
        "restore_command": fetching(draft / WAL),
        "recovery_target_timeline": "current",
        "hot_standby": "off",
        "recovery_init_sync_method": SYNC_METHOD,
    }
    if order.until is not None:
        options |= {"recovery_target_time": order.until.isoformat(), "recovery_target_action": "promote"}
    server = EmbeddedServer(data_dir=draft, options=options, start_seconds=LONGEST_RECOVERY_SECONDS)
    signal = server.cluster / "recovery.signal"
    signal.touch(mode=0o600)
    hand_over(signal)
    try:
        server.start()
        with server.superuser("postgres") as conn:
            conn.execute("ALTER SYSTEM RESET ALL")
    except EmbeddedError as error:
        raise BackupError(_why_not_recovered(order.source, str(error))) from None
    finally:
        server.stop()


def _why_not_recovered(source: Path, said: str) -> str:
    if "recovery target was reached" not in said:
        return f"{source} could not be recovered: {said}"
    last = _LAST_COMMIT.findall(said)
    ends = f" The last commit in it is of {last[-1].strip()}." if last else ""
    return f"The log in {source / WAL} ends before that moment.{ends} Without --until all that is there is restored."


def _refuse_lost_heads(url: str, source: Path) -> None:
    with connected(url) as conn:
        lost = count_lost(conn, source / HEADS)
    if lost:
        raise BackupError(f"{lost} files do not have the last entry that {source / HEADS} names: nothing was restored.")


def _proved(settings: Settings, manifest: Manifest) -> Restored:
    """Migrate if need be, and let the ledger and the standings prove themselves."""
    with opened(settings) as service:
        files, misfits = verify_ledger(service)
        _, differing = check_standings(service)
        return Restored(manifest=manifest, files=files, misfits=[*misfits, *differing], **_last(service))


def _last(service: Service) -> Mapping[str, Any]:
    with service.engine.connect() as conn:
        row = conn.execute(select(func.count(), func.max(entries.c.recorded_at)).select_from(entries)).one()
        last_event = conn.execute(select(events_head.c.number)).scalar()
    return {"entries": row[0], "last_entry_at": row[1], "last_event": last_event or 0}


def _restore_to_server(addresses: Addresses, source: Path, manifest: Manifest, progress: Progress) -> None:
    url = addresses.owner
    with connected(url) as conn:
        row = conn.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchone()
        if row and row[0]:
            raise BackupError(f"The database of {PREFIX}DATABASE_URL holds tables: name an empty one.")
        program = program_for("pg_restore", int(manifest.facts.postgresql))
    _check(_Order(source, manifest, None, progress))
    _load(url, source, program)
    _refuse_lost_heads(url, source)


def _load(url: str, source: Path, program: str) -> None:
    """Load a dump into an empty database, whole or not at all."""
    conninfo, environ = connection_of(url)
    with connected(url) as conn:
        conn.execute(_APPLICATION_ROLE)
    form = ["--no-owner", "--exit-on-error", "--single-transaction", "--no-password"]
    done = subprocess.run(
        [program, *form, "--dbname", conninfo, str(source / DUMP)],
        env=environment(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(f"pg_restore failed, and nothing was restored: {' '.join(done.stderr.split())}")


_APPLICATION_ROLE = """
    DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'scoring_app') THEN
            CREATE ROLE scoring_app NOLOGIN;
        END IF;
        IF NOT pg_has_role(current_user, 'scoring_app', 'SET') THEN
            EXECUTE format('GRANT scoring_app TO %I', current_user);
        END IF;
    END $$
"""
