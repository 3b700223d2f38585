"""Approvals on connections of their own. Each of these fails when the lock it is about is taken away."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from case_world import build, finding, make_service
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from scoring_service.db.standing import computed_rows, stored_rows
from scoring_service.db.tables import cases, entries, notices, standing_totals
from scoring_service.problems import Conflict
from scoring_service.services.cases.approval import approve

SECONDS = 10


@pytest.fixture
def service(fresh_engine):
    return make_service(fresh_engine)


@pytest.fixture
def made(service):
    """Build a world and keep it: `made(cases)` commits what the function drafts in it, and the reviewers' accounts."""

    def commit(draft):
        with service.engine.begin() as conn:
            world = build(service, conn)
            world.account("second-reviewer", "office.reviewer")
            drafted = draft(world)
            actors = [world.actor("reviewer"), world.actor("second-reviewer")]
        return drafted, actors

    return commit


def approving(service, actor, case_id):
    try:
        with service.work(actor) as work:
            return approve(work, case_id).state
    except Conflict as refused:
        return (refused.code, refused.extra["state"])


@pytest.fixture
def hold_and_overtake(service, owner):
    """Approve `held`, and before its commit let the other reviewer approve `second`; the latter's outcome."""

    def run(actors, held, second):
        with ThreadPoolExecutor(1) as pool:
            with service.work(actors[0]) as work:
                approve(work, held)
                overtaking = pool.submit(approving, service, actors[1], second)
                wait_until_someone_waits(owner)
            return overtaking.result(SECONDS)

    return run


def wait_until_someone_waits(owner):
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with owner.connect() as conn:
            if conn.execute(waiting).scalar_one():
                return
        time.sleep(0.02)
    pytest.fail("nobody waited for the lock")


def points_of(engine):
    with engine.connect() as conn:
        return list(conn.execute(select(entries.c.points).order_by(entries.c.seq)).scalars())


def test_a_case_approved_twice_at_the_same_moment_posts_once(service, made, hold_and_overtake):
    case_id, actors = made(lambda world: world.submitted(finding(world.person())).id)
    assert hold_and_overtake(actors, case_id, case_id) == ("case_state", "approved")
    assert points_of(service.engine) == [5]


def test_two_cases_on_one_file_approved_at_the_same_moment_add_up(service, made, hold_and_overtake):
    def draft(world):
        person = world.person()
        return person, [world.submitted(finding(person, 6, act=act)).id for act in "AB"]

    (person, [first, second]), actors = made(draft)
    assert hold_and_overtake(actors, first, second) == "approved"
    assert points_of(service.engine) == [6, 6]
    with service.engine.connect() as conn:
        assert stored_rows(conn, [person]) == computed_rows(conn, [person])
        assert conn.execute(select(standing_totals.c.points)).scalar_one() == 12
        told = conn.execute(select(notices.c.kind).where(notices.c.addressee_kind == "practitioner")).scalars()
        assert sorted(told) == ["score", "score", "termination", "warning"]


def test_reviewers_who_start_together_post_once(service, made):
    case_ids, actors = made(lambda world: [world.submitted(finding(world.person())).id for _ in range(5)])
    for case_id in case_ids:
        barrier = Barrier(2)

        def race(actor, case_id=case_id, barrier=barrier):
            barrier.wait(SECONDS)
            return approving(service, actor, case_id)

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(race, actors))
        assert sorted(outcomes, key=str) == [("case_state", "approved"), "approved"]
    assert points_of(service.engine) == [5] * 5


def test_cases_with_the_same_people_in_another_order_do_not_wait_for_each_other(service, made):
    def draft(world):
        one, other = world.person(), world.person()
        return [
            [world.submitted(*(finding(person) for person in order)).id for order in ((one, other), (other, one))]
            for _ in range(5)
        ]

    pairs, actors = made(draft)
    for pair in pairs:
        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(lambda actor, case_id: approving(service, actor, case_id), actors, pair))
        assert outcomes == ["approved", "approved"]


def test_nothing_is_kept_of_an_approval_that_fails_midway(service, made, owner):
    case_id, actors = made(lambda world: world.submitted(finding(world.person())).id)
    with owner.begin() as conn:
        conn.execute(text("ALTER TABLE notices ADD CONSTRAINT broken CHECK (kind <> 'score')"))
    with pytest.raises(IntegrityError), service.work(actors[0]) as work:
        approve(work, case_id)
    with service.engine.connect() as conn:
        assert conn.execute(select(cases.c.state)).scalar_one() == "submitted"
        assert conn.execute(select(func.count()).select_from(entries)).scalar_one() == 0
        assert conn.execute(select(func.count()).select_from(standing_totals)).scalar_one() == 0
    with owner.begin() as conn:
        conn.execute(text("ALTER TABLE notices DROP CONSTRAINT broken"))
    assert approving(service, actors[0], case_id) == "approved"
