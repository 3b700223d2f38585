"""Eight who change files and institutions and eight who ask, over HTTP: no answer is older than what was acknowledged.

Every answer asked for again with its `known_at` and `revision` is the same.
"""

import random
import subprocess
import threading
import time
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
import requests
from killed_world import code, person, place
from platform_serving import serving

PEOPLE, PLACES, HANDS = 24, 8, 8
FIRST_DAY, STANDING_DAY = date(2025, 2, 1), "2026-10-01"


class Caller:
    """One account over HTTP."""

    def __init__(self, port, name):
        self._base, self._token = f"http://127.0.0.1:{port}/api/v1", None
        signed_in = self.call("POST", "/auth/token", {"username": name, "password": f"demo-{name}"})
        self._token = signed_in["access_token"]

    def call(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        answer = requests.request(method, f"{self._base}{path}", json=body, headers=headers, timeout=30)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()


@dataclass
class Acknowledged:
    """What the writers were told: the revision of each person's file, the last day agreed with each institution."""

    revisions: dict = field(default_factory=dict)
    agreed: dict = field(default_factory=dict)
    writes: int = 0


class World:
    def __init__(self, port, is_over):
        self.is_over = is_over
        self.known, self.answers, self.faults = Acknowledged(), [], []
        self.admin, self.clerk = Caller(port, "admin"), Caller(port, "clerk")
        self.reviewer, self.settlement = Caller(port, "reviewer"), Caller(port, "settlement")
        for number in range(PLACES):
            agreement = {"from": "2025-01-01", "until": str(FIRST_DAY)}
            body = {"code": place(number), "name": "安和医院", "kind": "hospital", "region": "150402"}
            self.admin.call("POST", "/institutions", body | {"agreement": agreement})
            self.known.agreed[number] = 0
        for number in range(PEOPLE):
            self.admin.call("POST", "/practitioners", person(number, PLACES))
            asked = self.settlement.call("GET", f"/eligibility/{code(number)}?service_time={STANDING_DAY}")
            self.known.revisions[number] = asked["revision"]

    def at_work(self, act, number):
        chance = random.Random(number)
        try:
            while not self.faults and not self.is_over(self.known.writes):
                act(chance, number)
        except Exception as error:  # noqa: BLE001 -- told by the main thread.
            self.faults.append(repr(error))

    def score(self, chance, number):
        """Score one of the writer's own people; the revision that the approval made is acknowledged by its answer."""
        mine = chance.choice(range(number, PEOPLE, HANDS))
        handling = {"kind": "penalty", "authority": "赤峰市医疗保障局", "decided_on": "2026-09-01"}
        handling["document_no"] = f"W{number}-{time.monotonic_ns()}"
        finding = {"practitioner": code(mine), "item": "fictitious_services", "degree": "main", "points": 1, "reason": "依责任"}
        body = {"institution": place(mine % PLACES), "handling": handling, "summary": "检查", "findings": [finding]}
        case = self.clerk.call("POST", "/cases", body)
        self.clerk.call("POST", f"/cases/{case['id']}/submit")
        self.reviewer.call("POST", f"/cases/{case['id']}/approve", {"effective_on": None})
        self.known.revisions[mine] += 1
        self.known.writes += 1
        self.ask(mine, f"service_time={STANDING_DAY}", self.known.revisions[mine])

    def agree(self, _chance, number):
        """Agree with the writer's own institution for one day more."""
        day = FIRST_DAY + timedelta(days=self.known.agreed[number])
        body = {"from": str(day), "until": str(day + timedelta(days=1))}
        self.admin.call("POST", f"/institutions/{place(number)}/agreements", body)
        self.known.agreed[number] += 1
        self.known.writes += 1
        self.ask_agreed(number, number, self.known.agreed[number])

    def read(self, chance, _number):
        mine = chance.randrange(PEOPLE)
        if chance.random() < 0.6:
            self.ask(mine, f"service_time={STANDING_DAY}", self.known.revisions[mine])
        else:
            at = mine % PLACES
            self.ask_agreed(mine, at, self.known.agreed[at])

    def ask(self, number, query, least):
        answer = self.settlement.call("GET", f"/eligibility/{code(number)}?{query}")
        self.answers.append((f"/eligibility/{code(number)}?{query}", answer))
        if answer["revision"] < least:
            self.faults.append(f"{code(number)}: {answer} is older than revision {least}")

    def ask_agreed(self, number, at, days):
        """Ask about the last day that is agreed, and about the next one."""
        for day, agreed in ((FIRST_DAY + timedelta(days=days - 1), True), (FIRST_DAY + timedelta(days=days), False)):
            query = f"service_time={day}&institution={place(at)}"
            answer = self.settlement.call("GET", f"/eligibility/{code(number)}?{query}")
            self.answers.append((f"/eligibility/{code(number)}?{query}", answer))
            if agreed and answer["reason"] == "institution_not_contracted":
                self.faults.append(f"{query}: {answer} is older than an agreement")

    def ask_again(self):
        """Return the answers that are others when asked for again as known then."""
        others = []
        for path, answer in self.answers:
            known = f"known_at={answer['known_at'].replace('+', '%2B')}&revision={answer['revision']}"
            again = self.settlement.call("GET", f"{path}&{known}")
            if again != answer:
                others.append((answer, again))
        return others


def _run(tmp_path, port, is_over):
    with serving(tmp_path / "data", port, output=subprocess.DEVNULL, SCORING_DEMO="accounts"):
        world = World(port, is_over)
        acts = [world.score] * (HANDS // 2) + [world.agree] * (HANDS // 2) + [world.read] * HANDS
        threads = [
            threading.Thread(target=world.at_work, args=(act, number % HANDS)) for number, act in enumerate(acts)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not world.faults, "\n".join(world.faults)
        others = world.ask_again()
        assert not others, others[:3]
    reasons = {answer["reason"] for _path, answer in world.answers}
    print(f"{world.known.writes} changes, {len(world.answers)} answers; {sorted(reasons)}")  # noqa: T201 -- figures
    return world


def test_no_answer_is_older_than_what_was_acknowledged(tmp_path, port):
    world = _run(tmp_path, port, lambda writes: writes >= 40)
    assert len(world.answers) > 80


@pytest.mark.soak
def test_nor_in_a_minute(tmp_path, port):
    end = []

    def is_over(_writes):
        end.extend([time.monotonic() + 60] if not end else [])
        return time.monotonic() > end[0]

    world = _run(tmp_path, port, is_over)
    assert world.known.writes > 500
    assert len(world.answers) > 5_000
