"""A process of its own for what strangers made: it may run out of memory or time without harm to the service."""

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import scoring_service

MOST_BYTES_OF_MEMORY = 1536 << 20
MOST_SECONDS_OF_CPU = 120
_PACKAGE_FOLDER = Path(scoring_service.__file__).parent.parent


def started(module: str, *arguments: str, **pipes: Any) -> subprocess.Popen[bytes]:
    """Start a module of this package as a process, with nothing of the service's own settings."""
    return subprocess.Popen(
        [sys.executable, "-m", f"scoring_service.workbooks.{module}", *arguments],
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(_PACKAGE_FOLDER), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
        **pipes,
    )


def limit(most_bytes_written: int = 0) -> None:
    """Limit the process that calls this, for good."""
    for kind, most in (
        (resource.RLIMIT_AS, MOST_BYTES_OF_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS_OF_CPU),
        (resource.RLIMIT_FSIZE, most_bytes_written),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
