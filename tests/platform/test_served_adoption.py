"""A rulebook adopted by a command while workers serve on the real clock: each worker answers by it at once."""

import json
import subprocess
import sys
import urllib.request
from datetime import timedelta

from platform_serving import environment, serving

from scoring_service.clock import real_now
from scoring_service.law.rulebooks import RULEBOOKS_DIRECTORY

COMMAND = [sys.executable, "-m", "scoring_service"]
HANDS = {
    "zheng": "office.admin",
    "gao": "office.admin",
    "ann": "office.clerk",
    "rev": "office.reviewer",
    "settle": "settlement",
}
PLACE, PERSON = "H15040299991", "D150402999991"
QUESTIONS = 12


class Served:
    """The API on a port, each call by somebody's token."""

    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}/api/v1"
        self.tokens = {
            name: self.call(None, "POST", "/auth/token", {"username": name, "password": secret(name)})["access_token"] for name in HANDS
        }

    def call(self, name, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if name is not None:
            headers["Authorization"] = f"Bearer {self.tokens[name]}"
        content = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.base + path, method=method, data=content, headers=headers)  # noqa: S310 -- of the loopback
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 -- of the loopback
            return json.load(answer)

    def line(self, day, **known):
        query = "&".join(f"{name}={value}" for name, value in {"service_time": day, "institution": PLACE, "emergency": "true", **known}.items())
        return self.call("settle", "GET", f"/eligibility/{PERSON}?{query}")

    def reasons(self, day):
        """What is answered many times over, whichever worker answers."""
        return {self.line(day)["reason"] for _ in range(QUESTIONS)}


def secret(name):
    return f"the password of {name}"


def terminate_person(served):
    """Register somebody and score twelve points against them."""
    since = {"from": "2025-01-01", "until": None}
    place = {"code": PLACE, "name": "院", "kind": "hospital", "region": "150402", "agreement": since}
    served.call("zheng", "POST", "/institutions", place)
    person = {"code": PERSON, "name": "张", "category": "doctor", "registered_on": "2025-01-01"}
    person |= {"commitment_signed_on": "2025-01-01", "affiliations": [{"institution": PLACE} | since]}
    served.call("zheng", "POST", "/practitioners", person)
    decided_on = f"{real_now().date() - timedelta(days=2)}"
    handling = {"kind": "penalty", "authority": "局", "document_no": "1", "decided_on": decided_on}
    finding = {"practitioner": PERSON, "item": "fictitious_services", "degree": "main", "points": 12, "reason": "核实"}
    case = {"institution": PLACE, "handling": handling, "summary": "检查", "findings": [finding]}
    made = served.call("ann", "POST", "/cases", case)["id"]
    served.call("ann", "POST", f"/cases/{made}/submit")
    served.call("rev", "POST", f"/cases/{made}/approve", {})


def changed_file(folder, day):
    text = (RULEBOOKS_DIRECTORY / "national.yaml").read_text(encoding="utf-8")
    before, name, after = text.partition("  emergency_covers_termination:\n")
    title, values, rest = after.partition("    values:\n")
    path = folder / "national.yaml"
    dated = f"      {day}: {{value: false, source: A, verified: true}}\n"
    path.write_text(before + name + title + values + dated + rest, encoding="utf-8")
    return path


def test_every_worker_answers_by_an_adopted_file_at_once(data_dir, port, tmp_path):
    settings = environment(data_dir, port)

    def run(*arguments, name):
        done = subprocess.run([*COMMAND, *arguments, "--password-stdin"], input=f"{secret(name)}\n", env=settings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    for number, (name, role) in enumerate(HANDS.items()):
        run("user", "add", name, "--role", role, "--staff-no", f"N{number}", name=name)
    day = real_now().date() + timedelta(days=40)
    path = changed_file(tmp_path, day)
    with serving(data_dir, port, output=subprocess.DEVNULL):
        served = Served(port)
        terminate_person(served)
        assert served.reasons(day) == {"emergency_exception"}
        then = served.line(day)
        run("rulebooks", "adopt", str(path), "--as", "zheng", name="zheng")
        assert served.reasons(day) == {"emergency_exception"}
        run("rulebooks", "adopt", str(path), "--as", "gao", "--approve", name="gao")
        assert served.reasons(day) == {"terminated"}
        assert served.reasons(day - timedelta(days=1)) == {"emergency_exception"}
        known_at = then["known_at"].replace("+", "%2B")
        assert served.line(day, known_at=known_at, revision=then["revision"]) == then
