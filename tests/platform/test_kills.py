"""Killed at random under load: what was acknowledged is there once, the ledger proves itself, the service is back."""

import random
import subprocess
import time
from collections import Counter

import pytest
from killed_world import KilledWorld, code, kill_one, place, prove, wait_ready
from platform_serving import serving


def _killed(data_dir, port, count):
    chance, killed, longest = random.Random(count), Counter(), 0.0
    with serving(data_dir, port, output=subprocess.DEVNULL, SCORING_DEMO="accounts") as process:
        world = KilledWorld(port)
        wait_ready(port)
        world.start()
        try:
            for _ in range(count):
                time.sleep(chance.uniform(0.1, 0.6))
                killed[kill_one(data_dir, process, chance)] += 1
                longest = max(longest, wait_ready(port))
                prove(data_dir)
                assert not world.faults, world.faults
        finally:
            world.stop()
        wait_ready(port)
        scores, agreed = prove(data_dir)
        assert not world.faults, world.faults
        acknowledged = [document for documents in world.known.scored.values() for document in documents]
        assert {document: scores.get(document) for document in acknowledged} == dict.fromkeys(acknowledged, 1)
        assert set(scores.values()) == {1}, "none is there twice"
        assert {place(number): days for number, days in world.known.agreed.items()} == {
            code: days for code, days in agreed.items() if code in {place(0), place(1)}
        }
        for number, documents in world.known.scored.items():
            asked = f"/eligibility/{code(number)}?service_time=2026-10-01"
            answer = world.settlement.call("GET", asked)
            known = f"&known_at={answer['known_at'].replace('+', '%2B')}&revision={answer['revision']}"
            assert answer["revision"] == world.first_revision + len(documents)
            assert world.settlement.call("GET", asked + known) == answer
    days = sum(world.known.agreed.values())
    counted = f"{len(acknowledged)} scores, {days} agreements, {world.known.answers} answers"
    return f"killed {dict(killed)}; {counted}; ready again after at most {longest:.1f} s"


def test_twenty_kills_lose_and_double_nothing(data_dir, port):
    print(_killed(data_dir, port, 20))  # noqa: T201 -- figures


@pytest.mark.soak
def test_two_hundred_kills_lose_and_double_nothing(data_dir, port):
    print(_killed(data_dir, port, 200))  # noqa: T201 -- figures
