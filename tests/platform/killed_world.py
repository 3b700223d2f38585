"""A served installation that is killed at random under load: who writes asks until answered, and counts what was."""

import random
import threading
import time
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

import psutil
import requests
from platform_serving import get
from sqlalchemy import text

from scoring_service.runtime.embedded import EmbeddedServer
from scoring_service.runtime.keys import with_keys
from scoring_service.runtime.start import application_service
from scoring_service.services.standing.proof import check_standings, verify_ledger
from scoring_service.settings import Settings

PEOPLE, SCORERS, AGREERS, READERS = 24, 4, 2, 2
PATIENCE_SECONDS = 90
FIRST_DAY, STANDING_DAY, DECIDED_ON = date(2025, 2, 1), "2026-10-01", "2026-09-01"


class Caller:
    """One account; a call is repeated, with one idempotency key, until it is answered for good."""

    def __init__(self, port, name, token=None):
        self._base, self._token = f"http://127.0.0.1:{port}/api/v1", token
        self.unanswered, self.answered_at = Counter(), []
        if token is None:
            signing = {"username": name, "password": f"demo-{name}"}
            self._token = self.call("POST", "/auth/token", signing)["access_token"]

    def call(self, method, path, body=None):
        key, until = str(uuid.uuid4()), time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            answer = self._once(method, path, body, key)
            if answer is not None and answer.ok:
                self.answered_at.append(time.monotonic())
                return answer.json()
            if answer is not None and answer.status_code not in {409, 503}:
                raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
            if answer is not None and answer.status_code == 409 and "idempotency_in_progress" not in answer.text:
                raise AssertionError(f"{method} {path}: {answer.text}")
            self.unanswered["no answer" if answer is None else answer.status_code] += 1
            time.sleep(0.1)
        raise AssertionError(f"{method} {path}: not answered in {PATIENCE_SECONDS} s: {self.unanswered}")

    def _once(self, method, path, body, key):
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if method == "POST" and self._token:
            headers["Idempotency-Key"] = key
        try:
            return requests.request(method, f"{self._base}{path}", json=body, headers=headers, timeout=30)
        except requests.RequestException:
            return None


@dataclass
class Acknowledged:
    """What was answered: documents scored by person, days agreed with each institution."""

    scored: dict = field(default_factory=dict)
    agreed: Counter = field(default_factory=Counter)
    answers: int = 0


class KilledWorld:
    """People, institutions, who scores, agrees and asks, and what they were told."""

    def __init__(self, port, tokens=None):
        self.known, self.faults = Acknowledged(), []
        names = ("admin", "clerk", "reviewer", "settlement")
        callers = (Caller(port, name, tokens and tokens[name]) for name in names)
        self.admin, self.clerk, self.reviewer, self.settlement = callers
        self._leaving = threading.Event()
        self._threads = []
        for number in range(AGREERS):
            agreement = {"from": "2025-01-01", "until": str(FIRST_DAY)}
            body = {"code": place(number), "name": "安和医院", "kind": "hospital", "region": "150402"}
            self.admin.call("POST", "/institutions", body | {"agreement": agreement})
        for number in range(PEOPLE):
            self.admin.call("POST", "/practitioners", person(number))
            self.known.scored[number] = []
        asked = self.settlement.call("GET", f"/eligibility/{code(0)}?service_time={STANDING_DAY}")
        self.first_revision = asked["revision"]

    def start(self):
        acts = [(self.score, number) for number in range(SCORERS)]
        acts += [(self.agree, number) for number in range(AGREERS)]
        acts += [(self.ask, number) for number in range(READERS)]
        self._threads = [threading.Thread(target=self._at_work, args=act) for act in acts]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._leaving.set()
        for thread in self._threads:
            thread.join()

    def _at_work(self, act, number):
        chance = random.Random(number)
        try:
            while not self._leaving.is_set() and not self.faults:
                act(chance, number)
        except Exception as error:  # noqa: BLE001 -- told by the main thread.
            self.faults.append(repr(error))

    def score(self, chance, number):
        """Score one of the scorer's own people by a document of its own."""
        mine, document = chance.choice(range(number, PEOPLE, SCORERS)), str(uuid.uuid4())
        handling = {"kind": "penalty", "authority": "赤峰市医疗保障局", "document_no": document, "decided_on": DECIDED_ON}
        finding = {"practitioner": code(mine), "item": "fictitious_services", "degree": "main"}
        finding |= {"points": 1, "reason": "依责任程度"}
        body = {"institution": place(mine % AGREERS), "handling": handling, "summary": "检查", "findings": [finding]}
        case = self.clerk.call("POST", "/cases", body)["id"]
        self.clerk.call("POST", f"/cases/{case}/submit")
        self.reviewer.call("POST", f"/cases/{case}/approve", {"effective_on": None})
        self.known.scored[mine].append(document)

    def agree(self, _chance, number):
        """Agree with the institution for one day more."""
        day = FIRST_DAY + timedelta(days=self.known.agreed[number])
        body = {"from": str(day), "until": str(day + timedelta(days=1))}
        self.admin.call("POST", f"/institutions/{place(number)}/agreements", body)
        self.known.agreed[number] += 1

    def ask(self, chance, _number):
        """Ask about a person and a day that was agreed: the answer holds what was acknowledged before."""
        mine = chance.randrange(PEOPLE)
        at = mine % AGREERS
        least, agreed = self.first_revision + len(self.known.scored[mine]), self.known.agreed[at]
        day = FIRST_DAY + timedelta(days=agreed - 1)
        query = f"service_time={day}&institution={place(at)}"
        answer = self.settlement.call("GET", f"/eligibility/{code(mine)}?{query}")
        self.known.answers += 1
        if answer["revision"] < least or (agreed and answer["reason"] == "institution_not_contracted"):
            self.faults.append(f"{query} of {code(mine)}: {answer} is older than revision {least}")


