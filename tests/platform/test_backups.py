"""Backups that are not what they should be, and places where none may be restored: refused with a sentence."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner
from database_addresses import application_url
from platform_serving import environment
from sqlalchemy import select
from test_killed_database import wait_for

from scoring_service.cli import group
from scoring_service.clock import real_now
from scoring_service.db.tables import accounts
from scoring_service.runtime.backups import back_up, program_for, remove_older
from scoring_service.runtime.backups_archive import archive_of, catch_up, lead_to
from scoring_service.runtime.backups_manifest import (
    DIGEST,
    MANIFEST,
    BackupError,
    read_manifest,
    write_manifest,
)
from scoring_service.runtime.backups_restore import restore, verify
from scoring_service.runtime.embedded import BIN, EmbeddedServer, embedded_database
from scoring_service.runtime.health import archive_state
from scoring_service.runtime.start import opened
from scoring_service.services.accounts.opening import add_account
from scoring_service.settings import Settings

KEY, OTHER = "right-identity-key-" * 2, "wrong-identity-key-" * 2


@pytest.fixture(scope="module")
def origin(installed, tmp_path_factory):
    """The settings of a service with keys on record."""
    folder = tmp_path_factory.mktemp("origin")
    subprocess.run(["cp", "-a", installed, folder / "data"], check=True)
    settings = Settings(data_dir=folder / "data", demo="off", identity_key=KEY)
    with opened(settings):
        return settings


@pytest.fixture(scope="module")
def kept(origin, tmp_path_factory):
    """A backup of it, not to be changed."""
    out = tmp_path_factory.mktemp("backups") / "kept"
    back_up(origin, out)
    return out


@pytest.fixture
def spoilt(kept, tmp_path):
    """The same backup, of linked files: one that is changed is written anew."""
    shutil.copytree(kept, tmp_path / "spoilt", copy_function=os.link)
    return tmp_path / "spoilt"


@pytest.fixture
def empty(origin, tmp_path):
    """The settings of a data folder that is not there yet, with the right key."""
    return replace(origin, data_dir=tmp_path / "empty")


def change_a_byte(path, place=-1):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.unlink()
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("base/backup_label", verify), ("base/backup_label", restore), ("heads.csv.gz", restore),
        ("manifest.json", restore), ("manifest.json.sha256", restore),
    ],
)  # fmt: skip
def test_a_changed_byte_is_named_and_refused(name, act, spoilt, empty):
    change_a_byte(spoilt / name)
    with pytest.raises(BackupError, match=rf"{name}.* not as it was written"):
        act(empty, spoilt)
    assert not EmbeddedServer(data_dir=empty.data_dir).exists
    assert not list(empty.data_dir.glob("*")) or act is restore


def test_a_changed_byte_of_the_log_is_named_and_refused(spoilt, empty):
    """Also one that does not change what the segment decompresses to."""
    segment = next((spoilt / "wal").glob("0*.gz"))
    change_a_byte(segment, 1000)
    with pytest.raises(BackupError, match=segment.name):
        restore(empty, spoilt)


def test_a_missing_segment_of_the_log_is_named(spoilt, empty):
    segment = spoilt / "wal" / f"{read_manifest(spoilt).first_segment}.gz"
    for path in (segment, segment.with_name(f"{segment.name}.sha256")):
        path.rename(path.with_name(f"{path.name[:16]}000000FF{path.name[24:]}"))
    with pytest.raises(BackupError, match=rf"{segment.name} is missing"):
        restore(empty, spoilt)


def test_a_missing_file_is_named(spoilt, empty):
    (spoilt / "base" / "PG_VERSION").unlink()
    with pytest.raises(BackupError, match="PG_VERSION is missing"):
        restore(empty, spoilt)


@pytest.mark.parametrize(("key", "says"), [(None, "is missing"), (OTHER, "is another one")])
@pytest.mark.parametrize("act", [restore, verify])
def test_a_backup_without_its_keys_is_refused_before_anything_is_written(key, says, act, kept, empty):
    with pytest.raises(BackupError, match=f"identity key {says}.*Keys are not in a backup"):
        act(replace(empty, identity_key=key), kept)
    assert not empty.data_dir.exists()


def test_a_backup_of_a_newer_schema_is_refused_before_anything_is_written(spoilt, empty):
    manifest = read_manifest(spoilt)
    for name in (MANIFEST, DIGEST):
        (spoilt / name).unlink()
    write_manifest(spoilt, replace(manifest, facts=replace(manifest.facts, schema="9999")))
    with pytest.raises(BackupError, match=r"schema 9999 .* newer than this"):
        restore(empty, spoilt)
    assert not empty.data_dir.exists()


def test_a_folder_with_a_database_is_refused_at_rest_and_at_work(origin, kept):
    with pytest.raises(BackupError, match="holds a database"):
        restore(origin, kept)
    with embedded_database(origin.data_dir), pytest.raises(BackupError, match="A service runs in"):
        restore(origin, kept)


@pytest.mark.parametrize(
    ("until", "says"),
    [(-timedelta(hours=1), "restore an older backup"), (timedelta(days=1), "has not come yet")],
)
def test_a_moment_that_the_backup_does_not_reach_is_refused(until, says, kept, empty):
    with pytest.raises(BackupError, match=says):
        restore(empty, kept, real_now() + until)


def test_a_log_that_ends_before_the_moment_is_told_with_its_end(spoilt, empty):
    finished = datetime.fromisoformat(read_manifest(spoilt).finished_at)
    for segment in (spoilt / "wal").iterdir():
        segment.unlink()
    with pytest.raises(BackupError, match="ends before that moment"):
        restore(empty, spoilt, finished + timedelta(microseconds=1))
    assert not EmbeddedServer(data_dir=empty.data_dir).exists


def test_a_moment_without_an_offset_is_refused(kept):
    answer = CliRunner().invoke(group, ["restore", "--from", str(kept), "--until", "2026-01-05T09:30:00"])
    assert answer.exit_code == 2
    assert "an instant with an offset is wanted" in answer.output


def test_what_is_no_backup_is_told(empty, tmp_path):
    with pytest.raises(BackupError, match="is no backup"):
        verify(empty, tmp_path)


def test_a_backup_is_verified_by_a_restore_and_leaves_the_service_alone(kept, origin):
    restored = verify(origin, kept)
    assert (restored.files, restored.misfits) == (0, [])
    assert archive_of(origin.data_dir) == kept / "wal"


def test_a_name_that_is_taken_is_refused(origin, kept):
    with pytest.raises(BackupError, match="is there already"):
        back_up(origin, kept)


def test_a_backup_that_cannot_be_written_leaves_nothing_and_goes_on_archiving(origin, kept, tmp_path):
    """The limit on a file's size stands for a disk that is full: the program that copies meets a failed write."""
    out = tmp_path / "full"
    command = [sys.executable, "-m", "scoring_service", "backup", "--out", str(out)]
    with embedded_database(origin.data_dir):
        done = subprocess.run(
            ["bash", "-c", 'ulimit -f 500; exec "$@"', "-", *command],
            env=environment(origin.data_dir, 1, SCORING_IDENTITY_KEY=KEY),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "nothing was kept" in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert archive_of(origin.data_dir) == kept / "wal"


@contextmanager
def small_disk(folder, size):
    """A disk of a size, which root alone may mount."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.soak
def test_a_disk_that_fills_during_a_backup_keeps_nothing_of_it_and_the_next_one_is_whole(origin, kept, tmp_path):
    """It fills while the tables are copied, and at the very end; the service writes on."""
    size = read_manifest(kept).bytes
    with opened(origin) as service:
        for place, room in enumerate((size // 2, size - 1)):
            with small_disk(tmp_path / "disk", room) as disk:
                with pytest.raises(BackupError, match=r"nothing was kept.*No space left"):
                    back_up(origin, disk / "today")
                assert list(disk.iterdir()) == []
            assert archive_of(origin.data_dir) == kept / "wal"
            with service.work() as work:
                add_account(work, username=f"ann{place}", roles=["office.clerk"], staff_no=f"D{place}")
        with small_disk(tmp_path / "disk", 4 * size) as disk:
            assert back_up(origin, disk / "today").bytes > size // 2
            assert [path.name for path in disk.iterdir()] == ["today"]
            restored = verify(origin, disk / "today")
            assert restored.misfits == []
            with EmbeddedServer(data_dir=origin.data_dir).superuser() as conn:
                catch_up(conn, disk / "today" / "wal")
                lead_to(conn, origin.data_dir, kept / "wal", read_manifest(kept).first_segment)
    assert archive_of(origin.data_dir) == kept / "wal"


def test_the_newest_of_one_service_are_kept(kept, tmp_path):
    manifest = read_manifest(kept)
    others = [("a", 1, None), ("b", 2, None), ("c", 3, None), ("other", 0, "/elsewhere")]
    for name, day, origin in others:
        (tmp_path / name).mkdir()
        finished_at = f"2026-01-0{day + 1}T00:00:00+08:00"
        write_manifest(
            tmp_path / name, replace(manifest, finished_at=finished_at, origin=origin or manifest.origin)
        )
    assert remove_older(tmp_path / "c", 2) == [tmp_path / "a"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "c", "other"]


def test_a_dump_of_a_server_of_ones_own_is_restored_there_and_proved(fresh_url, empty_url, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    settings = Settings(data_dir=tmp_path / "data", database_url=fresh_url, identity_key=KEY, secret_key=OTHER)
    with opened(settings) as service, service.work() as work:
        add_account(work, username="ann", roles=["office.clerk"], staff_no="007")
    out = tmp_path / "dump"
    assert back_up(settings, out).kind == "dump"
    with pytest.raises(BackupError, match=r"holds the one moment.*archive of that server"):
        restore(settings, out, real_now())
    with pytest.raises(BackupError, match="holds tables"):
        restore(settings, out)
    there = replace(settings, database_url=empty_url)
    shutil.copytree(out, tmp_path / "spoilt")
    change_a_byte(tmp_path / "spoilt" / "database.dump")
    with pytest.raises(BackupError, match=r"database\.dump.* not as it was written"):
        restore(there, tmp_path / "spoilt")
    assert restore(there, out).misfits == []
    with opened(there) as service, service.engine.connect() as conn:
        assert conn.execute(select(accounts.c.username)).scalars().all() == ["ann"]


def test_a_login_that_may_not_read_all_is_told_whose_to_take(fresh_url, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    own = application_url(fresh_url)
    settings = Settings(data_dir=tmp_path / "data", database_url=own, identity_key=KEY, secret_key=OTHER)
    with pytest.raises(BackupError, match=r"scoring_app may not read all .*SCORING_DATABASE_OWNER_URL"):
        back_up(settings, tmp_path / "dump")
    assert not (tmp_path / "dump").exists()
    assert back_up(replace(settings, database_owner_url=fresh_url), tmp_path / "dump").kind == "dump"
    nobody = replace(settings, database_url="postgresql+psycopg://web@127.0.0.1:1/scoring")
    for act in (back_up, restore):
        with pytest.raises(BackupError, match=r"The database cannot be reached: .*Connection refused"):
            act(nobody, tmp_path / ("none" if act is back_up else "dump"))
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("said", "says"), [(None, "is not on PATH"), ("pg_dump (PostgreSQL) 9.6.1", "older than")])
def test_a_client_program_that_is_missing_or_old_is_told(said, says, tmp_path, monkeypatch):
    if said:
        (tmp_path / "pg_dump").write_text(f"#!/bin/sh\necho '{said}'\n")
        (tmp_path / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match=f"{says}.*postgresql-client-18"):
        program_for("pg_dump", 18)


def test_an_archive_that_takes_nothing_is_told(origin, tmp_path):
    """The service goes on; the log waits until the archive is there again."""
    out = tmp_path / "backup"
    back_up(origin, out)
    with opened(origin) as service, EmbeddedServer(data_dir=origin.data_dir).superuser() as conn:

        def archive():
            return archive_state(service.engine, origin.data_dir)["state"]

        assert archive() == "ok"
        (out / "wal").rename(out / "elsewhere")
        conn.execute("SELECT pg_current_xact_id()")
        conn.execute("SELECT pg_switch_wal()")
        wait_for(lambda: archive() == "failing", "the failure to show")
        (out / "elsewhere").rename(out / "wal")
        catch_up(conn, out / "wal")
        assert archive() == "ok"
