"""The console in a world of its own for each module; for browser tests, served on the loopback to real Chromium."""

import os
import shutil
import threading
from collections.abc import Iterator

import pytest
from console_visitor import Visitor
from console_world import Console, make_console
from sqlalchemy import Engine
from werkzeug.serving import WSGIRequestHandler, make_server

# The shell without a window of its own takes a third less of the processor for the same pages.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = os.environ.get("SCORING_TEST_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


class Quiet(WSGIRequestHandler):
    """Writes no line a request."""

    def log_request(self, *_args):
        pass


def pytest_ignore_collect(collection_path, config):
    """Without Chromium the browser's tests are left out; with CI=true they are collected, and fail."""
    if collection_path.name.startswith("test_browser") and CHROMIUM is None and os.environ.get("CI") != "true":
        return True
    return None


@pytest.fixture(scope="module")
def console(module_engine: Engine) -> Console:
    return make_console(module_engine)


@pytest.fixture(scope="module")
def address(console: Console) -> Iterator[str]:
    """Where the console is served."""
    server = make_server("127.0.0.1", 0, console.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    assert CHROMIUM is not None, "Chromium is needed: apt-get install chromium, or set SCORING_TEST_CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium, address):
    opened = []

    def open_one(username=None, **options):
        opened.append(Visitor(chromium, address, username, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
