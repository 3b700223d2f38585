"""Decisions on one file from two connections: each of these fails when the file's lock is taken away."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from case_world import build, finding, make_service
from consents import agreed
from sqlalchemy import select, text

from scoring_service.db.tables import entries
from scoring_service.problems import Problem
from scoring_service.services.cases.approval import approve
from scoring_service.services.proposals import corrections, remediation, reregistrations

SECONDS = 20


@pytest.fixture
def service(fresh_engine):
    return make_service(fresh_engine)


@pytest.fixture
def made(service):
    """`made(recorded)` commits what the function records in a new world, and two reviewers."""

    def commit(recorded, today=date(2025, 6, 2)):
        with service.engine.begin() as conn:
            world = build(service, conn, today)
            world.account("second-reviewer", "office.reviewer")
            return recorded(world), [world.actor("reviewer"), world.actor("second-reviewer")]

    return commit


def wait_until_someone_waits(owner):
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with owner.connect() as conn:
            if conn.execute(waiting).scalar_one():
                return
        time.sleep(0.02)
    pytest.fail("nobody waited for the lock")


@pytest.fixture
def overtake(service, owner):
    """Decide `held`, and before its commit let the other reviewer decide `second`; what the second was told."""

    def decided(actor, decide, thing):
        try:
            with service.work(actor) as work:
                return decide(work, thing).state
        except Problem as refused:
            return refused.code

    def run(actors, decide, held, second):
        with ThreadPoolExecutor(1) as pool:
            with service.work(actors[0]) as work:
                decide(work, held)
                overtaking = pool.submit(decided, actors[1], decide, second)
                wait_until_someone_waits(owner)
            return overtaking.result(SECONDS)

    return run


def application(world, person, day=1, effect="points"):
    filed = remediation.file_application(
        world.work("clerk"),
        practitioner=person,
        activity="online_course",
        completed_on=date(2025, 5, day),
        effect=effect,
        evidence="结业证书",
    )
    return agreed(world.work("clerk"), filed)


def kinds(service):
    with service.engine.connect() as conn:
        return list(conn.execute(select(entries.c.kind).order_by(entries.c.recorded_at)).scalars())


def test_an_application_approved_twice_is_granted_once(service, made, overtake):
    def recorded(world):
        person = world.person()
        world.approved(finding(person))
        return application(world, person)

    filed, actors = made(recorded)
    assert overtake(actors, remediation.approve, filed, filed) == "application_state"
    assert kinds(service) == ["score", "points_credit"]


def test_an_activity_approved_as_points_and_as_term_serves_once(service, made, overtake):
    def recorded(world):
        person = world.person()
        world.approved(finding(person, 9, reason="情节严重"))
        return [application(world, person, effect=effect) for effect in ("points", "term")]

    [points, term], actors = made(recorded)
    assert overtake(actors, remediation.approve, points, term) == "activity_used"
    assert kinds(service) == ["score", "points_credit"]


@pytest.mark.parametrize("limit", [(6, 3, "credit_cap_reached"), (1, 0, "nothing_to_credit")])
def test_the_last_point_is_given_once(service, made, overtake, limit):
    score, given, refused = limit

    def recorded(world):
        person = world.person()
        world.approved(finding(person, score, reason="情节如处理决定所述"))
        filed = [application(world, person, day) for day in range(1, given + 3)]
        for each in filed[:given]:
            remediation.approve(world.work("reviewer"), each)
        return filed[given:]

    [one, other], actors = made(recorded)
    assert overtake(actors, remediation.approve, one, other) == refused
    assert kinds(service) == ["score", *["points_credit"] * (given + 1)]


def test_two_corrections_of_one_entry_are_judged_one_after_the_other(service, made, overtake):
    def recorded(world):
        case = world.approved(finding(world.person()))
        return [
            corrections.draft(
                world.work("clerk"),
                case.findings[0].entry,
                value=value,
                basis="clerical",
                document_no="更正1号",
                reason="录入有误",
            ).id
            for value in (2, 4)
        ]

    [lower, higher], actors = made(recorded)
    assert overtake(actors, corrections.approve, lower, higher) == "invalid"
    assert kinds(service) == ["score", "correction"]


def test_a_person_starts_anew_once(service, made, overtake):
    def recorded(world):
        person = world.person()
        world.approved(finding(person, 12, reason="情节特别严重"))
        world.set_today(date(2028, 6, 3))
        day = date(2028, 6, 3)
        proposal = {"on": day, "affiliations": [], "commitment_signed_on": day}
        return reregistrations.propose(world.work("clerk"), person, **proposal).id

    proposed, actors = made(recorded)
    assert overtake(actors, reregistrations.approve, proposed, proposed) == "reregistration_state"
    assert kinds(service) == ["score", "reregistration"]


def test_a_credit_and_a_termination_on_one_file_do_not_miss_each_other(service, made, owner):
    """The approval that terminates is held open; the credit that waits for it is then refused."""

    def recorded(world):
        person = world.person()
        world.approved(finding(person, 8, reason="情节较重"))
        return application(world, person), world.submitted(finding(person, 12, reason="情节特别严重")).id

    (filed, case_id), actors = made(recorded)

    def credited():
        with pytest.raises(Problem) as refused, service.work(actors[1]) as work:
            remediation.approve(work, filed)
        return refused.value.code

    with ThreadPoolExecutor(1) as pool:
        with service.work(actors[0]) as work:
            approve(work, case_id)
            waiting = pool.submit(credited)
            wait_until_someone_waits(owner)
        assert waiting.result(SECONDS) == "terminated"
    assert kinds(service) == ["score", "score"]
