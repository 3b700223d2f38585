"""`backup`, `restore` and `verify-backup`."""

from __future__ import annotations

import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from scoring_service.cli.screening import Instant
from scoring_service.runtime.backups import WAL, back_up, remove_older
from scoring_service.runtime.backups_manifest import Manifest
from scoring_service.runtime.backups_restore import Restored
from scoring_service.runtime.backups_restore import restore as restore_backup
from scoring_service.runtime.backups_restore import verify as verify_restored
from scoring_service.settings import PREFIX, Settings

MEGABYTE = 1_000_000
LINE_SECONDS = 5.0

_FOLDER = click.Path(file_okay=False, path_type=Path)
_BACKUP = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--out", type=_FOLDER, required=True, metavar="DIR", help="a folder that is not there yet")
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="keep the N newest beside DIR, remove the others")
def backup(*, out: Path, keep: int | None) -> None:
    """Back up the database into DIR while it works; the keys are not in it.

    The embedded one is copied, and from then on its log is archived in DIR, so that `restore --until` can end at any
    moment after. A server named by SCORING_DATABASE_URL is dumped by its own pg_dump.
    """
    signal.signal(signal.SIGTERM, _leave)
    settings = Settings.from_env()
    begun = time.monotonic()
    manifest = back_up(settings, out, _Progress())
    seconds = time.monotonic() - begun
    size = manifest.bytes / MEGABYTE
    click.echo(f"{out}: {size:,.0f} MB in {seconds:.1f} s, {size / seconds:,.0f} MB/s")
    _tell_facts(manifest)
    click.echo(f"The keys are not in it. Keep them apart from it: {_place_of_keys(settings)}.")
    for name, value in manifest.facts.keys.items():
        click.echo(f"  {name}: fingerprint {', '.join(value)}")
    if manifest.kind == "cluster":
        click.echo(f"From now on the write-ahead log goes to {out.absolute() / WAL}.")
    for older in remove_older(out, keep) if keep else []:
        click.echo(f"removed: {older}")


@click.command()
@click.option("--from", "source", type=_BACKUP, required=True, metavar="DIR", help="what `backup` wrote")
@click.option("--until", type=Instant(), metavar="T", help="an instant with its offset: nothing later")
def restore(*, source: Path, until: datetime | None) -> None:
    """Put the backup in DIR into an empty SCORING_DATA_DIR, or a dump into an empty SCORING_DATABASE_URL.

    The keys are put there first: keys.json into the data folder, or SCORING_IDENTITY_KEY. Ledger and standings are
    checked; exit 1 when they do not fit.
    """
    signal.signal(signal.SIGTERM, _leave)
    settings = Settings.from_env()
    begun = time.monotonic()
    restored = restore_backup(settings, source, until, _Progress())
    place = settings.data_dir if settings.embedded else f"the database of {PREFIX}DATABASE_URL"
    _tell(restored, f"restored into {place}", time.monotonic() - begun)


@click.command("verify-backup")
@click.option("--from", "source", type=_BACKUP, required=True, metavar="DIR", help="what `backup` wrote")
def verify_backup(*, source: Path) -> None:
    """Read every byte of the backup in DIR, restore it into a temporary folder, and check ledger and standings there.

    TMPDIR needs room for all of it.
    """
    signal.signal(signal.SIGTERM, _leave)
    begun = time.monotonic()
    restored = verify_restored(Settings.from_env(), source, _Progress())
    _tell(restored, "verified, and restored on trial", time.monotonic() - begun)


class _Progress:
    """Tells bytes, share and time left on the terminal, or a line now and then where there is none."""

    def __init__(self) -> None:
        self._what, self._begun = "", time.monotonic()
        self._shown = self._begun

    def __call__(self, what: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if begins := what != self._what:
            self._what, self._begun = what, now
        if not begins and now - self._shown < (0.2 if sys.stderr.isatty() else LINE_SECONDS):
            return
        self._shown = now
        line = _line(what, done, total, now - self._begun)
        click.echo(f"\r\x1b[K{line}" if sys.stderr.isatty() else line, nl=not sys.stderr.isatty(), err=True)


def _line(what: str, done: int, total: int | None, seconds: float) -> str:
    size = f"{what}: {done / MEGABYTE:,.0f}"
    if not total:
        return f"{size} MB" if done else f"{what} …"
    left = f", {seconds * (total - done) / done:,.0f} s left" if 0 < done <= total and seconds > 1 else ""
    return f"{size} of {total / MEGABYTE:,.0f} MB, {min(done / total, 1):.0%}{left}"


def _place_of_keys(settings: Settings) -> str:
    set_ones = [f"{PREFIX}{name.upper()}" for name in ("secret_key", "identity_key") if getattr(settings, name)]
    here = [str(settings.data_dir / "keys.json")] if (settings.data_dir / "keys.json").exists() else []
    return ", ".join([*set_ones, *here]) or "they were not found here"


def _tell_facts(manifest: Manifest) -> None:
    facts = manifest.facts
    click.echo(f"schema {facts.schema}, release {manifest.release}; whole as of {manifest.finished_at}")
    click.echo("at least " + ", ".join(f"{count:,} {table}" for table, count in facts.counts.items()))
    if facts.last_entry is not None:
        last = facts.last_entry
        click.echo(f"last entry {last.id} of {last.recorded_at}; last event {facts.last_event}")


def _tell(restored: Restored, what: str, seconds: float) -> None:
    for misfit in restored.misfits:
        entry = "" if misfit.seq is None else f" entry {misfit.seq}"
        click.echo(f"practitioner {misfit.practitioner_id}{entry}: {misfit.what}", err=True)
    size = restored.manifest.bytes / MEGABYTE
    click.echo(f"{what}: {size:,.0f} MB in {seconds:.1f} s, {size / seconds:,.0f} MB/s")
    last = "none" if restored.last_entry_at is None else restored.last_entry_at.isoformat()
    click.echo(f"{restored.entries:,} entries, the last recorded at {last}; last event {restored.last_event:,}")
    click.echo(f"{restored.files} files verified and checked, {len(restored.misfits)} do not fit.")
    sys.exit(1 if restored.misfits else 0)


def _leave(_number: int, _frame: Any) -> NoReturn:
    sys.exit(143)


COMMANDS = (backup, restore, verify_backup)
