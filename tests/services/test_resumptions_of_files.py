"""What only the use cases can show of resumptions: measures, and decisions that wait for the file's lock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from case_world import finding
from sqlalchemy import select
from test_due_process_races import SECONDS, kinds, made, overtake, service, wait_until_someone_waits

from scoring_service.core.entries import EntryKind
from scoring_service.db.tables import audit_log, resumptions
from scoring_service.problems import Conflict, Problem, Settled
from scoring_service.services.cases.approval import approve as approve_case
from scoring_service.services.proposals.resumption_decisions import approve
from scoring_service.services.proposals.resumptions import file_resumption
from scoring_service.services.standing.ways_back import window_on
from scoring_service.services.years.changing import changing

__all__ = ["made", "overtake", "service"]

THERE = "H37010200001"
WINDOW = date(2025, 7, 18)


def suspended(world):
    """Somebody at an institution where a suspension ends on application: for two months from 3 June 2025."""
    world.institution(THERE, region="370102")
    person = world.person(at=THERE)
    world.approved(finding(person, 9, reason="情节严重"), institution=THERE)
    return person


def applied(world, person):
    world.account("clinic", "institution", institution=THERE)
    return file_resumption(world.work("clinic"), practitioner=person, statement="已完成整改").id


def measure(world, person, until):
    """What a measure against the institution makes of the person: suspended, until a day or for as long as it holds."""
    with changing(world.work("admin"), [person]) as files:
        [case] = {entry.id for entry in files[person].before.entries}
        files[person].post(
            EntryKind.MEASURE,
            effective_on=WINDOW,
            rulebook=files[person].before.entries[0].rulebook,
            effect="suspension",
            from_on=WINDOW,
            until_on=until,
            case_id=case,
        )


def test_while_a_measure_holds_nothing_is_resumed(world):
    person = suspended(world)
    world.set_today(WINDOW)
    measure(world, person, None)
    world.set_today(date(2025, 7, 21))
    with pytest.raises(Conflict) as refused:
        applied(world, person)
    assert refused.value.code == "sanction_running"


def test_after_a_measure_has_ended_the_own_suspension_is_resumed_at_no_loss(world):
    person = suspended(world)
    world.set_today(WINDOW)
    measure(world, person, date(2025, 9, 1))
    world.set_today(date(2025, 9, 1))
    granted = approve(world.work("reviewer"), applied(world, person))
    assert granted.resumes_on == date(2025, 8, 3)


def test_what_lapses_is_written_though_it_is_refused(world):
    person = suspended(world)
    world.set_today(WINDOW)
    application = applied(world, person)
    world.approved(finding(person, 1, reason="再犯"), institution=THERE, decided_on=date(2025, 7, 17))
    work = world.work("reviewer")
    with pytest.raises(Settled) as refused, work.attempt():
        approve(work, application)
    assert refused.value.code == "too_early"
    work.close()
    row = world.conn.execute(select(resumptions)).one()
    assert (row.state, row.lapsed_because, row.decided_by) == ("lapsed", "too_early", "reviewer")
    actions = set(world.conn.execute(select(audit_log.c.action)).scalars())
    assert "resumption.lapsed" in actions


def test_the_window_is_that_of_the_last_term_and_of_its_rulebook(world):
    person = suspended(world)
    with changing(world.work("system"), [person]) as files:
        window = window_on(world.service.calendar, files[person].before.folded(), date(2025, 6, 10))
    assert (window.rulebook.id, window.ends_on) == ("on_application", date(2025, 8, 3))
    assert (window.apply_from, window.apply_by) == (date(2025, 7, 14), date(2025, 7, 18))
    due = world.service.calendar.deadline(window.apply_by, window.rulebook.resumption_evaluation_working_days)
    assert due.last_day < window.ends_on
    assert window_on(world.service.calendar, files[person].before.folded(), date(2025, 6, 2)) is None


def test_an_application_approved_twice_is_granted_once(service, made, overtake):
    def recorded(world):
        person = suspended(world)
        world.set_today(WINDOW)
        return applied(world, person)

    application, actors = made(recorded)
    assert overtake(actors, approve, application, application) == "resumption_state"
    assert kinds(service) == ["score", "resumption"]


def test_a_score_that_is_approved_first_makes_the_application_lapse(service, made, owner):
    """The approval that adds a point is held open; the resumption that waits for it then lapses, and that stays."""

    def recorded(world):
        person = suspended(world)
        world.set_today(WINDOW)
        case = world.submitted(
            finding(person, 1, reason="再犯"), institution=THERE, decided_on=date(2025, 7, 17)
        )
        return applied(world, person), case.id

    (application, case), actors = made(recorded)

    def granted():
        with pytest.raises(Problem) as refused, service.work(actors[1]) as work:
            approve(work, application)
        return refused.value.code

    with ThreadPoolExecutor(1) as pool:
        with service.work(actors[0]) as work:
            approve_case(work, case)
            waiting = pool.submit(granted)
            wait_until_someone_waits(owner)
        assert waiting.result(SECONDS) == "too_early"
    assert kinds(service) == ["score", "score"]
    with service.engine.connect() as conn:
        assert conn.execute(select(resumptions.c.state)).scalar_one() == "lapsed"
