"""The drill: a backup under writes, and a restore to the second before a named entry, by the commands."""

import shutil
import subprocess
import threading
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
import requests
from click.testing import CliRunner
from killed_world import SCORERS, KilledWorld, check, proven
from platform_serving import serving
from sqlalchemy import select

from scoring_service.app import create_app
from scoring_service.cli import group
from scoring_service.clock import real_now
from scoring_service.db.tables import practitioners
from scoring_service.runtime.keys import with_keys
from scoring_service.runtime.start import opened
from scoring_service.settings import Settings

HOSPITAL = "H15040200001"


def call(method, port, path, token, body=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, f"http://127.0.0.1:{port}/api/v1{path}", json=body, headers=headers, timeout=30)


def done(answer):
    assert answer.ok, answer.text
    return answer.json()


class Office:
    """Hands at the served service, each act over HTTP."""

    def __init__(self, port):
        self.port = port
        self.tokens = {name: self._signed_in(name) for name in ("admin", "clerk", "reviewer")}

    def _signed_in(self, name):
        return self._post("/auth/token", None, {"username": name, "password": f"demo-{name}"})["access_token"]

    def register(self, code):
        person = {
            "code": code, "name": "李示例", "category": "doctor", "registered_on": "2025-01-01",
            "commitment_signed_on": "2025-01-01",
            "affiliations": [{"institution": HOSPITAL, "from": "2025-01-01", "until": None}],
        }  # fmt: skip
        return call("POST", self.port, "/practitioners", self.tokens["admin"], person)

    def approve(self, code, number):
        handling = {
            "kind": "penalty", "authority": "赤峰市医疗保障局", "document_no": f"演练〔{number}〕号",
            "decided_on": real_now().date().isoformat(),
        }  # fmt: skip
        finding = {"practitioner": code, "item": "overtreatment", "degree": "main", "points": 4}
        body = {"institution": HOSPITAL, "summary": "检查发现过度诊疗", "handling": handling, "findings": [finding]}
        case = self._post("/cases", self.tokens["clerk"], body)["id"]
        self._post(f"/cases/{case}/submit", self.tokens["clerk"], {})
        self._post(f"/cases/{case}/approve", self.tokens["reviewer"], {})

    def _post(self, path, token, body):
        return done(call("POST", self.port, path, token, body))

    @contextmanager
    def registering(self):
        """Register one person after the other as long as the block runs; give the codes with their times."""
        written, leaving = [], threading.Event()

        def write():
            while not leaving.is_set():
                code, asked = f"D15040291{len(written):04d}", real_now()
                status = self.register(code).status_code
                written.append((code, asked, real_now(), status))

        thread = threading.Thread(target=write)
        thread.start()
        try:
            yield written
        finally:
            leaving.set()
            thread.join()


@pytest.fixture
def run(monkeypatch):
    """A command of the service on a data folder; gives its exit code and what it said."""
    def command(data_dir, *arguments):
        monkeypatch.setenv("SCORING_DATA_DIR", str(data_dir))
        monkeypatch.setenv("SCORING_DEMO", "off")
        answer = CliRunner().invoke(group, [str(argument) for argument in arguments], catch_exceptions=False)
        assert answer.exit_code == 0, answer.output
        return answer.output

    return command


@contextmanager
def restored_app(folder):
    """The service on a restored data folder, asked without a server in between."""
    with opened(with_keys(Settings(data_dir=folder, demo="off"))) as service, service.engine.connect() as conn:
        yield create_app(service.settings, service).test_client(), conn


def test_a_restore_ends_at_the_second_before_a_named_entry(data_dir, port, tmp_path, run):
    backup, elsewhere = tmp_path / "backups" / "today", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with serving(data_dir, port, SCORING_DEMO="accounts"):
        office = Office(port)
        done(office.register("D150402900001"))
        with office.registering() as written:
            assert "The keys are not in it" in run(data_dir, "backup", "--out", backup)
            office.approve("D150402900001", 1)
            time.sleep(1.2)
            office.approve("D150402900001", 2)
        token = office.tokens["clerk"]
        named = done(call("GET", port, "/practitioners/D150402900001/ledger", token))["items"][-1]
        until = datetime.fromisoformat(named["recorded_at"]) - timedelta(seconds=1)
        path = "/practitioners/D150402900001/standing?" + urlencode({"known_at": until.isoformat()})
        standing = done(call("GET", port, path, token))
        (elsewhere / "keys.json").write_bytes((data_dir / "keys.json").read_bytes())
        said = run(elsewhere, "restore", "--from", backup, "--until", until.isoformat())
    assert "1 entries" in said
    assert ", 0 do not fit" in said
    with restored_app(elsewhere) as (client, conn):
        answer = client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
        there = set(conn.execute(select(practitioners.c.code)).scalars())
    assert answer.json == standing
    assert standing["points"] == 4
    assert {code for code, _, ended, status in written if status == 201 and ended <= until} <= there
    assert not {code for code, begun, _, _ in written if begun > until} & there
    assert len(there) < len(written)


def scores_of(folder):
    """Prove a restored folder; give its scores by document and its agreements by institution."""
    with opened(with_keys(Settings(data_dir=folder, demo="off"))) as service:
        return proven(service)


@pytest.mark.soak
def test_backups_under_load_have_what_was_acknowledged(data_dir, port, tmp_path, run):
    """Each of three backups is taken under load and restored to a moment of its own; the last one to the end too."""
    moments = []
    with serving(data_dir, port, output=subprocess.DEVNULL, SCORING_DEMO="accounts"):
        world = KilledWorld(port)
        world.start()
        for number in range(3):
            run(data_dir, "backup", "--out", tmp_path / f"backup{number}")
            time.sleep(3)
            known = [document for documents in list(world.known.scored.values()) for document in list(documents)]
            moments.append((real_now(), known))
        world.stop()
        shutil.copytree(data_dir, tmp_path / "keys", ignore=lambda _, names: {*names} - {"keys.json"})
        for number, (until, _) in enumerate(moments):
            shutil.copytree(tmp_path / "keys", tmp_path / f"restored{number}")
            until_then = ("--until", until.isoformat())
            print(run(tmp_path / f"restored{number}", "restore", "--from", tmp_path / f"backup{number}", *until_then))  # noqa: T201 -- figures
        shutil.copytree(tmp_path / "keys", tmp_path / "restored")
        run(tmp_path / "restored", "restore", "--from", tmp_path / "backup2")
        print(check(world, *scores_of(tmp_path / "restored")))  # noqa: T201 -- figures
    for number, (until, known) in enumerate(moments):
        scores = scores_of(tmp_path / f"restored{number}")[0]
        assert set(known) <= set(scores), until
        assert set(scores.values()) == {1}
        # A scorer's one document may be on its way while the known ones are written down.
        assert len(scores) <= len(known) + SCORERS
