"""The embedded PostgreSQL under `serve`: started again when it was killed, or the service leaves."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count

import psycopg
import structlog

from scoring_service.runtime.backups_archive import archive_of, is_archive_failing
from scoring_service.runtime.embedded import EmbeddedError, EmbeddedServer
from scoring_service.settings import Settings

LOOK_SECONDS = 1.0
FIRST_PAUSE_SECONDS = 1.0
ATTEMPTS = 5
# Of the looks, each of so many is at the archive too.
ARCHIVE_LOOKS = 30

log = structlog.get_logger("scoring_service.runtime.supervision")


class Supervisor:
    """Starts the server of a data folder again when it is gone; after `ATTEMPTS` failures in a row it gives up.

    Several processes may supervise one folder: the server's own lock lets one of them start it.
    """

    def __init__(self, server: EmbeddedServer) -> None:
        self.gave_up: EmbeddedError | None = None
        self._server = server
        self._archive_failing = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="supervision")

    def start(self) -> None:
        """Begin to look, once a second."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; a start that is under way is waited for."""
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        for look in count():
            if self._stopping.wait(LOOK_SECONDS):
                return
            if look % ARCHIVE_LOOKS == 0:
                self._look_at_archive()
            if self._server.url() is None and not self._revived():
                # The main thread stops the workers and then tells why.
                os.kill(os.getpid(), signal.SIGTERM)
                return

    def _look_at_archive(self) -> None:
        """Tell once when the log no longer reaches the archive, and once when it does again."""
        with suppress(psycopg.Error), self._server.superuser() as conn:
            failing = is_archive_failing(conn) and archive_of(self._server.data_dir) is not None
            if failing != self._archive_failing:
                self._archive_failing = failing
                tell = log.error if failing else log.warning
                tell("archive of the log fails" if failing else "archive of the log goes on")

    def _revived(self) -> bool:
        log.error("embedded database is gone: it is started again")
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._start_again()
            except (EmbeddedError, OSError, psycopg.Error) as error:
                log.error("embedded database did not start", attempt=attempt, error=str(error))  # noqa: TRY400
                self.gave_up = EmbeddedError(
                    f"The embedded PostgreSQL went away and could not be started again, {attempt} times: {error}"
                )
            else:
                log.warning("embedded database runs again", attempt=attempt)
                self.gave_up = None
                return True
            if attempt < ATTEMPTS and self._stopping.wait(pause):
                return True
            pause *= 2
        return False

    def _start_again(self) -> None:
        # An empty cluster in the place of one that was removed would look like a service without any record.
        if not self._server.exists:
            raise EmbeddedError(f"{self._server.cluster} is gone; put it back from a backup.")
        self._server.start()


@contextmanager
def supervised(settings: Settings) -> Iterator[None]:
    """Supervise the embedded database, when there is one, as long as the block runs.

    Raises EmbeddedError at the end of a block that was left because the database could not be had again.
    """
    if not settings.embedded:
        yield
        return
    supervisor = Supervisor(EmbeddedServer(data_dir=settings.data_dir))
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()
    if supervisor.gave_up is not None:
        raise supervisor.gave_up
