"""Serves bench.django_rest on the same server with the same settings as ours: `python -m bench.django_server PORT`.

Its database is made first, with the codes of BENCH_PEOPLE people.
"""

import os
import sys

from granian.constants import Interfaces
from granian.server import Server
from sqlalchemy import text

from bench import django_rest
from bench.stage import WORKERS
from scoring_service.db.engine import make_owner_engine
from scoring_service.settings import Settings

if __name__ == "__main__":
    owner = make_owner_engine(os.environ["BENCH_DATABASE_URL"])
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text(f"CREATE DATABASE {django_rest.DATABASE}"))
    django_rest.populate(int(os.environ["BENCH_PEOPLE"]))
    Server(
        "bench.django_rest:app",
        interface=Interfaces.WSGI,
        address="127.0.0.1",
        port=int(sys.argv[1]),
        workers=WORKERS,
        blocking_threads=Settings().threads,
        backlog=Settings().backlog,
        websockets=False,
        log_enabled=False,
    ).serve()