def code(number):
    return f"D150402{700_001 + number}"


def place(number):
    return f"H150402{70_001 + number}"


def person(number, places=AGREERS):
    """Return the body that registers a person at one of so many institutions."""
    at = [{"institution": place(number % places), "from": "2025-01-01", "until": None}]
    body = {"code": code(number), "name": "张安", "category": "doctor", "registered_on": "2025-01-01"}
    return body | {"affiliations": at, "commitment_signed_on": "2024-12-20"}


def victims(data_dir, process):
    """Return what can be killed by its kind: workers, the scheduler, the postmaster, its backends."""
    kinds = {"worker": [], "scheduler": [], "postmaster": [], "backend": []}
    for child in psutil.Process(process.pid).children():
        with suppress(psutil.Error):
            kinds["scheduler" if "scheduler" in child.cmdline() else "worker"].append(child)
    postmaster = EmbeddedServer(data_dir=data_dir)._running()
    if postmaster is not None:
        kinds["postmaster"].append(postmaster)
        with suppress(psutil.Error):
            kinds["backend"] += [child for child in postmaster.children() if "idle" in child.cmdline()[0]]
    return {kind: found for kind, found in kinds.items() if found}


def kill_one(data_dir, process, chance):
    """Kill one of them; return its kind."""
    kinds = victims(data_dir, process)
    kind = chance.choice(sorted(kinds))
    try:
        of_database = sessions(kinds["postmaster"][0]) if kind in {"postmaster", "backend"} else []
        chance.choice(kinds[kind]).kill()
    except psutil.NoSuchProcess:
        return kill_one(data_dir, process, chance)
    # Until they are gone too, a backend may still say that the service is ready.
    psutil.wait_procs(of_database, PATIENCE_SECONDS)
    return kind


def sessions(postmaster):
    """Return the backends that serve somebody; they end when another of them or the postmaster is killed."""
    backends = []
    for child in postmaster.children():
        with suppress(psutil.Error):
            backends += [child] if "scoring_app" in child.cmdline()[0] else []
    return backends


def wait_for_another(data_dir, process, victim):
    """Wait until one of its kind has taken the place of a killed worker."""
    until = time.monotonic() + PATIENCE_SECONDS
    while {worker.pid for worker in victims(data_dir, process).get("worker", [])} <= {victim.pid}:
        assert time.monotonic() < until, "no other worker came"
        time.sleep(0.02)


def wait_ready(port):
    """Wait until the service says that it is ready; return the seconds."""
    began, last = time.monotonic(), None
    while time.monotonic() - began < PATIENCE_SECONDS:
        try:
            last = get(port, "/readyz")
            if last[0] == 200:
                return time.monotonic() - began
        except OSError as error:
            last = error
        time.sleep(0.05)
    raise AssertionError(f"not ready again in {PATIENCE_SECONDS} s: {last}")


def check(world, scores, agreed):
    """What was acknowledged is there once, nothing is there twice, and the present answers hold all of it."""
    assert not world.faults, world.faults
    acknowledged = [document for documents in world.known.scored.values() for document in documents]
    assert {document: scores.get(document) for document in acknowledged} == dict.fromkeys(acknowledged, 1)
    assert set(scores.values()) == {1}
    own = {place(number) for number in range(AGREERS)}
    assert {place(number): days for number, days in world.known.agreed.items()} == {
        each: days for each, days in agreed.items() if each in own and days
    }
    for number, documents in world.known.scored.items():
        asked = f"/eligibility/{code(number)}?service_time={STANDING_DAY}"
        answer = world.settlement.call("GET", asked)
        known = f"&known_at={answer['known_at'].replace('+', '%2B')}&revision={answer['revision']}"
        assert answer["revision"] == world.first_revision + len(documents)
        assert world.settlement.call("GET", asked + known) == answer
    days = sum(world.known.agreed.values())
    return f"{len(acknowledged)} scores, {days} agreements, {world.known.answers} answers"


def prove(data_dir):
    """The ledger verifies and the cache is its fold. Returns scores by document and agreements by institution."""
    settings = with_keys(Settings(data_dir=data_dir, demo="accounts"))
    service = application_service(settings, EmbeddedServer(data_dir=data_dir).addresses())
    try:
        return proven(service)
    finally:
        service.engine.dispose()
        service.present_copy.marks.close()


def proven(service):
    """Prove ledger and cache of a service; return as `prove`."""
    faults = [*verify_ledger(service)[1], *check_standings(service)[1]]
    assert not faults, faults
    with service.engine.connect() as conn:
        scores = text(
            "SELECT c.document_no, count(*) FROM entries e JOIN cases c ON c.id = e.case_id"
            " WHERE e.kind = 'score' GROUP BY 1"
        )
        agreements = text("SELECT institution_code, count(*) - 1 FROM agreements GROUP BY 1")
        return dict(conn.execute(scores).all()), dict(conn.execute(agreements).all())
