"""The folder in which the workers of one run share their counters.

Apart from `counter_files`, because prometheus-client decides when it is imported whether counters are shared: the
folder must be named before.
"""

import os
import tempfile
from pathlib import Path

import psutil

from scoring_service.server_account import hand_over, server_account

FOLDER = "scoring-metrics-"


def make_folder() -> Path:
    """Make the folder of this run, in memory where there is a place for it; those of killed runs are removed."""
    memory = Path("/dev/shm")  # noqa: S108 -- a folder with a random name and mode 0700 is made in it
    parent = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    for left in parent.glob(f"{FOLDER}*"):
        pid = left.name.removeprefix(FOLDER).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)) and left.lstat().st_uid in _own_users():
            remove_folder(left)
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-", dir=parent))
    hand_over(folder)
    return folder


def _own_users() -> set[int]:
    account = server_account()
    return {os.geteuid()} if account is None else {os.geteuid(), account.pw_uid}


def remove_folder(folder: Path) -> None:
    """Remove a folder of counters and what is in it."""
    for path in folder.iterdir():
        path.unlink(missing_ok=True)
    folder.rmdir()
