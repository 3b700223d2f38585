"""Every page of the console on the demo, as `make run` shows it: `python -m bench.demo_pages`.

The clock is simulated and stands a month on, so that the demo's terminated people may register again.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import requests
from werkzeug.routing import Map

from bench.pages import Visitor, tell
from bench.stage import free_port, started, unwind_when_stopped
from scoring_service.app import create_app
from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.db.engine import make_engine
from scoring_service.runtime.assembly import make_service
from scoring_service.runtime.embedded import EmbeddedServer
from scoring_service.runtime.keys import with_keys
from scoring_service.settings import Settings

SECONDS_TO_START = 300
USERNAME = re.compile(r'name="username" value="([^"]+)"')
SEEDS = {"clerk": ["/people?status=terminated", "/"]}


def main() -> None:
    unwind_when_stopped()
    month_on = (datetime.now(CIVIL_ZONE) + timedelta(days=31)).isoformat(timespec="seconds")
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as folder:
        port = free_port()
        chosen = {"SCORING_DATA_DIR": folder, "SCORING_PORT": str(port)}
        chosen |= {"SCORING_CLOCK": "simulated", "SCORING_CLOCK_START": month_on}
        with started([sys.executable, "-m", "scoring_service", "serve"], chosen):
            wait_until_ready(port)
            names = USERNAME.findall(requests.get(f"http://127.0.0.1:{port}/demo", timeout=5).text)
            visitors = {Visitor(port, name, f"demo-{name}"): SEEDS.get(name, ["/"]) for name in names}
            tell(visitors, rules_of(Path(folder)))


def wait_until_ready(port: int) -> None:
    for _ in range(SECONDS_TO_START):
        try:
            if requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(1)
    raise SystemExit("the demo did not start")


def rules_of(folder: Path) -> Map:
    """Return the addresses of the console; the service behind them is not asked."""
    settings = with_keys(Settings(data_dir=folder, demo="off"))
    addresses = EmbeddedServer(data_dir=folder).addresses()
    return create_app(settings, make_service(settings, make_engine(addresses.application))).url_map


if __name__ == "__main__":
    main()
