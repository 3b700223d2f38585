"""What a synchronous standby costs an approval: `python -m bench.replication`.

A primary and its standby on one machine, with fsync on both; eight clients approve cases of one finding over HTTP, by
turns while commits wait for the standby's disk and while they do not. Beforehand the same without any standby.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from sqlalchemy import make_url, text

from bench.approvals import approvals_a_second, submitted
from bench.stage import Stage, stage, unwind_when_stopped
from scoring_service.db.engine import make_owner_engine
from scoring_service.runtime.embedded import BIN, EmbeddedServer, _as_server

PEOPLE = 20_000
TURNS = 2
PATIENCE_SECONDS = 60


def main() -> None:
    unwind_when_stopped()
    with stage(PEOPLE) as on:
        approvals_a_second(on, submitted(on, 0))  # Not counted: each worker compiles its statements once.
        alone = [approvals_a_second(on, submitted(on, 1 + turn)) for turn in range(TURNS)]
        with standby(on):
            both = [_turn(on, 1 + TURNS + 2 * turn) for turn in range(TURNS)]
    behind, waiting = ([pair[place] for pair in both] for place in (0, 1))
    shares = sorted(after / before for before, after in both)
    print(f"no standby: {_shown(alone)}")
    print(f"a standby that commits do not wait for: {_shown(behind)}")
    print(f"a standby that each commit waits for: {_shown(waiting)}")
    print(f"of the rate without waiting: {median(shares):.2f} (from {shares[0]:.2f} to {shares[-1]:.2f})")


def _turn(on: Stage, run: int) -> tuple[float, float]:
    """Approve without waiting for the standby, then with it."""
    _wait_for_standby(on, waits=False)
    before = approvals_a_second(on, submitted(on, run))
    _wait_for_standby(on, waits=True)
    return before, approvals_a_second(on, submitted(on, run + 1))


def _shown(rates: list[float]) -> str:
    return f"{median(rates):,.0f} approvals a second (from {min(rates):,.0f} to {max(rates):,.0f})"


@contextmanager
def standby(on: Stage) -> Iterator[None]:
    """Run a standby that follows the stage's server."""
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as name:
        folder = Path(name) / "standby"
        folder.mkdir()
        primary = Path(str(make_url(on.database_url).query["host"]))
        shutil.chown(folder, primary.stat().st_uid, primary.stat().st_gid)
        Path(name).chmod(0o711)
        server = EmbeddedServer(data_dir=folder)
        copied = [BIN / "pg_basebackup", "-h", primary, "-U", "postgres", "-R", "-X", "stream", "--checkpoint=fast"]
        subprocess.run([*copied, "-D", server.cluster], **_as_server(), check=True)
        server.start()
        try:
            yield
        finally:
            _say(on, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
            server.stop()


def _wait_for_standby(on: Stage, *, waits: bool) -> None:
    names, state = ("*", "sync") if waits else ("", "async")
    _say(on, f"ALTER SYSTEM SET synchronous_standby_names = '{names}'", "SELECT pg_reload_conf()")
    until = time.monotonic() + PATIENCE_SECONDS
    while _say(on, "SELECT sync_state FROM pg_stat_replication") != state:
        if time.monotonic() > until:
            raise SystemExit(f"the standby is not {state}")
        time.sleep(0.1)


def _say(on: Stage, *statements: str) -> object:
    owner = make_owner_engine(on.database_url).execution_options(isolation_level="AUTOCOMMIT")
    with owner.connect() as conn:
        for statement in statements:
            result = conn.execute(text(statement))
        answer = result.scalar() if result.returns_rows else None
    owner.dispose()
    return answer


if __name__ == "__main__":
    main()
