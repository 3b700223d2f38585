"""The register of a province as a rule pack: seconds and most memory, out of the database.

    python -m bench.rule_pack [--people 1000000]

One person in fifty gets a suspension, so that their file goes through the core day by day.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from bench.screening import SANCTIONED, person
from bench.world import populate
from scoring_service.db.engine import make_engine, make_owner_engine
from scoring_service.db.migrate import upgrade
from scoring_service.db.standing import stored_profile
from scoring_service.runtime.assembly import make_service
from scoring_service.runtime.embedded import DATABASE, EmbeddedServer
from scoring_service.runtime.start import keyed
from scoring_service.screening.pack import make_pack
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import Settings

_SUSPEND = """
    UPDATE standings SET profile = jsonb_set(profile::jsonb, '{2}', CAST(:sanctions AS jsonb))::text
    WHERE practitioner_id IN (
        SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM practitioners) p WHERE n % :every = 0
    )
"""


def suspend_some(owner: Engine) -> None:
    """Give one person in fifty a suspension."""
    sanctions = json.dumps(json.loads(stored_profile(person(0).profile))[2])
    with owner.begin() as conn:
        conn.execute(text(_SUSPEND), {"sanctions": sanctions, "every": SANCTIONED})


@contextmanager
def register(people: int) -> Iterator[Service]:
    """A service on a database of its own with so many people, removed afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rule-pack-bench-")))
        server = EmbeddedServer(data_dir=folder)
        server.start()
        stack.callback(server.stop)
        url = server.url(DATABASE) or ""
        upgrade(url)
        owner = make_owner_engine(url)
        populate(owner, people)
        suspend_some(owner)
        owner.dispose()
        addresses = server.addresses()
        settings = keyed(Settings(data_dir=folder, demo="off"), addresses)
        service = make_service(settings, make_engine(addresses.application))
        stack.callback(service.engine.dispose)
        yield service


def measure(service: Service) -> dict[str, Any]:
    """Make a pack; the memory is that of the process with all it has loaded."""
    with tempfile.TemporaryDirectory(prefix="rule-pack-") as folder:
        begun = time.perf_counter()
        pack = make_pack(service, Path(folder))
        seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"seconds": round(seconds, 2), "peak_mb": peak, "rows": pack.manifest.rows}


def main() -> None:
    """Build the register, make the pack three times, print the figures."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--people", type=int, default=1_000_000)
    with register(asked.parse_args().people) as service:
        for _ in range(3):
            print(json.dumps(measure(service)), flush=True)


if __name__ == "__main__":
    main()
