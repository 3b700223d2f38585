"""An empty Flask endpoint on the same server with the same settings: what a reader knows."""

import sys

from flask import Flask
from granian.constants import Interfaces
from granian.server import Server

from bench.stage import WORKERS
from scoring_service.settings import Settings

app = Flask(__name__)


@app.get("/")
def nothing() -> dict[str, bool]:
    return {"ok": True}


if __name__ == "__main__":
    Server(
        "bench.empty:app",
        interface=Interfaces.WSGI,
        address="127.0.0.1",
        port=int(sys.argv[1]),
        workers=WORKERS,
        blocking_threads=Settings().threads,
        backlog=Settings().backlog,
        websockets=False,
        log_enabled=False,
    ).serve()
