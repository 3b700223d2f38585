"""Backup, trial restore and restore to a moment: `python -m bench.backups PEOPLE`, or `demo` for what `make run` seeds.

Beside a plain copy of the same cluster by `cp`, written to the disk by `sync`, in the same run.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bench.stage import unwind_when_stopped
from bench.world import populate
from scoring_service.clock import real_now
from scoring_service.db.engine import make_owner_engine
from scoring_service.runtime.backups import back_up
from scoring_service.runtime.backups_restore import PROVING, restore, verify
from scoring_service.runtime.embedded import embedded_database
from scoring_service.runtime.keys import with_keys
from scoring_service.runtime.start import keyed, opened, prepare, seed
from scoring_service.services.standing.proof import rebuild
from scoring_service.settings import Settings

MEGABYTE = 1_000_000
MOST_PROVED = 100_000
MOST_PROVED_BYTES = 1_000 * MEGABYTE


def main() -> None:
    unwind_when_stopped()
    people = None if sys.argv[1:] == ["demo"] else int(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as place:
        folder = Path(place)
        settings = Settings(data_dir=folder / "data", demo="full" if people is None else "off")
        with embedded_database(settings.data_dir) as addresses:
            prepare(settings, addresses)
            seed(keyed(settings, addresses), addresses)
            if people is not None:
                fill(settings, addresses.owner, people)
            measure(with_keys(settings), folder)


def fill(settings: Settings, owner_url: str, people: int) -> None:
    owner = make_owner_engine(owner_url)
    populate(owner, people)
    owner.dispose()
    # The world of the benchmarks writes its cache without a ledger behind it; what is proved is measured on few.
    if people <= MOST_PROVED:
        with opened(settings) as service:
            rebuild(service)


def measure(settings: Settings, folder: Path) -> None:
    size = back_up(settings, folder / "first").bytes
    print(f"{size / MEGABYTE:,.0f} MB")
    told("cp and sync", size, lambda: copy(folder / "first" / "base", folder / "copy"))
    told("backup", size, lambda: back_up(settings, folder / "backup"))
    until = real_now()
    there = replace(settings, data_dir=folder / "restored")
    told("restore --until, before the proofs", size, lambda: recover(there, folder / "backup", until))
    if size < MOST_PROVED_BYTES:
        told("restore --until", size, lambda: restore(there, folder / "backup", until))
        told("verify-backup", size, lambda: verify(settings, folder / "backup"))


class Recovered(Exception):
    """The cluster stands where it should; what comes next are the proofs."""


def recover(there: Settings, source: Path, until: datetime) -> None:
    def stop(what: str, _done: int, _total: int | None) -> None:
        if what == PROVING:
            raise Recovered

    with suppress(Recovered):
        restore(there, source, until, stop)


def copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-r", source, target], check=True)  # noqa: S607
    subprocess.run(["sync", "--file-system", target], check=True)  # noqa: S607


def told(what: str, size: int, act: Callable[[], object]) -> None:
    began = time.monotonic()
    act()
    seconds = time.monotonic() - began
    print(f"{what}: {seconds:.1f} s, {size / MEGABYTE / seconds:,.0f} MB/s", flush=True)


if __name__ == "__main__":
    main()
