"""Commands of the service that run beside the workers: restarted when they die, stopped with them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import structlog

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
STOP_TIMEOUT_SECONDS = 15.0
PARENT_CHECK_SECONDS = 1.0

log = structlog.get_logger("children")


@contextmanager
def kept_running(*commands: tuple[str, ...]) -> Iterator[None]:
    """Keep `python -m scoring_service COMMAND --with-parent PID` running, as long as the block runs."""
    with ExitStack() as stack:
        for command in commands:
            child = _Child([sys.executable, "-m", "scoring_service", *command, "--with-parent", str(os.getpid())])
            stack.callback(child.stop)
            child.start()
        yield


def follow_parent(parent: int) -> None:
    """Let this process leave once its parent, the process `parent`, is gone: asked first, then killed.

    The parent's number is handed down and not asked for, because the parent may die before the child asks.
    """
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    for _ in range(int(STOP_TIMEOUT_SECONDS / PARENT_CHECK_SECONDS)):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(PARENT_CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


class _Child:
    """One command, and the thread that watches it."""

    def __init__(self, arguments: list[str]) -> None:
        self._arguments = arguments
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        self._spawn()
        self._watcher.start()

    def stop(self) -> None:
        self._stopping.set()
        self._terminate()
        self._watcher.join(STOP_TIMEOUT_SECONDS)
        self._terminate()

    def _spawn(self) -> None:
        # A session of its own: Ctrl-C is for the parent, which stops its children in order.
        self._process = subprocess.Popen(self._arguments, start_new_session=True)

    def _watch(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while self._process is not None:
            code = self._process.wait()
            if self._stopping.wait(pause if code else FIRST_PAUSE_SECONDS):
                return
            log.warning("child restarted", command=self._arguments[-1], exit_code=code)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            self._spawn()

    def _terminate(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
