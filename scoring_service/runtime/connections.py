"""Limits of time and number for the connections of one worker, in both directions.

The server limits the time of headers and of the pause between two requests. It has none for a body that trickles in
or an answer that is not read, and no number for one caller. So a thread looks once a second at the process's own
sockets, by what the kernel counts of them (TCP_INFO, which is Linux's; elsewhere nothing is shut), and shuts those
that overstep.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog

# A request, and an answer, has this long, and longer as long as it moves faster than the least rate.
PATIENCE_SECONDS = 15.0
LEAST_BYTES_A_SECOND = 32 * 1024
# Of one address, in one worker; an office has one address for all its people.
CONNECTIONS_OF_ADDRESS = 250
LOOK_SECONDS = 1.0

# Of `struct tcp_info` (linux/tcp.h), which only ever grows at its end: tcpi_unacked, tcpi_bytes_acked,
# tcpi_bytes_received and tcpi_notsent_bytes.
_COUNTS = struct.Struct("=24xI92xQQ8xI")
_RESET = struct.pack("ii", 1, 0)

log = structlog.get_logger("scoring_service.runtime.connections")


def is_too_slow(seconds: float, size: int) -> bool:
    """Tell whether `size` bytes in `seconds` are less than a connection has to move."""
    return seconds > PATIENCE_SECONDS + size / LEAST_BYTES_A_SECOND


@dataclass(slots=True, kw_only=True)
class _Connection:
    """One connection as it was at the last look: since when it is silent, sends a request, takes an answer."""

    address: str
    answered_at: float
    request_since: float
    answer_since: float | None = None
    acked: int = 0
    received_before: int = 0
    acked_before: int = 0
    is_ended: bool = False
    is_cut: bool = False


@dataclass(slots=True, kw_only=True)
class Connections:
    """The connections on `port`. `longest_at_work` tells for how many seconds an address has had a request at work."""

    port: int
    longest_at_work: Callable[[str], float]
    behind_proxy: bool
    _known: dict[int, _Connection] = field(default_factory=dict)
    _cuts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def watch(self) -> None:
        """Look once a second, in a thread of its own, as long as the process lives."""
        if hasattr(socket, "TCP_INFO"):
            threading.Thread(target=self._watch, daemon=True, name="connections").start()

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            self.look(time.monotonic())

    def look(self, now: float) -> None:
        """Shut what oversteps at the instant `now`."""
        known = {}
        numbers = defaultdict(list)
        for inode, sock in own_sockets(self.port):
            try:
                connection = self._seen(sock, self._known.get(inode), now)
            except OSError:
                continue
            known[inode] = connection
            # Whoever serves one that is cut may hold it for a while yet.
            if not connection.is_cut:
                numbers[connection.address].append((connection.answered_at, inode))
        self._known = known
        if not self.behind_proxy:
            self._thin(
                {
                    inode
                    for silent in numbers.values()
                    for _, inode in sorted(silent)[:-CONNECTIONS_OF_ADDRESS]
                }
            )

        for (why, address), number in self._cuts.items():
            log.warning("connections cut", why=why, address=address, number=number)
        self._cuts.clear()

    def _seen(self, sock: socket.socket, connection: _Connection | None, now: float) -> _Connection:
        unacked, acked, received, unsent = counts(sock)
        if connection is None:
            address = sock.getpeername()[0]
            connection = _Connection(address=address, answered_at=now, request_since=now, acked=acked)
        if acked != connection.acked:
            connection.acked, connection.answered_at = acked, now
            connection.received_before, connection.request_since = received, now
        if received == connection.received_before:
            connection.request_since = now
        if not (unacked or unsent):
            connection.answer_since = None
        elif connection.answer_since is None:
            connection.answer_since, connection.acked_before = now, acked
        if not connection.is_cut:
            self._judge(sock, connection, received, now)
        return connection

    def _judge(self, sock: socket.socket, connection: _Connection, received: int, now: float) -> None:
        since = connection.answer_since
        if since is not None:
            if is_too_slow(now - since, connection.acked - connection.acked_before):
                self._cut(sock, connection, "an answer is not read")
        elif is_too_slow(now - connection.request_since, received - connection.received_before):
            if connection.is_ended:
                self._cut(sock, connection, "a request does not end")
            elif self.longest_at_work(connection.address) < LOOK_SECONDS:
                # What waits for the body sees its end, and can still answer.
                sock.shutdown(socket.SHUT_RD)
                connection.is_ended = True

    def _thin(self, silent: set[int]) -> None:
        if silent:
            for inode, sock in own_sockets(self.port):
                if inode in silent:
                    self._cut(sock, self._known[inode], "too many of one address")

    def _cut(self, sock: socket.socket, connection: _Connection, why: str) -> None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        sock.shutdown(socket.SHUT_RDWR)
        connection.is_cut = True
        self._cuts[why, connection.address] += 1


def counts(sock: socket.socket) -> tuple[int, int, int, int]:
    """Return what the kernel counts: segments not acknowledged; bytes acknowledged, received, not yet sent."""
    statistics = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    unacked, acked, received, unsent = _COUNTS.unpack_from(statistics)
    return unacked, acked, received, unsent


def own_sockets(port: int) -> Iterator[tuple[int, socket.socket]]:
    """The connections of this process on its port, each by its inode and as a copy that is closed afterwards."""
    for place in Path("/dev/fd").iterdir():
        try:
            descriptor = os.fstat(int(place.name))
            if not stat.S_ISSOCK(descriptor.st_mode):
                continue
            with _copied(int(place.name)) as copy:
                if _is_connection(copy, port):
                    yield descriptor.st_ino, copy
        except OSError:
            continue


def _copied(descriptor: int) -> socket.socket:
    copy = os.dup(descriptor)
    try:
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        raise


def _is_connection(candidate: socket.socket, port: int) -> bool:
    if candidate.family not in {socket.AF_INET, socket.AF_INET6} or candidate.getsockname()[1] != port:
        return False
    return not candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
