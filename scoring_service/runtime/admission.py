"""What a request brings before it takes one of the few threads that work: its whole body.

The server has a thread for each connection, so that a slow sender occupies nothing but its own; how many requests are
at work at once is limited here. That a sender is not slow for ever, `connections` sees to.
"""

from __future__ import annotations

import errno
import io
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

from scoring_service.failures import storage_full, unavailable
from scoring_service.problems import Problem
from scoring_service.runtime.connections import is_too_slow

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

MEGABYTE = 1024 * 1024
PIECE_BYTES = 64 * 1024
# A slow body is cut off at a look at the connections, whose clocks began a little earlier or later.
SLACK_SECONDS = 4.0
# What is longer than any route takes is counted and not kept; the route refuses it by its length.
KEPT_AT_MOST = 102 * MEGABYTE
# The bodies in the memory of one process, in all and of one address.
ROOM_BYTES = 256 * MEGABYTE
ROOM_OF_ADDRESS_BYTES = 112 * MEGABYTE
# Claim files go to the disk instead: so many bytes of one, of all in one process, and of one address.
SPOOLED = "/api/v1/eligibility/claims"
SPOOLED_AT_MOST = 513 * MEGABYTE
DISK_BYTES = 3072 * MEGABYTE
DISK_OF_ADDRESS_BYTES = 1152 * MEGABYTE
# Beyond what is kept so much is read all the same: many a client reads no answer before it has sent all.
READ_BEYOND = 26 * MEGABYTE


class Admission:
    """A WSGI application in front of `app`: at most `at_work` requests are in it, each with its body read.

    `behind_proxy`: all callers come from the proxy's address, and how much each may send is the proxy's affair.
    """

    def __init__(self, app: WSGIApplication, *, at_work: int, behind_proxy: bool) -> None:
        self._app = app
        self._at_work = threading.Semaphore(at_work)
        self._memory = _Room(ROOM_BYTES, None if behind_proxy else ROOM_OF_ADDRESS_BYTES)
        self._disk = _Room(DISK_BYTES, None if behind_proxy else DISK_OF_ADDRESS_BYTES)
        self._begun: dict[int, tuple[str, float]] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not _has_body(environ):
            return self._answered(environ, start_response)
        with self._body(environ) as body:
            environ["wsgi.input"] = received = _received(body, environ)
            refused = isinstance(received, _Refusal)
            return self._answered(environ, _closing(start_response) if refused else start_response)

    @contextmanager
    def _body(self, environ: WSGIEnvironment) -> Iterator[_Body]:
        address = environ["REMOTE_ADDR"]
        if environ.get("PATH_INFO") == SPOOLED:
            with tempfile.TemporaryFile(prefix="body-") as file, self._disk.of(address, SPOOLED_AT_MOST, file) as body:
                yield body
        else:
            with self._memory.of(address, KEPT_AT_MOST, io.BytesIO()) as body:
                yield body

    def longest_at_work(self, address: str) -> float:
        """Return for how many seconds the longest request of `address` has waited for or been at work."""
        begun = [since for caller, since in list(self._begun.values()) if caller == address]
        return time.monotonic() - min(begun) if begun else 0.0

    def _answered(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        thread = threading.get_ident()
        self._begun[thread] = environ["REMOTE_ADDR"], time.monotonic()
        try:
            with self._at_work:
                return self._app(environ, start_response)
        finally:
            del self._begun[thread]


def _received(body: _Body, environ: WSGIEnvironment) -> IO[bytes]:
    """The body, read whole; or a stream that raises why it was not, to whom reads it."""
    announced = environ.get("CONTENT_LENGTH", "")
    try:
        body.read(environ["wsgi.input"], announced)
    except Problem as problem:
        return cast("IO[bytes]", _Refusal(problem))
    if not announced:
        environ["CONTENT_LENGTH"] = str(body.received)
    return body.taken()


class _Body:
    """The body of one request while it comes in."""

    def __init__(self, room: _Room, address: str, at_most: int, kept_in: IO[bytes]) -> None:
        self._room = room
        self._at_most, self._kept_in = at_most, kept_in
        self.address = address
        self.received = 0
        self.kept = 0

    def read(self, stream: IO[bytes], announced: str) -> None:
        """Read to the end. Raises Problem for a body that is cut short or too slow, or when the room is full.

        The server tells an end that came too early like any other: what was cut short must not pass for the whole.
        """
        began, read_at_most = time.monotonic(), self._at_most + READ_BEYOND
        while self.received < read_at_most and (piece := stream.read(PIECE_BYTES)):
            self.received += len(piece)
            if self.kept < self._at_most:
                self._room.take(self, len(piece))
                self._keep(piece)
        whole = announced.isdigit() and self.received >= min(int(announced), read_at_most)
        if not whole and is_too_slow(time.monotonic() - began + SLACK_SECONDS, self.received):
            raise Problem(408, "body_too_slow", "请求内容发送过慢 / the body came too slowly")
        if not whole and announced:
            raise Problem(
                400, "incomplete_body", "请求内容不完整 / the body ended before its announced length"
            )

    def _keep(self, piece: bytes) -> None:
        try:
            self._kept_in.write(piece)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise storage_full() from None

    def taken(self) -> IO[bytes]:
        """Return what was kept, at its beginning."""
        self._kept_in.seek(0)
        return self._kept_in


class _Room:
    """The room for bodies, in all and of each address (None: of that no less)."""

    def __init__(self, in_all: int, of_address: int | None) -> None:
        self._in_all, self._of_address = in_all, in_all if of_address is None else of_address
        self._lock = threading.Lock()
        self._bytes: Counter[str] = Counter()

    @contextmanager
    def of(self, address: str, at_most: int, kept_in: IO[bytes]) -> Iterator[_Body]:
        """Room for one body of `address`, given back at the end."""
        body = _Body(self, address, at_most, kept_in)
        try:
            yield body
        finally:
            with self._lock:
                self._bytes[address] -= body.kept
                if not self._bytes[address]:
                    del self._bytes[address]

    def take(self, body: _Body, size: int) -> None:
        """Count `size` bytes more as kept of `body`. Raises Problem 503 when they are too much."""
        with self._lock:
            greedy = self._bytes[body.address] + size > self._of_address
            if greedy or self._bytes.total() + size > self._in_all:
                raise unavailable()
            self._bytes[body.address] += size
            body.kept += size


class _Refusal(io.RawIOBase):
    """A stream of which nothing can be read, because of `problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self._problem = problem

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        raise self._problem


def _closing(start_response: StartResponse) -> StartResponse:
    """Begin an answer after which the server closes the connection: the rest of a body is not waited for."""

    def begin(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        return start_response(status, [*headers, ("Connection", "close")], *error)

    return begin


def _has_body(environ: WSGIEnvironment) -> bool:
    return environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ
