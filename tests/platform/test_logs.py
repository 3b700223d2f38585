"""What is logged, and above all what is not."""

import json
import subprocess
import sys

PROGRAM = """
import logging
import structlog
from flask import Flask
from scoring_service.telemetry.requests import watch_requests
from scoring_service.telemetry.logs import configure_logs

configure_logs("info")
app = Flask("test")
watch_requests(app)

@app.get("/people/<code>")
def person(code):
    try:
        raise ValueError(f"no row for {code}")
    except ValueError:
        structlog.get_logger("ours").exception("read failed")
        logging.getLogger("scoring_service.any").exception("read failed too")
    return {}

client = app.test_client()
client.get("/people/D150402000123?name=Zhang")
client.get("/nowhere/D150402000123")
configure_logs("warning")
client.get("/people/D150402000123")
"""


def test_every_line_is_json_and_none_tells_of_a_person():
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    assert "D150402000123" not in ran.stderr
    assert "Zhang" not in ran.stderr
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    access = [line for line in lines if line["event"] == "request"]
    assert [(line["method"], line["route"], line["status"]) for line in access] == [
        ("GET", "/people/<code>", 200),
        ("GET", "-", 404),
    ]
    failures = [line for line in lines if line["event"].startswith("read failed")]
    assert [line["error"] for line in failures] == ["ValueError"] * 4
    assert all(line["place"][-1].endswith(" person") for line in failures)
    assert all(line["timestamp"] and line["level"] for line in lines)
