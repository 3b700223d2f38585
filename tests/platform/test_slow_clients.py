"""Slow senders, slow readers and crowds take nothing from others, and are cut off."""

import io
import json
import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest
from platform_serving import get, serving
from structlog.testing import capture_logs

from scoring_service.problems import Problem
from scoring_service.runtime import admission, connections
from scoring_service.runtime.admission import Admission
from scoring_service.runtime.connections import PATIENCE_SECONDS, Connections

HALF = (
    b"POST /api/v1/auth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 500\r\n\r\n{"username": '
)
LATE = PATIENCE_SECONDS + 1


def test_more_half_bodies_than_threads_keep_nobody_waiting(data_dir, port):
    with serving(data_dir, port, SCORING_WORKERS="1", SCORING_THREADS="2"), ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(socket.create_connection(("127.0.0.1", port))).sendall(HALF)
        assert [get(port, "/readyz")[0] for _ in range(5)] == [200] * 5
        with socket.create_connection(("127.0.0.1", port), timeout=60) as slow:
            slow.sendall(HALF)
            head, _, body = slow.makefile("rb").read().partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert json.loads(body)["code"] == "body_too_slow"


@contextmanager
def connected(count=1):
    """A listener's port, and pairs of the sockets at a client's and the server's end."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        pairs = []
        for _ in range(count):
            client = stack.enter_context(socket.create_connection(listener.getsockname()))
            pairs.append((client, stack.enter_context(listener.accept()[0])))
            client.settimeout(10)
        yield listener.getsockname()[1], pairs


def watched(port, *, at_work=0.0, behind_proxy=False):
    return Connections(port=port, longest_at_work=lambda _address: at_work, behind_proxy=behind_proxy)


def test_a_request_that_does_not_end_is_told_its_end_and_then_cut():
    with connected() as (port, [(client, server)]):
        watch = watched(port)
        watch.look(0)
        client.sendall(HALF)
        assert server.recv(65536) == HALF
        for now in (1, PATIENCE_SECONDS - 1):
            watch.look(now)
        client.sendall(b" ")
        assert server.recv(1) == b" "
        watch.look(LATE)
        assert server.recv(1) == b""
        watch.look(LATE + 1)
        with pytest.raises(BrokenPipeError):
            server.send(b"too late")
        assert client.recv(1) == b""


def test_a_request_that_is_at_work_is_waited_for():
    with connected() as (port, [(client, server)]):
        watch = watched(port, at_work=LATE)
        watch.look(0)
        client.sendall(HALF)
        for now in (1, LATE + 1, 100):
            watch.look(now)
        server.sendall(b"answer")
        assert client.recv(10) == b"answer"


def test_an_answer_that_is_not_read_is_cut_and_one_that_is_read_is_not():
    with connected(2) as (port, [(_idle, server), (client, other)]):
        server.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                server.send(b"x" * 65536)
        watch = watched(port)
        for now in (0, LATE):
            watch.look(now)
        with pytest.raises(OSError, match=r"pipe|reset"):
            server.send(b"x")
        other.sendall(b"still here")
        assert client.recv(20) == b"still here"


def answer_one(client, server):
    """Answer, until the client's system has acknowledged it, which it does a moment later than the client reads it."""
    acknowledged = connections.counts(server)[1]
    server.sendall(b"answer")
    assert client.recv(10) == b"answer"
    deadline = time.monotonic() + 5
    while connections.counts(server)[1] == acknowledged:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("behind_proxy", [False, True])
def test_of_a_crowd_from_one_address_the_longest_silent_are_cut(monkeypatch, behind_proxy):
    with connected(5) as (port, pairs):
        watch = watched(port, behind_proxy=behind_proxy)
        watch.look(0)
        monkeypatch.setattr(connections, "CONNECTIONS_OF_ADDRESS", 3)
        for client, server in pairs[:3]:
            answer_one(client, server)
        with capture_logs() as cuts:
            for now in (1, 2, 3):
                watch.look(now)
        # Who is cut may stay for a while, and is not cut again in the place of another.
        assert [cut["number"] for cut in cuts] == ([] if behind_proxy else [2])
        alive = []
        for number, (_client, server) in enumerate(pairs):
            try:
                server.send(b"more")
                alive.append(number)
            except OSError:
                continue
        assert alive == ([0, 1, 2, 3, 4] if behind_proxy else [0, 1, 2])


def ask(app, body, **environ):
    length = {"CONTENT_LENGTH": str(len(body))}
    asked = {"REMOTE_ADDR": "192.0.2.1", "wsgi.input": io.BytesIO(body)} | length | environ
    begun = []
    answer = app(asked, lambda status, headers: begun.append((status, dict(headers))))
    return begun[0], b"".join(answer)


def echo(environ, start_response):
    try:
        body = environ["wsgi.input"].read()
    except Problem as problem:
        start_response(f"{problem.status} {problem.code}", [])
        return []
    start_response("200 OK", [("X-Length", environ["CONTENT_LENGTH"])])
    return [body]


def test_a_body_that_was_cut_short_is_not_taken_for_the_whole():
    app = Admission(echo, at_work=1, behind_proxy=False)
    assert ask(app, b"whole")[1] == b"whole"
    (status, headers), _ = ask(app, b"whole", CONTENT_LENGTH="6")
    assert (status, headers["Connection"]) == ("400 incomplete_body", "close")
    (status, headers), body = ask(app, b"of unknown length", CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")
    assert (status, headers["X-Length"], body) == ("200 OK", "17", b"of unknown length")


def test_bodies_share_a_room_that_is_given_back(monkeypatch):
    monkeypatch.setattr(admission, "ROOM_OF_ADDRESS_BYTES", 10)
    app = Admission(echo, at_work=1, behind_proxy=False)
    for _ in range(3):
        assert ask(app, b"ten bytes!")[1] == b"ten bytes!"
    assert ask(app, b"eleven byte")[0][0] == "503 unavailable"
    assert ask(app, b"ten bytes!")[1] == b"ten bytes!"


def test_a_claim_file_waits_on_the_disk(monkeypatch):
    monkeypatch.setattr(admission, "DISK_OF_ADDRESS_BYTES", 10)
    monkeypatch.setattr(admission, "ROOM_OF_ADDRESS_BYTES", 3)
    places = []

    def noting(environ, start_response):
        places.append(type(environ["wsgi.input"]))
        return echo(environ, start_response)

    app = Admission(noting, at_work=1, behind_proxy=False)
    for _ in range(3):
        assert ask(app, b"ten bytes!", PATH_INFO=admission.SPOOLED)[1] == b"ten bytes!"
    assert io.BytesIO not in places
    assert ask(app, b"eleven byte", PATH_INFO=admission.SPOOLED)[0][0] == "503 unavailable"
    assert ask(app, b"ten bytes!")[0][0] == "503 unavailable"


def test_no_more_are_at_work_than_may_be():
    inside, most, both = [], [], threading.Event()

    def slow(_environ, start_response):
        inside.append(1)
        most.append(len(inside))
        both.wait(0.2)
        inside.pop()
        start_response("200 OK", [])
        return []

    app = Admission(slow, at_work=2, behind_proxy=False)
    threads = [threading.Thread(target=ask, args=(app, b"")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (8, 2)
    assert app.longest_at_work("192.0.2.1") == 0
