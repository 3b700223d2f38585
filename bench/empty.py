"""What a reader knows, on the same server with the same settings: an empty Flask endpoint, and a bare batch.

The bare batch reads the refs of a batch, looks them up with one statement and writes the rows: no token, no
judgement, no record. It is the floor under any batch in this language on this database.
"""

import sys
import threading

import msgspec
import psycopg
from flask import Flask, Response, request
from granian.constants import Interfaces
from granian.server import Server

from bench.stage import WORKERS
from scoring_service.settings import Settings

app = Flask(__name__)
_mine = threading.local()
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_ROWS = """
    SELECT code, revision, profile FROM standings JOIN standing_codes USING (practitioner_id) WHERE code = ANY(%s)
"""


@app.get("/")
def nothing() -> dict[str, bool]:
    return {"ok": True}


@app.post("/batch/<path:host>")
def bare_batch(host: str) -> Response:
    if not hasattr(_mine, "connection"):
        # By the indexes: the planner would read the whole of both tables, which takes four times as long.
        _mine.connection = psycopg.connect(
            host=f"/{host}",
            user="postgres",
            dbname="scoring",
            autocommit=True,
            options="-c enable_hashjoin=off -c enable_mergejoin=off",
        )
    refs = [check["ref"] for check in _decode(request.get_data())["checks"]]
    found = {row[0]: row for row in _mine.connection.execute(_ROWS, [refs])}
    return Response(_encode({"results": [found[ref] for ref in refs]}), mimetype="application/json")


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
