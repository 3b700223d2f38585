"""Killed at random under load: what was acknowledged is there once, the ledger proves itself, the service is back."""

import random
import subprocess
import time
from collections import Counter
from contextlib import suppress

import psutil
import pytest
from killed_world import (
    PATIENCE_SECONDS,
    KilledWorld,
    check,
    kill_one,
    prove,
    victims,
    wait_for_another,
    wait_ready,
)
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
                began = time.monotonic()
                killed[kill_one(data_dir, process, chance)] += 1
                wait_ready(port)
                longest = max(longest, time.monotonic() - began)
                prove(data_dir)
                assert not world.faults, world.faults
        finally:
            world.stop()
        wait_ready(port)
        counted = check(world, *prove(data_dir))
    return f"killed {dict(killed)}; {counted}; ready again after at most {longest:.1f} s"


def test_twenty_kills_lose_and_double_nothing(data_dir, port):
    print(_killed(data_dir, port, 20))  # noqa: T201 -- figures


def test_workers_killed_as_they_come_are_started_again(data_dir, port):
    with serving(data_dir, port, output=subprocess.DEVNULL, SCORING_WORKERS="1") as process:
        for _ in range(2):
            [worker] = victims(data_dir, process)["worker"]
            worker.kill()
            wait_for_another(data_dir, process, worker)
            wait_ready(port)
        assert process.poll() is None


def test_workers_that_never_live_for_long_end_the_service(data_dir, port):
    with serving(data_dir, port, output=subprocess.DEVNULL, SCORING_WORKERS="1") as process:
        until = time.monotonic() + PATIENCE_SECONDS
        while process.poll() is None and time.monotonic() < until:
            with suppress(psutil.NoSuchProcess):
                for worker in victims(data_dir, process).get("worker", ()):
                    worker.kill()
            time.sleep(0.05)
        assert process.wait(20) == 1


@pytest.mark.soak
def test_two_hundred_kills_lose_and_double_nothing(data_dir, port):
    print(_killed(data_dir, port, 200))  # noqa: T201 -- figures
